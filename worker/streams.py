"""The standard streams of this process: a log that cannot be written, and output that nobody reads, end nothing."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO, StringIO, TextIOBase
from pathlib import Path
from threading import RLock
from typing import TextIO

ROOM_S = 1.0
"""A line waits so long for a reader that has fallen behind; one that reads no more (`| less`, Ctrl-S) delays nobody."""


def fill_gaps() -> None:
    """Where the caller closed a standard stream (`2>&-`), keep its number: the next file opened would get it."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def begin_again_in_utf8() -> None:
    """Where the locale has another encoding (`zh_CN.GBK`), run this process anew in Python's UTF-8 mode.

    Names on shares are UTF-8 whatever the locale of a terminal is, and in GBK half of them could not be written. What
    the terminal shows stays in its own encoding. Source: PEP 540.
    """
    if sys.getfilesystemencoding() == "utf-8":
        return
    try:
        _, *given = Path("/proc/self/cmdline").read_bytes().split(b"\0")[:-1]  # sys.argv has lost bytes
    except OSError:
        return
    shown = getattr(sys.stdout, "encoding", None) or "utf-8"
    environment = {b"PYTHONIOENCODING": f"{shown}:backslashreplace".encode(), **os.environb, b"PYTHONUTF8": b"1"}
    os.execve(sys.executable, [os.fsencode(sys.executable), b"-X", b"utf8", *given], environment)


class UntilUnread(TextIOBase):
    """Satisfies `TextIO` for what a command prints: once nobody reads it (`| head`), the rest goes nowhere.

    So a command comes to its end, and its exit code tells what it did and not who listened. Any other error is raised,
    and again at the next `flush`: whoever printed may have passed over it, as argparse does.
    """

    def __init__(self, target: TextIO | None) -> None:
        """Write to this stream from now on; nobody else should.

        Args:
            target: its buffer is kept; None where there is none.
        """
        self._target = target or StringIO()
        self._is_read = True
        self._error: OSError | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """As the target has it."""
        return self._target.encoding

    def write(self, text: str) -> int:
        """Write, as long as somebody reads."""
        with self._until_unread():
            self._target.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what is buffered, likewise.

        Raises:
            OSError: something that was printed since the last call could not be written.
        """
        error, self._error = self._error, None
        if error is not None:
            raise error
        with self._until_unread():
            self._target.flush()

    @contextmanager
    def _until_unread(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self._is_read = False
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._target.fileno())  # takes what is still buffered
        except OSError as error:
            self._error = error
            raise

    def isatty(self) -> bool:
        """Whether people look at it."""
        return self._target.isatty()

    def fileno(self) -> int:
        """The target's."""
        return self._target.fileno()

    def writable(self) -> bool:
        """Whether somebody still reads: who prints for ever ends then."""
        return self._is_read


class LossyStream(TextIOBase):
    """Satisfies `TextIO` for a log: what its target cannot take is lost and counted; nothing is ever raised.

    A terminal that was closed or stopped, a pipe that nobody reads, a full disk, a stream that was never open, a name
    that the encoding lacks: none of them may end or hold up the work that is told of.
    """

    def __init__(self, target: TextIO | None) -> None:
        """Write to this stream from now on; nobody else should.

        Args:
            target: None where there is none.
        """
        self._target = target
        self._encoding = getattr(target, "encoding", None) or "utf-8"
        self._raw: FileIO | None = None
        self._is_cut = self._is_stuck = False
        self._writing = RLock()
        self.lost = 0
        """Lines since somebody last set this to 0."""
        with suppress(OSError, ValueError, AttributeError):  # StringIO has no number
            self._raw = FileIO(target.fileno(), "w", closefd=False)  # type: ignore[union-attr]

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """As the target has it."""
        return self._encoding

    def write(self, text: str) -> int:
        """Write, or lose it."""
        try:
            data = text.encode(self._encoding, errors="backslashreplace")
            with self._writing:  # one line after the other, from whatever thread
                if self._raw is not None:
                    self._write_bytes(self._raw, data)
                elif self._target is not None:
                    self._target.write(data.decode(self._encoding))
        except (OSError, ValueError):  # ValueError: it was closed
            self.lost += text.count("\n")
        return len(text)

    def _write_bytes(self, raw: FileIO, data: bytes) -> None:
        """All of it, unbuffered: what a full disk refuses now must not come out later, in the middle of a line."""
        left = memoryview(b"\n" + data if self._is_cut else data)
        while left:
            # so much a pipe takes without waiting, once it says that it has room
            written = raw.write(left[: select.PIPE_BUF]) if self._has_room(raw) else None
            if not written:
                raise BlockingIOError
            left = left[written:]
            self._is_cut = bool(left)

    def _has_room(self, raw: FileIO) -> bool:
        room = select.poll()
        room.register(raw, select.POLLOUT)
        self._is_stuck = not room.poll(0 if self._is_stuck else ROOM_S * 1000)
        return not self._is_stuck

    def isatty(self) -> bool:
        """Whether people look at it; a terminal that was closed is none."""
        try:
            return self._target is not None and self._target.isatty()
        except (OSError, ValueError):
            return False

    def fileno(self) -> int:
        """The target's.

        Raises:
            OSError: it has none.
        """
        return self._raw.fileno() if self._raw is not None else super().fileno()

    def writable(self) -> bool:
        """Always."""
        return True
