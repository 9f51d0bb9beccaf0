"""Which process holds a worker's lock on this machine, proved by the lock file itself.

Knows lock files and Linux's `/proc`: a number that is written in a file may be another process's by now, so the process
must have that very file open.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from worker.spool.alive.locks import PROCESS

PROC = Path("/proc")


def holder_of(lock: Path) -> int | None:
    """The number of the process that is the worker of this lock; None where there is none.

    Args:
        lock: path of its file, which need not be there.

    Raises:
        PermissionError: it may be one of another account, whose files this user may not see.
        OSError: this machine's disk failed.
    """
    try:
        said, status = lock.read_bytes()[:100].decode(errors="replace"), os.stat(lock)
    except FileNotFoundError:
        return None
    number = said.removeprefix(PROCESS)
    if not (said.startswith(PROCESS) and number.isdecimal() and (PROC / number).exists()):
        return None
    try:
        files = [*(PROC / number / "fd").iterdir()]
    except FileNotFoundError:
        return None
    except PermissionError:
        if not _is_locked(status.st_ino):
            return None  # the number is a stranger's by now
        raise
    for path in files:
        with suppress(FileNotFoundError):  # it was closed meanwhile, or is no file
            held = os.stat(path)
            if (held.st_dev, held.st_ino) == (status.st_dev, status.st_ino):
                return int(number)
    return None


def _is_locked(inode: int) -> bool:
    """Whether anybody of this machine holds a lock on that file, as the kernel lists them."""
    try:
        lines = (PROC / "locks").read_text("ascii", errors="replace").splitlines()
    except OSError:
        return True  # not known
    return any(f":{inode} " in line for line in lines)
