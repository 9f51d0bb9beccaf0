"""Raw text of one line after its indentation and dashes: a key, and the value after it.

Knows which keys and lists are open, and so where only a key can stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from worker.yaml_reader.characters import BRACKETS, COLONS, COMMAS, QUOTES, SPACES, plain
from worker.yaml_reader.flow import Flow
from worker.yaml_reader.scan import BLANKS, COLON, FULL_COLON, Scan

TAB = "\U0010fff4"
"""Stands for a tab within a text until YAML has read it: PyYAML takes none there."""

_BLOCK = re.compile(r"[|>][0-9+-]{0,2}[ \t]*(?:#.*)?$")
_COMMENT = re.compile(f"[{''.join(BLANKS)}]#")
_PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*[ \t]+")
_AFTER_KEY = "".join(BLANKS) + ":" + "".join(COLONS)
_COLONS = COLONS | {":"}
_NO_SPACE = re.compile(r"[^\W\d]\w*:")
_NO_PLAIN_KEY = frozenset("[{|>#?,]}")


@dataclass(frozen=True, slots=True)
class _Open:
    """A mapping (by its latest key) or a list that is open."""

    column: int
    key: str | None
    """None for a list."""


@dataclass(slots=True)
class KeyScan:
    """What is open, and where the pass is."""

    scan: Scan
    at: int = 0
    """How far the pass has come, at least."""
    open: list[_Open] = field(default_factory=list)
    block: int | None = None
    """Of a `|` text: the column of what it belongs to."""
    text: int | None = None
    """Of a text without quotes that may go on in the next line: likewise."""
    cut: tuple[int, int] | None = None
    """Column of what a text belongs to that a comment has just ended, and the comment's offset."""
    has_begun: bool = False
    """A key of the language or a bracket has been seen."""
    is_printed: bool = False
    """The key at hand stands in marks of print, such as `“`, so that they are meant as quotes around its value too."""
    loose: list[tuple[int, int]] = field(default_factory=list)
    """Lines at the top that hold a text without a key."""
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
        if self.open and self.open[-1] == _Open(column, None):
            self.open.pop()
        self.open.append(_Open(column, None))

    def _close(self, column: int) -> None:
        while self.open and self.open[-1].column > column:
            self.open.pop()

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
        while not is_item and self.open and self.open[-1] == _Open(column, None):
            self.open.pop()
        is_sibling = not is_item and bool(self.open) and self.open[-1].column == column
        value = self._key(at, end, is_place=is_sibling or self._may_hold_keys(is_item=is_item))
        if value is None:
            if is_sibling and self.scan.text[at] not in "[{|>?&*!%@`,]}":
                self._no_colon(at, end)
                return
            self.open = kept
            is_keyless = is_item and self._may_hold_keys(is_item=True) and self.scan.text[at] not in "[{|>?&*!%@`,]}"
            self.keyless = (at, end) if is_keyless else None
            if not self.open and column == 0 and self.scan.text[at] not in "[{\"'%":
                self.loose.append((at, end))
            self._value(at, end, owner=self.open[-1].column if self.open else -1)
            return
        for lost in self.loose if column == 0 else ():
            self._no_colon(*lost)
        self.loose.clear()
        self.keyless = None
        if is_sibling:
            self.open.pop()
        name = plain(self.scan.text[at:value].rstrip(_AFTER_KEY).strip("\"'"))
        self.open.append(_Open(column, name))
        self.has_begun = self.has_begun or name in self.scan.words.keys
        self._value(value, end, owner=column)

    def tell_keyless(self) -> bool:
        """Whether the text at hand lacks its colon, now that a key follows; then it is told."""
        if self.keyless is None:
            return False
        self._no_colon(*self.keyless)
        self.keyless = self.text = None
        return True

    def _no_colon(self, at: int, end: int) -> None:
        if found := _NO_SPACE.match(self.scan.text, at, end):
            self.scan.faults.tell("no_space", found.end() - 1)
        else:
            self.scan.faults.tell("no_colon", at)
        self.scan.blank(at, end)

    def _may_hold_keys(self, *, is_item: bool) -> bool:
        """Whether keys stand here and nothing else, by what is open above."""
        if not self.open:
            return True
        above = self.open[-1].key
        if not is_item:
            return above in self.scan.words.holders
        return len(self.open) > 1 and self.open[-2].key in self.scan.words.lists

    def _key(self, at: int, end: int, *, is_place: bool) -> int | None:
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

    def _plain_key(self, at: int, stop: int, end: int, *, is_place: bool) -> int | None:
        """The same for a key without quotes; `stop` is where a comment begins."""
        scan, text = self.scan, self.scan.text
        half, full = COLON.search(text, at, stop), FULL_COLON.search(text, at, stop)
        if full and (half is None or full.start() < half.start()):
            name = text[at : full.start()]
            if scan.is_key(name) or (is_place and scan.looks_like_key(name)):
                return scan.colon(full.start(), end)
        bare = text.find(":", at, half.start() if half else stop)
        if bare > 0 and scan.is_key(text[at:bare]):
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

    def _value(self, at: int, end: int, *, owner: int) -> None:
        """A value, which may end lines below.

        Args:
            at: its offset.
            end: of the line.
            owner: column of what it belongs to.
        """
        scan, text = self.scan, self.scan.text
        scan.html(at, end)
        while found := _PROPERTY.match(text, at, end):
            at = found.end()
        if at >= end:
            return
        if text[at] == "#":
            scan.comment(at, end)
        elif text[at] in "\"'":
            self._rest(scan.quote(at, end), quoted=at)
        elif text[at] in "[{":
            is_top = not self.open
            if is_top and self.has_begun:
                scan.faults.tell("second_object", at)
                scan.edits.put(at, len(text) - at, "")
                self.at = len(text)
                return
            self.has_begun = True
            self._rest(Flow(scan).read(at))
        elif _BLOCK.match(text, at, end):
            self.block = owner
        else:
            self._plain(at, end, owner=owner)

    def _rest(self, at: int, *, quoted: int | None = None) -> None:
        """What follows a quoted text or a bracket on its last line.

        Args:
            at: its offset.
            quoted: where the quoted text began.
        """
        scan = self.scan
        end = scan.end_of_line(at)
        self.at = max(self.at, at)
        here = scan.skip(at, end)
        if here == end:
            return
        if scan.text[here] == "#" and (here > at or quoted is None):
            scan.comment(here, end)
        elif scan.text.startswith(("//", "/*"), here):
            scan.slashes(here, end)
        elif scan.text[here] in COMMAS | {","}:
            self._after_comma(here, end)
        elif scan.text[here] in "[{" and not self.open:
            self._value(here, end, owner=-1)
        elif quoted is not None and scan.text[here] != ":":
            scan.faults.tell("late_quote" if scan.spans_lines(quoted, at) else "after_quote", quoted)
            scan.edits.put(here, end - here, " " * (end - here))

    def _after_comma(self, at: int, end: int) -> None:
        """A comma after a quoted text or a bracket."""
        scan = self.scan
        rest = scan.first_mark(at + 1, end)
        is_next = rest < end and scan.text[rest] in "{[" and not self.open
        if rest == end or is_next or scan.text[rest] == "#":
            scan.faults.tell("comma_left", at)
            scan.edits.put(at, 1, " ")
        if is_next:
            self._value(rest, end, owner=-1)

    def _plain(self, at: int, end: int, *, owner: int) -> None:
        """A text without quotes."""
        scan, text = self.scan, self.scan.text
        inner = text[at:end].rstrip()
        closing = at + len(inner) - 1
        is_wrapped = text[at] in QUOTES and closing > at and text[closing] in QUOTES[text[at]]
        if is_wrapped and (self.is_printed or ": " in inner or " #" in inner or inner[1:-1].endswith(":")):
            scan.straighten(at, closing)
            return
        if text[at] in BRACKETS and text[closing] in BRACKETS and any(c in inner for c in "，、,：:"):
            scan.full_width(at, closing)
            return
        self.text = None if owner < 0 else owner
        self.go_on(at, end)

    def go_on(self, at: int, end: int) -> None:
        """A line of a text without quotes, up to a comment.

        Args:
            at: offset of its first mark.
            end: of the line.
        """
        scan, text = self.scan, self.scan.text
        stop = end
        for found in _COMMENT.finditer(text, at, end):
            if text[found.start()] in SPACES:
                if found.end() == end or text[found.end()] in BLANKS:
                    scan.faults.tell("space_hash", found.start(), character=text[found.start()])
                continue
            stop = found.start()
            scan.comment(stop + 1, end)
            if self.text is not None:
                self.cut, self.text = (self.text, stop + 1), None
            break
        last = at + len(text[at:stop].rstrip(" \t"))
        for number in range(at, end) if "\t" in text[at:end] else ():
            if text[number] == "\t" and number <= stop:
                scan.edits.put(number, 1, TAB if number < last else " ")
