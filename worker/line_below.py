"""A terminal with one line at its bottom that changes in place, and text above it that stays.

Knows how a terminal is drawn on (rich), and nothing of what is said.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import RLock
from typing import TextIO

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text as Styled

from worker.lazy_patterns import LazyPattern
from worker.line_width import columns, cut
from worker.translation import printable

DEFAULT_COLUMNS = 80
"""Of a terminal that does not tell."""
LEAST_COLUMNS = 30
"""Narrower than that no text is broken into lines here: the terminal does it."""
UNDRAWABLE = ("", "dumb", "unknown")
"""Values of TERM of terminals on which no line can be drawn twice."""
_MARKS = ("，", "。", "；", "：", "！", "？", "、")
_CLAUSES = LazyPattern(r"[^，。；：！？、]*[，。；：！？、]+[”’）》」』】]*|[^，。；：！？、]+")
"""Each with the marks at its end: none of them begins a line (source: GB/T 15834)."""
ERASED = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))


class LineBelow:
    """Draws on a terminal, from any thread; each change is written in one piece."""

    def __init__(self, stream: TextIO, *, environment: Mapping[str, str] = os.environ) -> None:
        """Keep the stream; nothing is drawn yet.

        Args:
            stream: a terminal. What it raises is raised here too.
            environment: TERM tells whether a line can be drawn at all, NO_COLOR whether nothing is coloured.
        """
        self._stream = stream
        self._console = Console(
            file=stream, force_terminal=True, highlight=False, markup=False, emoji=False, legacy_windows=False,
            _environ=environment,
        )  # fmt: skip
        self.is_drawable = environment.get("TERM", "") not in UNDRAWABLE
        """Whether there is a line at all."""
        self._drawn = ""
        self._lock = RLock()

    def columns(self) -> int:
        """Of the terminal as it is now, whatever a shell once said of it (COLUMNS)."""
        with suppress(OSError):
            return os.get_terminal_size(self._stream.fileno()).columns or DEFAULT_COLUMNS
        return DEFAULT_COLUMNS

    def say(self, text: str, *, before: str = "", style: str = "", below: str = "") -> None:
        """A text above the line, broken where it is too long between words.

        Args:
            text: may have several lines.
            before: stands before its first one; the others begin below that one's text.
            style: of the text, as rich names it.
            below: lines that follow as they are.
        """
        width = max(self.columns() - len(before), LEAST_COLUMNS)
        told = [self._legible(line) for line in text.split("\n")]
        lines = [line for one in told for line in _by_words(one, width)]
        margins = [(before, "dim"), *[(" " * len(before), "")] * (len(lines) - 1)]
        pieces = [Styled.assemble(margin, (line, style)) for margin, line in zip(margins, lines, strict=True)]
        pieces += [Styled(self._legible(line), "dim") for line in below.split("\n") if below]
        self._write(pieces)

    def _write(self, pieces: Sequence[Styled]) -> None:
        with self._lock, self._console:
            if self._drawn:
                self._console.control(ERASED)
            self._console.print(Styled("\n").join(pieces), soft_wrap=True)
            self._drawn = self._drawn if self._is_in_front() else ""
            if self._drawn:
                self._console.print(self._drawn, end="", soft_wrap=True)

    def draw(self, line: str) -> None:
        """The line anew, if it has changed and people see it.

        Args:
            line: is cut where it is wider than the terminal; empty for none.
        """
        # the last column stays free: in it some terminals begin the next line
        line = cut(self._legible(line), max(self.columns() - 1, 0))
        with self._lock:
            if not self.is_drawable or line == self._drawn or not self._is_in_front():
                return
            with self._console:
                self._console.control(ERASED)
                self._console.print(line, end="", soft_wrap=True)
            self._drawn = line

    def _legible(self, line: str) -> str:
        """As the terminal's encoding can say it: what that lacks, and what is none to see, is spelt out."""
        return printable(line).encode(self._stream.encoding, errors="backslashreplace").decode(self._stream.encoding)

    def _is_in_front(self) -> bool:
        """Whether this program has the terminal: one that goes on behind a shell draws no line into its prompt."""
        with suppress(OSError):
            return os.tcgetpgrp(self._stream.fileno()) == os.getpgrp()
        return True


def _by_words(text: str, width: int) -> list[str]:
    """A text in lines that end where words do; a word or a path that is too long stays whole, as people copy it."""
    lines: list[str] = []
    for word in text.split(" "):
        for number, piece in enumerate(_pieces(word)):
            between = "" if number else " "
            if lines and columns(lines[-1] + between + piece) <= width:
                lines[-1] += between + piece
            else:
                lines.append(piece)
    return lines


def _pieces(word: str) -> list[str]:
    """What stands between two blanks, in pieces between which a line may end: Chinese has its marks, and no blanks."""
    before, slash, path = word.partition("/")
    pieces = _CLAUSES.findall(before) or [""]
    if slash and not pieces[-1].endswith(_MARKS):
        return [*pieces[:-1], pieces[-1] + slash + path]
    return [*pieces, slash + path] if slash else pieces
