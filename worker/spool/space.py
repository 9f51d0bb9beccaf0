"""Room in the folders: what a write needed there and did not get, and how many more pictures fit beside a reserve.

Knows sizes and what the file system says is free; nothing here is read or written.
"""

from __future__ import annotations

import errno
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from worker.disk.content import PIECE_BYTES
from worker.disk.free_room import MIB, FreeRoom, free_room
from worker.records import Request
from worker.translation import Text, gettext

REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG}
"""How a write fails for want of room, or on a disk that fails: never the fault of the job that is written."""
PROBE_BYTES = 64 * 1024 * 1024
"""Most that is ever tried: a probe must not take minutes on a slow share."""

BYTES_PER_PIXEL = {"png": 2.0, "jpeg": 0.5, "webp": 0.4}
"""Of a picture before any was measured: 2 MB for 1024x1024 in PNG, with grain (measured, Z-Image; smooth ones half)."""
OTHER_BYTES_PER_PIXEL = 3.0
"""Of any other format: three colours of a byte, not compressed."""
BESIDE_BYTES = 32 * 1024
"""What comes with each picture: its sidecar, its small version on the pages, its place in manifest and table."""
NEWEST_WEIGHT = 0.2
"""Of the newest picture in the running mean: follows a change within some ten pictures, as the speed does."""


def expected_bytes(request: Request, per_pixel: Mapping[str, float] = BYTES_PER_PIXEL) -> float:
    """What a picture will take, with all that comes with it.

    Args:
        request: of it.
        per_pixel: bytes, by format.
    """
    pixels = request.width_px * request.height_px
    return pixels * per_pixel.get(request.format, OTHER_BYTES_PER_PIXEL) + BESIDE_BYTES


class Shortfall:
    """How much the last write into a folder needed and did not get."""

    def __init__(self) -> None:
        """Nothing has failed."""
        self.size_bytes = 0

    @contextmanager
    def watching(self, pieces: Iterable[bytes]) -> Iterator[Iterator[bytes]]:
        """Write a file's pieces inside the context; how far that came is kept where it fails.

        A write that fails again, although as much could be written in between, needs more than was thought.

        Args:
            pieces: of one file.
        """
        asked_bytes = 0

        def counted() -> Iterator[bytes]:
            nonlocal asked_bytes
            for piece in pieces:
                asked_bytes += len(piece)
                yield piece

        try:
            yield counted()
        except OSError as error:
            if error.errno in REFUSALS:
                # how long the file would have been is not known: it needs at least a piece more
                self.size_bytes = min(max(asked_bytes + PIECE_BYTES, 2 * self.size_bytes), PROBE_BYTES)
            raise
        self.size_bytes = 0


class FolderSpace:
    """Satisfies `spool_ports.Space` by what the file system of a folder says is free, quotas as far as it tells."""

    def __init__(self, folder: Path, *, reserve_mib: int, known: Mapping[str, float] = MappingProxyType({})) -> None:
        """Keep the place; nothing is asked.

        Args:
            folder: into which pictures are written.
            reserve_mib: kept free there, at most 2 % of the disk: for the pages of what is finished, and for others.
            known: bytes per pixel that were measured before, by format.
        """
        self._folder = folder
        self.reserve_mib = reserve_mib
        self._measured = dict(known)

    def fitting(self, requests: Sequence[Request]) -> int:
        """How many of these pictures fit, in their order; all where nothing is known."""
        left_bytes = self._left_bytes(self._room())
        for number, request in enumerate(requests):
            left_bytes -= self._expected_bytes(request)
            if left_bytes < 0:
                return number
        return len(requests)

    def shortage(self, request: Request) -> Text | None:
        """Why not even this picture fits, for a person; None when it does."""
        needed_bytes, room = self._expected_bytes(request), self._room()
        if room is None or self._left_bytes(room) >= needed_bytes:
            return None
        return gettext(
            "outbox {path}: no room for another picture (about {size} MiB) beside the {reserve} MiB that are kept free:"
            " make room there.",
            path=self._folder,
            size=f"{needed_bytes / MIB:.1f}",
            reserve=f"{room.reserve_bytes / MIB:.0f}",
        )

    def measured(self, request: Request, *, size_bytes: int) -> None:
        """A picture came to so many bytes: later ones of its format are expected to be like it."""
        newest = size_bytes / (request.width_px * request.height_px)
        former = self._measured.get(request.format, BYTES_PER_PIXEL.get(request.format, newest))
        self._measured[request.format] = former + NEWEST_WEIGHT * (newest - former)

    def measured_sizes(self) -> dict[str, float]:
        """Bytes per pixel of the formats that were measured."""
        return dict(self._measured)

    def expected_bytes(self, requests: Iterable[Request]) -> float:
        """What these pictures will take, with what comes beside each.

        Args:
            requests: of any number.
        """
        return sum(self._expected_bytes(request) for request in requests)

    def free_bytes(self) -> float:
        """What is free beside the reserve; without end where the share does not tell."""
        return max(0.0, self._left_bytes(self._room()))

    def _expected_bytes(self, request: Request) -> float:
        return expected_bytes(request, BYTES_PER_PIXEL | self._measured)

    def _room(self) -> FreeRoom | None:
        return free_room(self._folder, reserve_mib=self.reserve_mib)

    @staticmethod
    def _left_bytes(room: FreeRoom | None) -> float:
        """Without end where the share does not tell, or is away: who writes there finds that out."""
        return math.inf if room is None else room.free_bytes - room.reserve_bytes
