"""Raw text of a value: quoted, in brackets, behind `|`, or plain; and what may follow it on its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from worker.yaml_reader.characters import BRACKETS, COMMAS, QUOTES, SPACES
from worker.yaml_reader.flow import Flow
from worker.yaml_reader.scan import BLANKS, Scan

TAB = "\U0010fff4"
"""Stands for a tab within a text until YAML has read it: PyYAML takes none there."""

_BLOCK = re.compile(r"[|>][0-9+-]{0,2}[ \t]*(?:#.*)?$")
_COMMENT = re.compile(f"[{''.join(BLANKS)}]#")
_PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*[ \t]+")
_NO_SPACE = re.compile(r"[^\W\d]\w*:")

_GAP = 400
"""Characters after an object's end in which the next entry would begin."""


@dataclass(frozen=True, slots=True)
class Open:
    """A mapping (by its latest key) or a list that is open."""

    column: int
    key: str | None
    """None for a list."""


@dataclass(slots=True)
class ValueScan:
    """What is open, and where the pass is."""

    scan: Scan
    at: int = 0
    """How far the pass has come, at least."""
    open: list[Open] = field(default_factory=list)
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

    def _no_colon(self, at: int, end: int) -> None:
        if found := _NO_SPACE.match(self.scan.text, at, end):
            self.scan.faults.tell("no_space", found.end() - 1)
        else:
            self.scan.faults.tell("no_colon", at)
        self.scan.blank(at, end)

    def _tell_loose(self) -> None:
        """Tell the lines at the top that turn out to be no text that the file consists of."""
        for lost in self.loose:
            self._no_colon(*lost)
        self.loose.clear()

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
            self._brackets(at)
        elif _BLOCK.match(text, at, end):
            self.block = owner
        else:
            self._plain(at, end, owner=owner)

    def _brackets(self, at: int) -> None:
        """A list or mapping in brackets; at the top there can be one only."""
        scan = self.scan
        if not self.open and self.has_begun:
            scan.faults.tell("second_object", at)
            scan.edits.put(at, len(scan.text) - at, "")
            self.at = len(scan.text)
            return
        self.has_begun = True
        self._tell_loose()
        after = Flow(scan).read(at)
        rest = scan.text[after : after + _GAP].lstrip(" \t\r\n,")
        if not self.open and scan.text[at] == "{" and rest.startswith(('"', "]")):
            scan.faults.tell("closes_early", after - 1)
            scan.edits.put(after, len(scan.text) - after, "")
            after = len(scan.text)
        self._rest(after)

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
        elif scan.text[here] in "]}" and quoted is None:
            scan.faults.tell("closes_nothing", here, written=scan.text[here])
            scan.edits.put(here, end - here, " " * (end - here))
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
        is_wrapped = is_wrapped and not any(c in QUOTES or c in QUOTES[text[at]] for c in inner[1:-1])
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
