"""One pass over a file: its hashes and what is damaged in it, while its bytes pass once.

Knows no model: who converts or copies the file takes the pieces as they pass.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from worker.studio.model_files.checking.damage import DamageScan
from worker.studio.model_files.safetensors_file import FileFaultError, Header, read_header

PIECE_BYTES = 1024**2
"""Read at a time: it stays in the processor's cache for hash and scan, and a disk at 1 MB/s still gives one a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What tells that a file is the one that was read: it holds while nobody wrote to it or replaced it."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp in a status, of the file behind a link."""
        return cls(size=status.st_size, mtime_ns=status.st_mtime_ns, inode=status.st_ino)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """What one pass over a file found."""

    stamp: Stamp
    """Of the opened file, after its last byte was read."""
    sha256: str
    git_sha1: str
    """As git names a blob: small files of a download are known by it."""
    damage: tuple[str, ...]
    """What cannot be in weights, half a sentence each (`layers.3.w1.weight is all zeros`); empty for other files."""


class OnePass:
    """Takes a file's bytes in their order, and says at the end what they were.

    For who reads the file himself; `read_once` does it for all others.
    """

    def __init__(self, status: os.stat_result, header: Header | None = None) -> None:
        """Begin at the file's first byte.

        Args:
            status: of the opened file.
            header: of a safetensors file, whose matrices are then looked at; None for any other.
        """
        self._sha256 = hashlib.sha256()
        self._git_sha1 = hashlib.sha1(b"blob %d\0" % status.st_size, usedforsecurity=False)
        self._scan = DamageScan(header) if header else None

    def feed(self, piece: bytes) -> None:
        """Take the next bytes, of any length."""
        self._sha256.update(piece)
        self._git_sha1.update(piece)
        if self._scan:
            self._scan.feed(piece)

    def finish(self, status: os.stat_result) -> ReadFile:
        """What the bytes were.

        Args:
            status: of the opened file, now.
        """
        return ReadFile(
            stamp=Stamp.of(status),
            sha256=self._sha256.hexdigest(),
            git_sha1=self._git_sha1.hexdigest(),
            damage=self._scan.findings() if self._scan else (),
        )


def read_once(path: Path, *, on_piece: Callable[[bytes], object] = lambda piece: None) -> ReadFile:
    """Read a file from its first byte to its last, each once.

    Args:
        path: of the file; links are followed, as a download cache has its files behind them.
        on_piece: gets every piece in the file's order, of `PIECE_BYTES` at most: for a conversion in the same pass,
            progress, or an end (whatever it raises ends the reading).

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        one = OnePass(os.fstat(file.fileno()), _header(path))
        while piece := file.read(PIECE_BYTES):
            one.feed(piece)
            on_piece(piece)
        return one.finish(os.fstat(file.fileno()))


def _header(path: Path) -> Header | None:
    """Of a whole safetensors file; what is none has been told by who looked at the headers."""
    if path.suffix != ".safetensors":
        return None
    try:
        return read_header(path)
    except FileFaultError:
        return None
