"""A small terminal for tests: a pty of a given width, and what stands on its screen after all that was written."""

from __future__ import annotations

import os
import re
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from select import select
from typing import TextIO, cast

from worker.line_width import columns

PIECES = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|(\r)|(\n)|([^\x1b\r\n]+)")


class SmallTerminal:
    """Takes what a program writes; knows carriage returns, line feeds, erased lines and colours."""

    def __init__(self, reader: int, stream: TextIO, writer: int) -> None:
        self._reader, self.stream, self._writer = reader, stream, writer
        self._rows = [""]
        self._is_at_start = True
        self.seen: list[str] = []
        """Every state of every row."""
        self.text = ""
        """All that was written."""

    def resize(self, width: int) -> None:
        termios.tcsetwinsize(self._writer, (24, width))

    def rows(self) -> list[str]:
        """What stands there now."""
        data = b""
        while select([self._reader], [], [], 0)[0]:
            data += os.read(self._reader, 1 << 16)
        text = data.decode(self.stream.encoding)
        self.text += text
        for piece in PIECES.finditer(text):
            self._take(piece)
        return [row for row in self._rows if row.strip()]

    def _take(self, piece: re.Match[str]) -> None:
        _, command, back, down, shown = piece.groups()
        if command == "K":
            assert self._is_at_start, "a line is erased from its beginning"
            self._rows[-1] = ""
        elif back:
            self._is_at_start = True
        elif down:
            self._rows.append("")
            self._is_at_start = True
        elif shown:
            self._rows[-1] = shown if self._is_at_start else self._rows[-1] + shown
            self._is_at_start = False
            self.seen.append(self._rows[-1])

    def widest(self) -> int:
        """Columns of the widest row that ever stood there."""
        return max(map(columns, self.seen), default=0)


@contextmanager
def small_terminal(width: int, *, encoding: str = "utf-8") -> Iterator[SmallTerminal]:
    """One of that width; a program writes to its `stream`."""
    reader, writer = os.openpty()
    tty.setraw(writer)
    termios.tcsetwinsize(writer, (24, width))
    try:
        with os.fdopen(writer, "w", encoding=encoding, closefd=False) as stream:
            yield SmallTerminal(reader, cast(TextIOWrapper, stream), writer)
    finally:
        os.close(reader)
        os.close(writer)
