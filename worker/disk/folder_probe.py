"""Probe of a folder: whether listing, writing, syncing and renaming work there, and how its clock differs from ours."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from worker.disk.beneath import NEW_FLAGS
from worker.disk.temporaries import temporary_name

SMALL_BYTES = 5 * 1024
"""More than a file system keeps in a file's own record: only then does a full one tell."""
PIECE_BYTES = 64 * 1024


def probe(
    folder: Path, *, within: Path | None = None, size_bytes: int = 0, wall: Callable[[], float] = time.time
) -> float:
    """List the folder, then write, sync and rename a hidden file, which is gone again afterwards.

    The bytes are really written: neither statvfs nor a reservation shows the quota of every share.

    Args:
        folder: that is listed.
        within: its subfolder to write into, where the folder itself is being watched.
        size_bytes: of the file; a disk may have room for a small one and not for a picture.
        wall: our clock, seconds since 1970.

    Returns:
        Seconds by which the folder's clock is ahead of ours.

    Raises:
        OSError: one of them does not work here.
    """
    os.listdir(folder)
    written, renamed = ((within or folder) / temporary_name("zimage-worker-probe") for _ in range(2))
    try:
        with os.fdopen(os.open(written, NEW_FLAGS, 0o666), "wb") as file:
            _fill(file.write, max(size_bytes, SMALL_BYTES))
            file.flush()
            os.fsync(file.fileno())
        skew_s = written.stat().st_mtime - wall()
        os.rename(written, renamed)
    finally:
        for left in (written, renamed):
            left.unlink(missing_ok=True)
    return skew_s


def _fill(write: Callable[[bytes], object], size_bytes: int) -> None:
    """Write so many bytes that no file system compresses away."""
    piece = os.urandom(min(size_bytes, PIECE_BYTES))
    for begin in range(0, size_bytes, PIECE_BYTES):
        write(piece[: size_bytes - begin])
