"""One pass over a file: its hashes and what is damaged in it, while its bytes pass once.

Knows no model: who converts or copies the file takes the pieces as they pass.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from worker.studio.model_files.checking.damage import Damage, DamageScan
from worker.studio.model_files.safetensors_file import FileFaultError, Header, header_of, open_regular
from worker.translation import gettext

PIECE_BYTES = 1024**2
"""Read at a time: it stays in the processor's cache for hash and scan; a disk at 1 MB/s still gives one a second."""
SMALL_BYTES = 64 * 1024**2
"""Hubs know larger files by their SHA-256, smaller ones maybe by git's SHA-1: of those it is taken unasked."""

OtherHash = Literal["git_sha1", "md5"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What tells that a file is the one that was read: it holds while nobody writes to it or replaces it."""

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
    """Of the file before its first byte was read: who writes to it meanwhile makes it another one."""
    sha256: str
    git_sha1: str | None = None
    """As git names a blob; None for a large file of which nobody asked it."""
    md5: str | None = None
    """None where nobody asked it."""
    damage: tuple[Damage, ...] = ()
    """What cannot be in weights; empty for files that hold none."""


class OnePass:
    """Takes a file's bytes in their order, and says at the end what they were.

    `read_once` feeds it a file.
    """

    def __init__(
        self, status: os.stat_result, header: Header | None = None, *, also: Collection[OtherHash] = ()
    ) -> None:
        """Begin at the file's first byte.

        Args:
            status: of the opened file.
            header: of a safetensors file, whose matrices are then looked at; None for any other.
            also: hashes that are wanted beside the SHA-256, about as much work each.
        """
        self._stamp = Stamp.of(status)
        self._sha256 = hashlib.sha256()
        wants_git = "git_sha1" in also or status.st_size <= SMALL_BYTES
        blob = b"blob %d\0" % status.st_size
        self._git_sha1 = hashlib.sha1(blob, usedforsecurity=False) if wants_git else None
        self._md5 = hashlib.md5(usedforsecurity=False) if "md5" in also else None
        self._hashes = [each for each in (self._sha256, self._git_sha1, self._md5) if each]
        self._scan = DamageScan(header) if header else None

    def feed(self, piece: bytes) -> None:
        """Take the next bytes, of any length."""
        for each in self._hashes:
            each.update(piece)
        if self._scan:
            self._scan.feed(piece)

    def finish(self) -> ReadFile:
        """What the bytes were."""
        return ReadFile(
            stamp=self._stamp,
            sha256=self._sha256.hexdigest(),
            git_sha1=self._git_sha1.hexdigest() if self._git_sha1 else None,
            md5=self._md5.hexdigest() if self._md5 else None,
            damage=self._scan.findings() if self._scan else (),
        )


def read_once(path: Path, *, on_piece: Callable[[bytes], object] = len, also: Collection[OtherHash] = ()) -> ReadFile:
    """Read a file from its first byte to its last, each once.

    Args:
        path: of the file; links are followed, as a download cache has its files behind them.
        on_piece: gets every piece in the file's order, of `PIECE_BYTES` at most: for a conversion in the same pass,
            progress, or an end (whatever it raises ends the reading).
        also: hashes that are wanted beside the SHA-256.

    Raises:
        OSError: it cannot be read, or somebody wrote to it meanwhile.
    """
    with _opened(path) as file:
        status = os.fstat(file.fileno())
        one = OnePass(status, _header(file), also=also)
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            one.feed(piece)
            on_piece(piece)
        if Stamp.of(os.fstat(file.fileno())) != Stamp.of(status):
            raise OSError(errno.EBUSY, gettext("somebody writes to it"), str(path))
        return one.finish()


def _opened(path: Path) -> BinaryIO:
    try:
        return open_regular(path)
    except FileFaultError as error:  # whoever asks has seen a file there, which went
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error


def _header(file: BinaryIO) -> Header | None:
    """Of a whole safetensors file, whatever its name; what is none has been told by who looked at the headers."""
    try:
        return header_of(file)
    except FileFaultError:
        return None
