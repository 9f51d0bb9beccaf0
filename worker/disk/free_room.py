"""Free room on a folder's disk, beside a reserve that is kept; quotas as far as the file system tells of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
RESERVE_SHARE = 0.02
"""Of a disk: more is never kept free, or a small one would hold nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeRoom:
    """Of one disk, at one look."""

    free_bytes: float
    """For whoever is no administrator, the reserve included."""
    reserve_bytes: float


def free_room(folder: Path, *, reserve_mib: int) -> FreeRoom | None:
    """Look once; None where the share is away, or does not tell.

    Args:
        folder: on the disk.
        reserve_mib: kept free there, as far as that is no more than `RESERVE_SHARE`.
    """
    try:
        system = os.statvfs(folder)
    except OSError:
        return None
    whole_bytes = system.f_blocks * system.f_frsize
    if not whole_bytes:
        return None
    reserve_bytes = min(reserve_mib * MIB, RESERVE_SHARE * whole_bytes)
    return FreeRoom(free_bytes=system.f_bavail * system.f_frsize, reserve_bytes=reserve_bytes)
