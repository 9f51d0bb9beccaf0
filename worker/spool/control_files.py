"""Control files in the inbox, by which people steer the workers: `PAUSE`, `NAME.cancel`, `NAME.yaml.ready`.

Knows these names, which are always found by a listing: an NFS client may answer a look-up from its cache for half a
minute, and only a listing shows a name in whatever case and form a person's system wrote it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable
from pathlib import Path

from worker.disk.looks import is_folder
from worker.plain_names import YAML_ENDINGS, alike

PAUSES = ("PAUSE", "PAUSE.txt")
"""Windows adds `.txt` to a new text file, and may hide that it did."""
CANCELS = (".cancel", ".cancel.txt")
READY = ".ready"
"""After the whole file name of a job that is complete; waited for where the settings ask for it."""
STAYS = (errno.EACCES, errno.EPERM, errno.ENOTEMPTY, errno.EEXIST, errno.EISDIR)
"""How a system refuses to remove what is not ours, or a folder with something in it."""


def pause_in(names: Iterable[str]) -> str | None:
    """The file by which all workers are to wait, or None.

    Args:
        names: of the inbox.
    """
    pauses = {alike(name) for name in PAUSES}
    return next((name for name in names if len(name) < 10 and alike(name) in pauses), None)


def cancels_in(names: Iterable[str]) -> list[tuple[str, str]]:
    """Files that cancel a job, each with what it means: see `meant_by`.

    Args:
        names: of the inbox.
    """
    found = []
    for name in names:
        if name.startswith((".", "~")):
            continue
        for ending in CANCELS:
            if name[-len(ending) :].lower() == ending:
                found.append((_called(name[: -len(ending)]), name))
    return found


def meant_by(*names: str | None) -> set[str]:
    """What a cancel file may say for a job of these names: each with or without `.yaml`, in any case.

    Args:
        names: of the job's file or folder, its stem, its shown name.
    """
    return {_called(name) for name in names if name is not None}


def _called(name: str) -> str:
    called = alike(name).strip()
    ending = next((ending for ending in YAML_ENDINGS if called.endswith(ending)), "")
    return called.removesuffix(ending).strip()


def is_removed(path: Path) -> bool:
    """Remove a control file, also one that is an empty folder: a file manager makes that more easily.

    Args:
        path: of the file, which may be gone.

    Returns:
        False where it stays: it is not this user's to remove, or a folder with something in it.

    Raises:
        OSError: the share failed.
    """
    try:
        if is_folder(path):
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno in STAYS:
            return False
        raise
    return True


def ready_job(name: str) -> str | None:
    """The job that a ready file says to be complete, as `alike` spells its whole name; None for any other file.

    Args:
        name: in the inbox.
    """
    said = alike(name)
    return said.removesuffix(READY) if said.endswith(READY) and not said.startswith((".", "~")) else None


def lone_readies(names: Collection[str]) -> set[str]:
    """Files that say of no job beside them that it is complete.

    Args:
        names: of the inbox.
    """
    readies = {name: said for name in names if (said := ready_job(name)) is not None}
    jobs = {alike(name) for name in names} if readies else set()
    return {name for name, said in readies.items() if said not in jobs}


def clear_ready(inbox: Path, job: str) -> None:
    """Remove what said that this job is complete, however it spells the name: it must not speak for the next such job.

    Args:
        inbox: where it would lie.
        job: the job's file or folder name, with its ending.

    Raises:
        OSError: the share failed.
    """
    for name in os.listdir(inbox):
        if ready_job(name) == alike(job):
            (inbox / name).unlink(missing_ok=True)
