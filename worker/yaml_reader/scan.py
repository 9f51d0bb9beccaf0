"""What a pass over a raw text keeps, and what it does alike in lines and in brackets: quotes, comments, odd blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from worker.invisible_characters import INVISIBLE
from worker.yaml_reader.characters import BRACKETS, COLONS, COMMAS, QUOTES, SPACES, plain
from worker.yaml_reader.edits import Edits
from worker.yaml_reader.raw_faults import Faults

BLANKS = frozenset(" \t") | frozenset(SPACES)
_LONGEST_QUOTED = 2_000
"""How far away the mark is looked for that closes a text in marks of print."""
COLON = re.compile(f":(?=[{''.join(BLANKS)}]|$)")
"""A colon that parts key and value."""
FULL_COLON = re.compile(f"[{''.join(COLONS)}]")
_MARK = re.compile(f"[^{''.join(BLANKS)}]")
_END = re.compile("[\r\n]")
_DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SINGLE = re.compile(r"'(?:[^']|'')*'")
_NOT_A_WORD = re.compile("[\\s,，。！？!?;；、\"']")
_HTML = {
    "&quot;": '"',
    "&#34;": '"',
    "&#39;": "'",
    "&apos;": "'",
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": " ",
}
_ENTITY = re.compile("|".join(_HTML))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a language of files has for keys; without it only the look of a line decides."""

    keys: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()
    """Keys whose value is a mapping."""
    lists: frozenset[str] = frozenset()
    """Keys whose value is a list of mappings."""
    values: frozenset[str] = frozenset()
    """Keys whose value is a number, a size, or a word of a list."""
    names: frozenset[str] = frozenset()
    """Keys whose value is a name, in which nothing may be that nobody sees."""


@dataclass(slots=True, kw_only=True)
class Scan:
    """A raw text, and what has been found in it."""

    text: str
    words: Words
    faults: Faults
    edits: Edits = field(default_factory=Edits)
    comments: list[tuple[int, int]] = field(default_factory=list)
    quoted: list[tuple[int, int]] = field(default_factory=list)
    """Where comments and quoted texts begin and end."""
    _line: tuple[int, int] = (0, -1)
    """An offset of the line at hand, and the line's end: a line may be long."""

    def is_key(self, text: str) -> bool:
        """Whether it is one of the language's keys, however it is written."""
        return text.strip() in self.words.keys or plain(text) in self.words.keys

    def looks_like_key(self, text: str) -> bool:
        """Whether it could be a key: one word of any script, not a sentence."""
        seen = plain(text)
        return bool(seen) and len(seen) <= 24 and not _NOT_A_WORD.search(seen)

    def end_of_line(self, at: int) -> int:
        """The offset of the end of the line of an offset."""
        if not self._line[0] <= at <= self._line[1]:
            found = _END.search(self.text, at)
            self._line = (at, found.start() if found else len(self.text))
        return self._line[1]

    def spans_lines(self, at: int, stop: int) -> bool:
        """Whether a line ends in a piece of the text.

        Args:
            at: where it begins.
            stop: where it ends.
        """
        return bool(_END.search(self.text, at, stop))

    def first_mark(self, at: int, end: int) -> int:
        """The offset of the first character that is no blank.

        Args:
            at: where to begin.
            end: where to stop, and what comes back where there is none.
        """
        found = _MARK.search(self.text, at, end)
        return found.start() if found else end

    def blank(self, at: int, end: int) -> None:
        """Hide the rest of a line from YAML.

        Args:
            at: where to begin.
            end: of the line.
        """
        self.edits.put(at, end - at, "#" + " " * (end - at - 1))
        self.comment(at, end)

    def slashes(self, at: int, end: int) -> None:
        """A comment as programming languages have it.

        Args:
            at: of its first mark.
            end: of the line.
        """
        self.faults.tell("slashes", at, written=self.text[at : at + 2])
        self.edits.put(at, end - at, " #" + " " * (end - at - 2))
        self.comment(at, end)

    def skip(self, at: int, end: int, *, kind: str = "space") -> int:
        """Go over blanks; those that YAML does not know are told and made plain.

        Args:
            at: where to begin.
            end: where to stop at the latest.
            kind: of the fault.

        Returns:
            The offset of the first that is none.
        """
        begin = at
        while at < end and self.text[at] in BLANKS:
            at += 1
        for number in range(begin, at):
            character = self.text[number]
            if character in SPACES:
                self.faults.tell(kind, number, character=character)
            if character != " ":
                self.edits.put(number, 1, " ")
        return at

    def comment(self, at: int, end: int) -> None:
        """Note a comment.

        Args:
            at: of its `#`.
            end: of the line.
        """
        self.comments.append((at, end))

    def quote(self, at: int, end: int) -> int:
        """Go over a quoted text.

        Args:
            at: of the opening mark.
            end: of the line.

        Returns:
            The offset after the closing mark; where there is none, the end of the text.
        """
        mark = self.text[at]
        found = (_DOUBLE if mark == '"' else _SINGLE).match(self.text, at)
        if (found is None or found.end() > end) and (closing := self._closing(at, end)):
            self.faults.tell("quote", closing, character=self.text[closing])
            self.edits.put(closing, 1, mark)
            self.quoted.append((at, closing))
            return closing + 1
        stop = found.end() if found else len(self.text)
        self.quoted.append((at, stop))
        return stop

    def _closing(self, at: int, end: int) -> int:
        """Where a text closes with another mark than it opened with; 0 where it does not."""
        if end - at > _LONGEST_QUOTED:
            return 0
        line = self.text[at + 1 : end].rstrip().rstrip(",]}，").rstrip()
        mark = line[-1:] or "?"
        openers = {opening for opening, closing in QUOTES.items() if mark in closing or mark == opening}
        is_odd = bool(openers) and not openers & set(line[:-1])
        return at + len(line) if is_odd else 0

    def wrapped(self, at: int, end: int) -> int:
        """The offset of the mark that closes a text in marks of print, such as `“`; 0 where it is none.

        Args:
            at: of what may be the opening mark.
            end: of the line.
        """
        closes = QUOTES.get(self.text[at], "") + '"'
        for number in range(at + 1, min(end, at + _LONGEST_QUOTED)):
            if self.text[number] in closes:
                return number
        return 0

    def straighten(self, at: int, closing: int) -> None:
        """Read marks of print as straight ones.

        Args:
            at: of the opening mark.
            closing: of the other.
        """
        mark = "'" if '"' in self.text[at + 1 : closing] or "\\" in self.text[at + 1 : closing] else '"'
        self.faults.tell("quote", at, character=self.text[at])
        self.edits.put(at, 1, mark)
        self.edits.put(closing, 1, mark)
        self.quoted.append((at, closing))

    def colon(self, at: int, end: int) -> int:
        """Read a full-width colon as `: `; the offset after it and its blanks.

        Args:
            at: of the colon.
            end: of the line.
        """
        if self.text[at] in COLONS:
            self.faults.tell("colon", at, character=self.text[at])
            self.edits.put(at, 1, ": " if self.text[at + 1 : at + 2].strip() else ":")
        return self.skip(at + 1, end)

    def full_width(self, at: int, closing: int) -> None:
        """Read a value in full-width brackets, and the commas and colons in it, as a list or mapping.

        Args:
            at: of the opening bracket.
            closing: of the other.
        """
        self.faults.tell("bracket", at, character=self.text[at], plain=BRACKETS[self.text[at]])
        for number in range(at, closing + 1):
            character = self.text[number]
            new = ", " if character in COMMAS else ": " if character in COLONS else BRACKETS.get(character)
            if new:
                self.edits.put(number, 1, new)

    def html(self, at: int, end: int) -> bool:
        """Whether a value begins as a web page writes a quotation mark; then the line's are made plain.

        Args:
            at: of the value.
            end: of the line.
        """
        if not (first := _ENTITY.match(self.text, at)):
            return False
        self.faults.tell("html", at, written=first[0], plain=_HTML[first[0]])
        for found in _ENTITY.finditer(self.text, at, end):
            self.edits.put(found.start(), len(found[0]), _HTML[found[0]])
        return True

    def leave_out_invisible(self, at: int, end: int) -> int:
        """Leave out what nobody sees; the offset of what follows.

        Args:
            at: where to begin.
            end: of the line.
        """
        while at < end and self.text[at] in INVISIBLE:
            self.faults.tell("invisible", at, character=self.text[at])
            self.edits.put(at, 1, "")
            at += 1
        return at
