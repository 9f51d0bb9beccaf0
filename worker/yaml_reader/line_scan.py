"""One pass over a raw text, line by line, before YAML sees it.

Knows where quotes, brackets, comments and `|` texts are, so that an author's own text is left alone, and puts right
what looks like YAML's marks and is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from worker.yaml_reader.characters import BULLETS, DASHES, HASHES, SPACES
from worker.yaml_reader.document import clipped
from worker.yaml_reader.key_scan import KeyScan
from worker.yaml_reader.scan import BLANKS, COLON, FULL_COLON, Scan
from worker.yaml_reader.sentences import is_beside_the_job

_FENCE = re.compile(r"`{3}|~{3}|(?:\"{3}|'{3})\s*$")
_PREFIX = re.compile(r"(?:>+|\+)(?: |(?=\w|- )|$)")
_AFTER_PREFIX = re.compile(r"- |#|[\w\"']+ ?[:：]")
_DEEPEST = 100
_MOST_LINES = 16_000
"""Levels, and lines with a key or item, beyond which the parser refuses the file, whatever stands in it."""
_WIDTHS = {"\u3000": 2, "\t": 2}
"""Columns of indentation that are put in place of a character, where they are not one."""
_MARKERS = DASHES | {"-"}
_LIST_MARKS = DASHES | BULLETS
_VISIBLE = re.compile(r"\S")
_DOCUMENT = re.compile(r"(?:---|\.\.\.)(?=\s|$)")


@dataclass(slots=True)
class LineScan:
    """The pass, with where it is."""

    scan: Scan
    inside: KeyScan = field(init=False)
    at: int = 0
    """Offset of the next line."""
    is_block_empty: bool = True
    is_unindented: bool = False
    """Lines of the `|` text at hand were told already that they do not stand far enough right."""
    cut: tuple[int, int] | None = None
    """Column of what a text belongs to that a comment has ended, and the comment's offset."""
    fences: int = 0
    structures: int = 0
    """Lines with a dash, a key or a text of their own."""

    def __post_init__(self) -> None:
        """Begin outside of everything."""
        self.inside = KeyScan(self.scan)

    def read(self) -> None:
        """Go over the whole text."""
        while self.at < len(self.scan.text) and self.structures <= _MOST_LINES:
            begin, end = self.at, self.scan.end_of_line(self.at)
            self._line(begin, end)
            end = max(end, self.scan.end_of_line(self.inside.at))
            self.at = end + (2 if self.scan.text.startswith("\r\n", end) else 1)

    def _line(self, begin: int, end: int) -> None:
        """One line; a quoted text or a bracket in it may end lines below."""
        if self.inside.block is not None and self._is_in_block(begin, end):
            return
        first = self.scan.first_mark(begin, end)
        text = self.inside.text
        if first == end:
            self.scan.edits.put(begin, end - begin, " " * (end - begin))
        elif self.scan.text[first] == "#":
            self._comment_line(begin, first, end)
        elif text is not None and first - begin > text and not self._lacks_colon(begin, first, end):
            self._go_on(begin, first, end)
        elif not (self._is_lost(begin, first, end) or self._is_no_part(begin, first, end)):
            self.inside.text = self.cut = None
            self._structure(begin, first, end)
        if self.inside.cut is not None:
            self.cut, self.inside.cut = self.inside.cut, None

    def _lacks_colon(self, begin: int, first: int, end: int) -> bool:
        """Whether the line is a key that shows that the text above lacks its colon: of the language, or beside it."""
        keyless, colon = self.inside.keyless, COLON.search(self.scan.text, first, end)
        if keyless is None:
            return False
        lost = self.scan.faults.place(keyless[0])
        is_beside = lost.column - 1 == first - begin and self.scan.faults.place(begin).line == lost.line + 1
        is_own = is_beside and colon is not None and self.scan.looks_like_key(self.scan.text[first : colon.start()])
        return (is_own or self._names_a_key(first, end)) and self.inside.tell_keyless()

    def _go_on(self, begin: int, first: int, end: int) -> None:
        """A line that goes on with a text, unless it is a key that only looks further right than the one above."""
        is_plain = self.scan.text[begin:first].isascii()
        if not is_plain and self._names_a_key(first, end):
            odd = next(n for n in range(begin, first) if self.scan.text[n] in SPACES)
            self.scan.faults.tell("indent", odd, character=self.scan.text[odd])
            self.scan.blank(begin, end)
            return
        self.scan.skip(begin, first)
        self.inside.go_on(first, end)

    def _comment_line(self, begin: int, first: int, end: int) -> None:
        self.scan.edits.put(begin, first - begin, " " * (first - begin))
        self.scan.comment(first, end)
        if self.inside.text is not None:
            self.cut, self.inside.text = (self.inside.text, first), None

    def _is_in_block(self, begin: int, end: int) -> bool:
        """Whether the line belongs to the `|` text, or should."""
        line = self.scan.text[begin:end]
        indent = len(line) - len(line.lstrip(" "))
        if indent <= (self.inside.block or 0) and line[indent : indent + 1] == "\t" and line.strip():
            self.scan.faults.tell("tab", begin + indent)
            self.scan.edits.put(begin + indent, 1, " " * ((self.inside.block or 0) + 2))
            self.is_block_empty = False
            return True
        assert self.inside.block is not None
        if not line.strip(" \t"):
            return True
        if indent > self.inside.block:
            self.is_block_empty = False
            return True
        is_other = line[indent] in "#-" or _FENCE.match(line) or self._names_a_key(begin, end)
        if is_other or not (self.is_block_empty or self.is_unindented):
            self.inside.block, self.is_block_empty, self.is_unindented = None, True, False
            return False
        self.scan.faults.tell("unindented", begin + indent)
        self.scan.edits.put(begin, 0, " " * (self.inside.block + 2))
        self.is_unindented = True
        return True

    def _names_a_key(self, begin: int, end: int) -> bool:
        found = COLON.search(self.scan.text, begin, end) or FULL_COLON.search(self.scan.text, begin, end)
        return found is not None and self.scan.is_key(self.scan.text[begin : found.start()])

    def _is_lost(self, begin: int, first: int, end: int) -> bool:
        """Whether the line goes on with a text that a comment has ended."""
        if self.cut is None or first - begin <= self.cut[0] or COLON.search(self.scan.text, first, end):
            return False
        self.scan.faults.tell("cut", self.cut[1])
        self.scan.blank(first, end)
        return True

    def _is_no_part(self, begin: int, first: int, end: int) -> bool:
        """Whether the line is a code fence or a sentence around the job; then YAML does not see it."""
        line = self.scan.text[first:end].rstrip(" \t")
        is_fence = bool(_FENCE.match(line))
        self.fences += is_fence
        if not is_fence:
            if self._names_a_key(first, end):
                return False
            is_after_the_last = self.fences > 0 and self.fences % 2 == 0 and first == begin
            if not is_after_the_last and (self.inside.has_begun or not is_beside_the_job(line)):
                return False
        kind = "fence" if is_fence else "prose"
        self.scan.faults.tell(kind, first)
        self.scan.blank(first, end)
        return True

    def _structure(self, begin: int, first: int, end: int) -> None:
        """A line that begins with a dash, a key or a text of its own."""
        self.structures += 1
        if first == begin and (found := _DOCUMENT.match(self.scan.text, begin, end)):
            self.inside.begin_document()
            if found.end() == end and not _VISIBLE.search(self.scan.text, end):
                self.scan.blank(begin, end)  # nothing follows: it ends what a chat or a blog calls front matter
                return
            first = self.scan.first_mark(found.end(), end)
        at = self._indentation(begin, first, end)
        if at == end or self._is_marker(at, end):
            return
        begin = at - sum(_WIDTHS.get(c, 1 if c in BLANKS else 0) for c in self.scan.text[begin:at])
        if self.scan.text[at] in HASHES:
            self.scan.faults.tell("hash", at, character=self.scan.text[at])
            self.scan.blank(at, end)
            return
        is_item = False
        while (after := self._dash(at, end, column=at - begin)) is not None and len(self.inside.open) < _DEEPEST:
            self.inside.open_item(at - begin)
            at, is_item = after, True
            if at == end:
                return
        if not self.inside.is_other_key(at - begin, at, end):
            self.inside.content(at - begin, at, end, is_item=is_item)

    def _indentation(self, begin: int, first: int, end: int) -> int:
        """The offset of the first mark after the indentation, which is made plain."""
        text, scan = self.scan.text, self.scan
        for number in range(begin, first):
            if text[number] in SPACES:
                scan.faults.tell("indent", number, character=text[number])
                scan.edits.put(number, 1, "  " if text[number] == "\u3000" else " ")
            elif text[number] == "\t":
                scan.faults.tell("tab", number)
                scan.edits.put(number, 1, "  ")
        at = scan.leave_out_invisible(first, end)
        if first < at < end and text[at] in BLANKS:
            at = scan.skip(at, end)
        found = _PREFIX.match(text, at, end)
        if found and (found.end() == end or _AFTER_PREFIX.match(text[found.end() : end].strip())):
            scan.faults.tell("prefix", at, plain=clipped(found[0]))
            scan.edits.put(at, len(found[0]), "")
            at = scan.first_mark(found.end(), end)
        return at

    def _is_marker(self, at: int, end: int) -> bool:
        """Whether the line is `---` written with other dashes."""
        if self.scan.text[at] not in _MARKERS:
            return False
        line = self.scan.text[at:end].strip()
        if not (set(line) <= _MARKERS and set(line) & DASHES):
            return False
        self.scan.faults.tell("marker", at, character=next(c for c in line if c in DASHES))
        self.scan.blank(at, end)
        return True

    def _dash(self, at: int, end: int, *, column: int) -> int | None:
        """The offset after the dash of a list's item and its blanks; None where there is none."""
        text, scan = self.scan.text, self.scan
        character = text[at]
        is_apart = at + 1 == end or text[at + 1] in BLANKS
        if character == "-" and is_apart:
            return self._after_dash(at, end)
        if character == "-" and self._names_a_key(at + 1, end):
            scan.faults.tell("dash_space", at)
            scan.edits.put(at, 1, "- ")
            return at + 1
        if self.inside.is_text(column):
            return None
        if (character in _LIST_MARKS or (character == "*" and is_apart)) and text[at + 1 : end].strip():
            scan.faults.tell("dash", at, character=character)
            scan.edits.put(at, 1, "-" if is_apart else "- ")
            return scan.skip(at + 1, end)
        return None

    def _after_dash(self, at: int, end: int) -> int:
        rest = self.scan.skip(at + 1, end)
        if "\t" in self.scan.text[at + 1 : rest] and rest < end and self._names_a_key(rest, end):
            self.scan.faults.tell("dash_tab", at + 1)
        return self.scan.leave_out_invisible(rest, end)
