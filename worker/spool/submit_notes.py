"""Submit notes: what `submit` says of a job that it puts into the inbox by a rename: it counts as settled at once.

Knows `submitted/HASH.json`, which holds the fingerprint of the whole job. A worker makes the folder, for all who may
drop a job; where there is none, or it cannot be written, a job settles like any other.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from worker.disk.beneath import opened_folder, remove_file
from worker.disk.durable import make_folder, write_json
from worker.disk.json_records import read_record
from worker.spool.layout import HIDDEN, note_name

SUBMITTED = f"{HIDDEN}/submitted"


def make_submitted_folder(inbox: Path) -> None:
    """Let there be the folder, with the rights of the inbox; without it a job waits for `settle_s`.

    Args:
        inbox: of the spool.
    """
    with suppress(OSError):
        make_folder(inbox / SUBMITTED, below=inbox)
        with opened_folder(inbox / SUBMITTED, below=inbox) as descriptor:
            mode, status = stat.S_IMODE(os.stat(inbox).st_mode), os.fstat(descriptor)
            if status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) != mode:
                os.fchmod(descriptor, mode)


def write_submit_note(inbox: Path, name: str, fingerprint: str) -> None:
    """Say what the job will be, before it appears.

    Args:
        inbox: of the spool.
        name: of the job's file or folder there.
        fingerprint: of its contents.
    """
    with suppress(OSError):
        write_json(_note(inbox, name), {"fingerprint": fingerprint}, below=inbox)


def submit_notes(inbox: Path) -> frozenset[str]:
    """The notes that are there, by `note_name`.

    Args:
        inbox: of the spool; a share that is away shows in its own listing, and gives no note here.
    """
    with suppress(OSError):
        return frozenset(os.listdir(inbox / SUBMITTED))
    return frozenset()


def noted_fingerprint(inbox: Path, name: str) -> str | None:
    """The fingerprint that was noted of a job, or None; whatever else lies there is none.

    Args:
        inbox: of the spool.
        name: of the job's file or folder there.

    Raises:
        OSError: the share failed.
    """
    said = read_record(_note(inbox, name), below=inbox).get("fingerprint")
    return said if isinstance(said, str) else None


def clear_submit_note(inbox: Path, name: str) -> None:
    """The job was taken; a note that cannot be removed speaks for the same contents only.

    Args:
        inbox: of the spool.
        name: of the job's file or folder there.
    """
    with suppress(OSError):
        remove_file(_note(inbox, name), below=inbox)


def _note(inbox: Path, name: str) -> Path:
    return inbox / SUBMITTED / note_name(name)
