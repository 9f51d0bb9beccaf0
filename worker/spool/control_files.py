"""Control files in the inbox, by which people steer the workers: `PAUSE`, `NAME.cancel`, `NAME.yaml.ready`.

Knows these names. They are looked up by name, which an NFS client may answer from its cache for half a minute: steering
is not urgent, and listing a large inbox is dear.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PAUSES = ("PAUSE", "pause", "PAUSE.txt", "pause.txt", "Pause.txt", "Pause")
"""Windows adds `.txt` to a new text file, and may hide that it did."""
CANCELS = (".cancel", ".cancel.txt")
NAME_BYTES = 255
"""Of a file's name, at most; a job whose own name is as long has no room for an ending."""
READY = ".ready"
"""After the whole file name of a job that is complete; waited for where the settings ask for it."""


def is_paused(inbox: Path) -> bool:
    """Whether all workers are to wait."""
    return any(os.path.lexists(inbox / name) for name in PAUSES)


def cancel_of(inbox: Path, job: str, stem: str) -> Path | None:
    """The file by which a person cancels this job, or None.

    Args:
        inbox: where it would lie.
        job: the job's file or folder name.
        stem: without `.yaml`.
    """
    return next((path for path in _cancels(inbox, job, stem) if os.path.lexists(path)), None)


def clear_cancel(inbox: Path, job: str, stem: str) -> None:
    """Remove it: it has been followed, and must not meet the next job of that name.

    Args:
        inbox: where it would lie.
        job: the job's file or folder name.
        stem: without `.yaml`.

    Raises:
        OSError: the share failed.
    """
    for path in _cancels(inbox, job, stem):
        if path.is_file():
            path.unlink(missing_ok=True)


def clear_ready(inbox: Path, job: str) -> None:
    """Remove what said that this job is complete: it must not speak for the next job of that name.

    Args:
        inbox: where it would lie.
        job: the job's file or folder name, with its ending.

    Raises:
        OSError: the share failed.
    """
    (inbox / f"{job}{READY}").unlink(missing_ok=True)


def _cancels(inbox: Path, job: str, stem: str) -> Iterator[Path]:
    names = (f"{name}{suffix}" for name in dict.fromkeys((stem, job)) for suffix in CANCELS)
    yield from (inbox / name for name in names if len(os.fsencode(name)) <= NAME_BYTES)
