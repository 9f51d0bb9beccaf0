"""Control files in the inbox as they lie there: what is in one, and how it goes.

Their names, which `steering` knows, are always found by a listing: an NFS client may answer a look-up from its cache
for half a minute, and only a listing shows a name in whatever case and form a person's system wrote it.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Collection
from pathlib import Path

from worker.disk.content import NO_PLAIN_FILE, NotAJob, opened
from worker.disk.looks import is_folder
from worker.plain_names import alike
from worker.spool.steering import READY

STAYS = (errno.EACCES, errno.EPERM, errno.ENOTEMPTY, errno.EEXIST, errno.EISDIR)
"""How a system refuses to remove what is not ours, or a folder with something in it."""
WORDS_BYTES = 1024
"""Read of a control file."""
WORD = re.compile(r"[^\W_]+")
"""Without what people put around it: `--missing`, 「缺图」."""


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


def words_in(path: Path) -> frozenset[str]:
    """What a person, or a command, wrote into a control file, in small letters; nothing where it is no plain file.

    Args:
        path: of the file; may be a folder, a link, a pipe, or gone.

    Raises:
        OSError: the share failed.
    """
    try:
        with opened(path, below=path.parent) as file:
            data = file.read(WORDS_BYTES)
    except (NotAJob, FileNotFoundError, IsADirectoryError, PermissionError):
        return frozenset()
    except OSError as error:
        if error.errno in NO_PLAIN_FILE:
            return frozenset()
        raise
    is_utf_16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # as PowerShell's `>` has it
    encodings = ("utf-16",) if is_utf_16 else ("utf-8-sig", "gb18030")  # "ANSI" of a Chinese Notepad; letters are alike
    texts = (data.decode(encoding, errors="replace") for encoding in encodings)
    return frozenset(word for text in texts for word in WORD.findall(alike(text)))


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
