"""Raw text of one line after its indentation and dashes: whether it is a key, and which.

Knows which keys and lists are open, and so where only a key can stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from worker.yaml_reader.characters import COLONS, QUOTES, plain
from worker.yaml_reader.scan import BLANKS, COLON, FULL_COLON
from worker.yaml_reader.value_scan import TAB, Open, ValueScan

_COMMENT = re.compile(f"[{''.join(BLANKS)}]#")
_AFTER_KEY = "".join(BLANKS) + ":" + "".join(COLONS)
_COLONS = COLONS | {":"}
_NO_PLAIN_KEY = frozenset("[{|>#?,]}")


@dataclass(slots=True)
class KeyScan(ValueScan):
    """Keys, by what is open above them."""

    keyless: tuple[int, int] | None = None
    """The text that may go on in the next line, where keys stand elsewhere."""

    def begin_document(self) -> None:
        """Forget what is open."""
        self.open.clear()
        self.text = None

    def open_item(self, column: int) -> None:
        """A dash of a list.

        Args:
            column: where it stands, from 0.
        """
        self._close(column)
        if self.open and self.open[-1] == Open(column, None):
            self.open.pop()
        self.open.append(Open(column, None))

    def _close(self, column: int) -> None:
        while self.open and self.open[-1].column > column:
            self.open.pop()

    def is_other_key(self, column: int, at: int, end: int) -> bool:
        """Whether YAML's other way of writing a key and its value (`? key`, `: value`) begins here, and go over it.

        Args:
            column: where it stands, from 0.
            at: its offset.
            end: of the line.
        """
        if self.scan.text[at] not in "?:" or self.scan.text[at + 1 : at + 2].strip():
            return False
        self._value(self.scan.skip(at + 1, end), end, owner=column)
        return True

    def content(self, column: int, at: int, end: int, *, is_item: bool) -> None:
        """A key with its value, or a value alone.

        Args:
            column: where it stands, from 0.
            at: its offset.
            end: of the line.
            is_item: whether it follows a dash.
        """
        if not is_item:
            self._close(column)
        kept = list(self.open)
        while not is_item and self.open and self.open[-1] == Open(column, None):
            self.open.pop()
        is_sibling = not is_item and bool(self.open) and self.open[-1].column == column
        value = self._key(at, end, is_place=is_sibling or self._may_hold_keys(is_item=is_item))
        if value is None:
            if is_sibling and self.scan.text[at] not in "[{|>?&*!%@`,]}":
                self._no_colon(at, end)
                return
            self.open = kept
            is_place = (is_item or bool(self.open)) and self._may_hold_keys(is_item=is_item)
            is_keyless = is_place and self.scan.text[at] not in "[{|>?&*!%@`,]}"
            self.keyless = (at, end) if is_keyless else None
            if not self.open and column == 0 and self.scan.text[at] not in "[{\"'%":
                self.loose.append((at, end))
            self._value(at, end, owner=self.open[-1].column if self.open else -1)
            return
        if column == 0:
            self._tell_loose()
        self.loose.clear()
        self.keyless = None
        if is_sibling:
            self.open.pop()
        name = plain(self.scan.text[at:value].rstrip(_AFTER_KEY).strip("\"'"))
        self.open.append(Open(column, name))
        self.has_begun = self.has_begun or name in self.scan.words.keys
        self._value(value, end, owner=column)

    def tell_keyless(self) -> bool:
        """Whether the text at hand lacks its colon, now that a key follows; then it is told."""
        if self.keyless is None:
            return False
        self._no_colon(*self.keyless)
        self.keyless = self.text = None
        return True

    def _may_hold_keys(self, *, is_item: bool) -> bool | None:
        """Whether keys stand here and nothing else, by what is open above; None where there is no telling."""
        if not self.open:
            return True
        words, names = self.scan.words, [one.key for one in self.open if one.key]
        if not is_item:
            is_place = self.open[-1].key in words.holders
        else:
            is_place = len(self.open) > 1 and self.open[-2].key in words.lists
        is_known = not names or names[-1] in words.keys or any(name in words.holders for name in names[:-1])
        return True if is_place else False if is_known else None

    def is_text(self, column: int) -> bool:
        """Whether what stands here is the text of a key, by what is open above.

        Args:
            column: where it stands, from 0.
        """
        words = self.scan.words
        above = next((one.key for one in reversed(self.open) if one.column < column), None)
        return above in words.keys - words.holders - words.lists - words.values

    def _key(self, at: int, end: int, *, is_place: bool | None) -> int | None:
        """The offset of the value after a key; None where there is no key."""
        scan, text = self.scan, self.scan.text
        self.is_printed = False
        if text[at] in "\"'":
            stop = scan.quote(at, end)
            return self._after_quoted_key(stop, end) if stop <= end else None
        if text[at] in QUOTES and (value := self._key_in_print(at, end)):
            return value
        if text[at] in _NO_PLAIN_KEY:
            return None
        comment = _COMMENT.search(text, at, end)
        return self._plain_key(at, comment.start() if comment else end, end, is_place=is_place)

    def _key_in_print(self, at: int, end: int) -> int | None:
        """The same for a key in marks of print, such as `“`."""
        scan = self.scan
        closing = scan.wrapped(at, end)
        rest = scan.first_mark(closing + 1, end)
        if not closing or rest == end or scan.text[rest] not in _COLONS:
            return None
        scan.straighten(at, closing)
        self.is_printed = True
        return self._after_quoted_key(closing + 1, end)

    def _plain_key(self, at: int, stop: int, end: int, *, is_place: bool | None) -> int | None:
        """The same for a key without quotes; `stop` is where a comment begins."""
        scan, text = self.scan, self.scan.text
        half, full = COLON.search(text, at, stop), FULL_COLON.search(text, at, stop)
        if full and (half is None or full.start() < half.start()):
            name = text[at : full.start()]
            if (is_place is None and scan.is_key(name)) or (is_place and scan.looks_like_key(name)):
                return scan.colon(full.start(), end)
        bare = text.find(":", at, half.start() if half else stop)
        if bare > 0 and is_place is not False and scan.is_key(text[at:bare]):
            scan.faults.tell("no_space", bare)
            scan.edits.put(bare, 1, ": ")
            return bare + 1
        if half is None:
            return None
        for number in range(at, half.start()) if "\t" in text[at : half.start()] else ():
            if text[number] == "\t":
                scan.edits.put(number, 1, TAB if text[number : half.start()].strip() else " ")
        return scan.skip(half.end(), end)

    def _after_quoted_key(self, at: int, end: int) -> int | None:
        rest = self.scan.skip(at, end)
        if rest < end and self.scan.text[rest] in _COLONS:
            return self.scan.colon(rest, end)
        return None
