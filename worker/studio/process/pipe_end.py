"""The parent's end of the pipe: messages go out and come in by pieces, so that nobody waits for a child that stopped.

Knows the framing of `multiprocessing.connection.Connection`, which the child speaks; not what is said.
"""

from __future__ import annotations

import os
import pickle
import select
import struct
from multiprocessing.connection import Connection

MOST_AT_ONCE = 1 << 20
"""Bytes taken at a time: what the child says beyond it waits in the pipe, and so does the child."""
SHORT = struct.Struct("!i")
"""Length of a message. Source: CPython's Lib/multiprocessing/connection.py, `Connection._send_bytes`."""
LONG = struct.Struct("!Q")
"""Length of one of 2 GiB and more, behind a short length of -1. Source: as above."""
POLL_ERRORS = select.POLLERR | select.POLLNVAL


class Unreadable(Exception):
    """Raised when a whole message came and no value could be made of it; who sent it is replaced."""


class PipeEnd:
    """One end of a two-way pipe that never blocks longer than asked; for one thread."""

    def __init__(self, connection: Connection) -> None:
        """Take it over.

        Args:
            connection: of a duplex `multiprocessing.Pipe`; closed by `close`.
        """
        self._connection = connection
        os.set_blocking(connection.fileno(), False)
        self._out = memoryview(b"")
        self._in = bytearray()
        self.moved = 0
        """Bytes that went either way so far."""

    @property
    def is_amid(self) -> bool:
        """Whether a message is on its way, in either direction, and not whole."""
        return bool(self._out or self._in)

    def put(self, message: object) -> None:
        """Let this go out behind what was put before; `exchange` does it.

        Args:
            message: pickled here, so that what cannot be pickled is its caller's error and sends nothing.
        """
        packed = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        is_short = len(packed) <= 0x7FFFFFFF
        head = SHORT.pack(len(packed)) if is_short else SHORT.pack(-1) + LONG.pack(len(packed))
        self._out = memoryview(b"".join((self._out, head, packed)))

    def exchange(self, within_s: float) -> object | None:
        """Send and receive what can be; the next whole message, or None where none is there yet.

        Args:
            within_s: at most so many seconds, and only until something moves.

        Raises:
            EOFError, OSError: the other side is gone, and all that it said was received.
            Unreadable: see there.
        """
        if (packed := self._whole()) is None:
            self._move(within_s)
            packed = self._whole()
        if packed is None:
            return None
        try:
            message: object = pickle.loads(packed)
        except Exception as error:  # whatever it holds, or too little memory for it
            raise Unreadable(f"{type(error).__name__}: {error}") from error
        return message

    def _move(self, within_s: float) -> None:
        poll = select.poll()
        poll.register(self._connection.fileno(), select.POLLIN | (select.POLLOUT if self._out else 0))
        for _, events in poll.poll(within_s * 1000):
            if events & (select.POLLIN | select.POLLHUP | POLL_ERRORS):
                self._read()
            if events & select.POLLOUT:
                self._write()

    def _read(self) -> None:
        piece = os.read(self._connection.fileno(), MOST_AT_ONCE)
        if not piece:
            raise EOFError
        self._in += piece
        self.moved += len(piece)

    def _write(self) -> None:
        try:
            sent = os.write(self._connection.fileno(), self._out[:MOST_AT_ONCE])
        except (BrokenPipeError, ConnectionResetError):
            sent = len(self._out)  # nobody hears it; what was said before the end is still to be received
        self._out = self._out[sent:]
        self.moved += sent

    def _whole(self) -> bytes | None:
        """Take the first message, if it is all here."""
        begin = SHORT.size
        if len(self._in) < begin:
            return None
        (length,) = SHORT.unpack_from(self._in)
        if length == -1:
            if len(self._in) < begin + LONG.size:
                return None
            (length,) = LONG.unpack_from(self._in, begin)
            begin += LONG.size
        if len(self._in) < begin + length:
            return None
        packed = bytes(self._in[begin : begin + length])
        del self._in[: begin + length]
        return packed

    def close(self) -> None:
        """Hang up; idempotent."""
        self._connection.close()
