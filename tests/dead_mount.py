"""A mount whose file system has gone, as the kernel has it after a FUSE program was killed: every look is refused."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MNT_DETACH = 2
CLONE_NEWNS = 0x20000
MS_REC_PRIVATE = 0x4000 | 0x40000
_LIBC = ctypes.CDLL(None, use_errno=True)


def mount(kind: str, place: Path, options: str) -> None:
    """Mount a file system of the kernel's; skips where that is not allowed."""
    if os.getuid() != 0 or _LIBC.mount(kind.encode(), os.fsencode(place), kind.encode(), 0, options.encode()) != 0:
        pytest.skip(f"no {kind} can be mounted here: {os.strerror(ctypes.get_errno())}")


@contextmanager
def dead_mount(place: Path) -> Iterator[None]:
    """While it lasts, a look at the folder or below it is answered with ENOTCONN.

    Args:
        place: an empty folder.
    """
    if not Path("/dev/fuse").exists() or os.getuid() != 0:
        pytest.skip("no FUSE here")
    kernel = os.open("/dev/fuse", os.O_RDWR)
    mount("fuse", place, f"fd={kernel},rootmode=40000,user_id=0,group_id=0,allow_other")
    os.close(kernel)  # which is all that happens when such a program is killed
    try:
        yield
    finally:
        _LIBC.umount2(os.fsencode(place), MNT_DETACH)


def alone_with_mounts() -> None:
    """From here on this process's mounts are its own."""
    if _LIBC.unshare(CLONE_NEWNS) != 0 or _LIBC.mount(b"none", b"/", None, MS_REC_PRIVATE, None) != 0:
        raise OSError(ctypes.get_errno(), "no mounts of its own")
