"""Open writers: whether some program of this machine still has a file open for writing, where the kernel tells."""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path

from worker.disk.beneath import READ_FLAGS
from worker.disk.mount_tables import MountTables, kind_of_system
from worker.disk.mounts import REMOTE


def is_open_for_writing(path: Path, tables: MountTables | None = None) -> bool:
    """Whether somebody has the file open for writing; False where that cannot be known.

    A lease for reading is granted only while nobody writes (fcntl(2), F_SETLEASE): on local disks, for files of one's
    own or with CAP_LEASE. What other machines do on a share does not show. NFS 4 and SMB refuse a lease with the same
    EAGAIN for as long as the server grants no delegation or oplock, which may be for ever, so there it tells nothing.

    Args:
        path: of a regular file.
        tables: of this machine, when not given.
    """
    try:
        descriptor = os.open(path, READ_FLAGS)
    except OSError:
        return False
    try:
        # who opens it for writing in this moment has a signal sent to us: one that is ignored, not SIGIO, which kills
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return kind_of_system(path, tables) not in REMOTE
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
