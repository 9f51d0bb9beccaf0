"""Raw text inside brackets: `{key: value, key: value}` and `[one, two]`, on one line or several, JSON too."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from worker.lazy_patterns import LazyPattern
from worker.yaml_reader.characters import BRACKETS, COLONS, COMMAS, QUOTES, SPACES
from worker.yaml_reader.scan import BLANKS, Scan

_MOST_STEPS = 70_000
"""More marks and texts than the parser's limit on nodes leaves room for: it refuses the file, whatever stands in it."""
_NEXT_KEY = LazyPattern("[，、；]\\s*([^\\s，、；:：,]{1,24})\\s*[:：]")
_STOP = LazyPattern(f"[,\\[\\]{{}}]|:(?=[,\\[\\]{{}}{''.join(BLANKS)}]|$)|(?<=[{''.join(BLANKS)}])#")
_NUMBERS = LazyPattern("\\s*[0-9０-９]+\\s*[，、；](?=\\s*[0-9０-９]+\\s*$)")
_CLOSER = LazyPattern("[］｝]")
_INDENTATION = LazyPattern("[ \t]*")
_OPENING = {"]": "[", "}": "{"}
_CLOSING = {"[": "]", "{": "}"}


@dataclass(slots=True)
class Flow:
    """Goes over one pair of brackets and all within."""

    scan: Scan
    open: list[str] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    """Offsets of the brackets that are open."""
    outlived: int | None = None
    """The first bracket that its indentation says should have been closed above: told where one is missing."""
    _indentation: tuple[int, int] = (-1, 0)
    is_value: bool = False
    """After a colon, so that the next colon cannot be a key's."""
    is_done: bool = False
    """A quoted text or a bracket has just ended: a comma, a colon or a closing bracket comes next."""
    missing: tuple[str, int] | None = None
    """The first place where a comma is missing, and as what it is told once the brackets are closed."""
    is_full: bool = False
    """A full-width colon has parted a key from its value, so that full-width commas part entries."""
    closers: list[int] = field(default_factory=list)
    """Offsets of full-width closing brackets within texts."""

    def read(self, at: int) -> int:
        """Go over it.

        Args:
            at: offset of the opening bracket.

        Returns:
            The offset after the closing one; where there is none, the end of the text.
        """
        text, steps = self.scan.text, 0
        while at < len(text):
            steps += 1
            if steps > _MOST_STEPS:
                return len(text)
            character = text[at]
            if character in "[{":
                self._open(at, character)
            elif character in "]}":
                self._close(at, character)
                if not self.open:
                    if self.missing:
                        self.scan.faults.tell(*self.missing)
                    return at + 1
            else:
                at = self._other(at, character)
                continue
            at += 1
        self._tell_end()
        return at

    def _tell_end(self) -> None:
        """Tell why the text ends before the brackets do, where that shows."""
        if self.closers:
            last = self.scan.text[self.closers[-1]]
            self.scan.faults.tell("bracket", self.closers[-1], character=last, plain=BRACKETS[last])
        elif self.outlived is not None:
            self._tell_unclosed(self.outlived)
        elif self.opened:
            self.scan.faults.tell("never_closed", self.opened[-1])

    def _open(self, at: int, character: str) -> None:
        self._needs_comma(at)
        self._look_at_indentation(at)
        self.open.append(character)
        self.opened.append(at)
        self.is_value = self.is_done = False

    def _close(self, at: int, character: str) -> None:
        """A closing bracket: it closes the one that is open, and those within that nothing closed."""
        self._look_at_indentation(at, is_closing=True)
        self.is_value = self.is_done = True
        opening = _OPENING[character]
        if self.open[-1] != opening:
            self._tell_unclosed(self.opened[-1])
            while opening in self.open and self.open[-1] != opening:
                self.open.pop()
        self.open.pop()
        del self.opened[len(self.open) :]

    def _tell_unclosed(self, at: int) -> None:
        opening = self.scan.text[at]
        self.scan.faults.tell("unclosed", at, written=opening, plain=_CLOSING[opening])

    def _look_at_indentation(self, at: int, *, is_closing: bool = False) -> None:
        """Note the innermost bracket where what begins a line stands no further right than the line that opened it.

        Args:
            at: of the first character of a key, a text or a bracket.
            is_closing: of a closing bracket, which may stand below the line that opened it, and not left of it.
        """
        if self.outlived is not None or not self.open:
            return
        begin, indentation = self._line_of(at)
        opening_line, opening_indentation = self._line_of(self.opened[-1])
        is_outermost = self.opened[0] == opening_line + opening_indentation  # of JSON: all else may stand below it
        if begin == opening_line or at != begin + indentation or is_outermost:
            return
        if indentation < opening_indentation or (indentation == opening_indentation and not is_closing):
            self.outlived = self.opened[-1]

    def _line_of(self, at: int) -> tuple[int, int]:
        """Where the line of an offset begins, and how far it is indented."""
        starts = self.scan.faults.starts
        begin = starts[bisect_right(starts, at) - 1]
        if self._indentation[0] != begin:
            found = _INDENTATION.match(self.scan.text, begin)
            self._indentation = (begin, len(found[0]) if found else 0)
        return self._indentation

    def _other(self, at: int, character: str) -> int:
        """Go over a blank, a mark or a text; the offset after it."""
        scan, end = self.scan, self.scan.end_of_line(at)
        if character in "\r\n":
            return at + 1
        if character in BLANKS:
            return scan.skip(at, end)
        if character in ",:":
            self.is_value, self.is_done = character == ":", False
            return at + 1
        if character == "#" and scan.text[at - 1] in BLANKS | {"\n", "\r"}:
            self._comment(at, end)
            return end
        return self._text_or_quote(at, character, end)

    def _comment(self, at: int, end: int) -> None:
        """A comment; right after a colon, without a blank of its own, it is more likely the value."""
        scan = self.scan
        if self.is_value and not self.is_done and scan.text[at + 1 : at + 2].strip():
            scan.faults.tell("dropped", at, written=scan.text[at:end])
        scan.comment(at, end)

    def _text_or_quote(self, at: int, character: str, end: int) -> int:
        scan = self.scan
        if character in COMMAS and not self._begins_a_text(at):
            return self._comma(at)
        self._look_at_indentation(at)
        if character in "\"'":
            self._needs_comma(at)
            return self._after_quote(scan.quote(at, end))
        if scan.text.startswith(("//", "/*"), at):
            scan.slashes(at, end)
            return end
        if character in QUOTES and (closing := scan.wrapped(at, end)) and self._is_delimiter(at, closing, end):
            scan.straighten(at, closing)
            return self._after_quote(closing + 1)
        self._needs_comma(at)
        scan.html(at, end)
        return self._text(at, self._stop(at, end), end)

    def _begins_a_text(self, at: int) -> bool:
        """Whether a text may begin here with a full-width comma; never so between two entries."""
        return self.scan.text[at - 1 : at] not in ('"', "'", "]", "}")

    def _needs_comma(self, at: int) -> None:
        if self.is_done and self.missing is None:
            begin, stop = self.scan.quoted[-1] if self.scan.quoted else (0, 0)
            is_late = stop <= at and self.scan.spans_lines(begin, stop) and not self.scan.text[stop:at].strip()
            self.missing = ("late_quote", begin) if is_late else ("no_comma", at)

    def _comma(self, at: int) -> int:
        self.scan.faults.tell("comma", at, character=self.scan.text[at])
        self.scan.edits.put(at, 1, ", ")
        self.is_value = self.is_done = False
        return at + 1

    def _after_quote(self, at: int) -> int:
        """A full-width colon or comma right after a closing quotation mark is never a text."""
        scan, end = self.scan, self.scan.end_of_line(at)
        here = scan.skip(at, end)
        character = scan.text[here : here + 1]
        if character in COLONS and character and not self.is_value:
            self.is_value, self.is_done = True, False
            return scan.colon(here, end)
        if character in COMMAS and character:
            return self._comma(here)
        self.is_done = True
        return here

    def _is_delimiter(self, at: int, closing: int, end: int) -> bool:
        """Whether marks of print surround a key, or a text that would fall apart without them, wholly."""
        scan = self.scan
        rest = scan.text[closing + 1 : end].lstrip("".join(BLANKS))
        if rest and rest[0] not in ",]}:：，、；":
            return False
        is_key = rest[:1] in (":", "：") and not self.is_value and self.open[-1] == "{"
        is_split = any(mark in scan.text[at + 1 : closing] for mark in (",", ": ", "[", "{", "]", "}"))
        is_item = self.open[-1] == "[" and scan.text[closing] in QUOTES[scan.text[at]]
        is_after_key = self.is_value and '"' in scan.text[at : closing + 1]
        return is_key or is_split or is_item or is_after_key

    def _stop(self, at: int, end: int) -> int:
        """Where a text ends: a comma, a bracket, a colon with a blank, a comment."""
        found = _STOP.search(self.scan.text, at, end)
        stop = found.start() if found else end
        self.closers += [found.start() for found in _CLOSER.finditer(self.scan.text, at, stop)]
        return stop

    def _text(self, at: int, stop: int, end: int) -> int:
        """A text without quotes; full-width marks in it may part keys and values."""
        scan = self.scan
        piece = scan.text[at:stop]
        colon = next((number for number, c in enumerate(piece) if c in COLONS), -1)
        if self.open[-1] == "{" and not self.is_value and colon > 0 and scan.looks_like_key(piece[:colon]):
            self.is_value = self.is_full = True
            return scan.colon(at + colon, end)
        if self.open[-1] == "{" and not self.is_value and scan.is_key(piece.partition(":")[0]) and ":" in piece:
            colon = at + piece.index(":")
            scan.faults.tell("no_space", colon)
            scan.edits.put(colon, 1, ": ")
            self.is_value = True
            return colon + 1
        is_key_next = self.is_value and scan.text[stop : stop + 1] == ":"
        if self.open[-1] == "[" and (numbers := _NUMBERS.match(piece)):
            return self._comma(at + numbers.end() - 1)
        for found in _NEXT_KEY.finditer(scan.text[at : stop + 1]):
            if self.open[-1] == "{" and (scan.is_key(found[1]) or is_key_next or self.is_full):
                return self._comma(at + found.start())
        odd = next((number for number, c in enumerate(piece) if c in SPACES), -1)
        if odd >= 0 and not piece[odd:].strip():
            scan.skip(at + odd, stop)
        self.is_done = self.is_done or (stop > at and scan.text[stop : stop + 1] == "#")
        return max(stop, at + 1)
