"""Probe of a folder: whether listing, writing, syncing and renaming work there, and how its clock differs from ours."""

from __future__ import annotations

import os
import time
from pathlib import Path

from worker.disk.beneath import NEW_FLAGS
from worker.disk.temporaries import temporary_name

CONTENT = b"probe" * 1024
"""More than a file system keeps in a file's own record: only then does a full one tell."""


def probe(folder: Path) -> float:
    """List the folder, then write, sync and rename a hidden file, which is gone again afterwards.

    Returns:
        Seconds by which the folder's clock is ahead of ours.

    Raises:
        OSError: one of them does not work here.
    """
    os.listdir(folder)
    written, renamed = (folder / temporary_name("zimage-worker-probe") for _ in range(2))
    try:
        with os.fdopen(os.open(written, NEW_FLAGS, 0o666), "wb") as file:
            file.write(CONTENT)
            file.flush()
            os.fsync(file.fileno())
        skew_s = written.stat().st_mtime - time.time()
        os.rename(written, renamed)
    finally:
        for left in (written, renamed):
            left.unlink(missing_ok=True)
    return skew_s
