"""The final rename: a staged folder becomes a finished one; before it, the job is added and everything verified.

Knows that the last rename is the only moment at which a job becomes visible.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from worker.disk.content import file_hash, files_of, pieces
from worker.disk.durable import is_listed, sync_folder, sync_tree
from worker.disk.json_records import read_head
from worker.disk.lone_table import is_table
from worker.disk.returned_folder import JOB_FOLDER
from worker.disk.temporaries import remove_temporaries
from worker.plain_names import alike
from worker.publishing_ports import NotAsWritten
from worker.records import JOB_FILE
from worker.spool.layout import numbered
from worker.translation import gettext

TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.EPERM, errno.ENOTDIR, errno.EISDIR}
"""How shares refuse to rename onto a folder with something in it (measured: ext4, NFS, SMB; EPERM on sshfs)."""


class Staged(Protocol):
    """What `FolderStaging` gives, and all that publishing needs of it."""

    @property
    def path(self) -> Path:
        """The folder."""

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 by name of everything written."""

    def copy(self, name: str, pieces: Callable[[], Iterable[bytes]]) -> None:
        """Write whole or not at all."""

    def read_hash(self, name: str) -> str:
        """SHA-256 through a fresh open, hex."""


def add_dropped(staging: Staged, dropped: Path) -> None:
    """Copy the job as it was dropped, byte for byte: `job.yaml`, and a folder's other files under `job/`.

    Args:
        staging: of the claim.
        dropped: the job's file or folder, as it lies in the claim.

    Raises:
        NotAsWritten: the copy differs from what was dropped.
        NotAJob: there is something other than files and folders in it.
        OSError: the share failed; the call may be repeated.
    """
    for name, file in files_of(dropped):
        if name == "" and is_table(dropped.name):  # without its template
            name = dropped.name  # noqa: PLW2901
        target = JOB_FILE if name in ("", JOB_FILE) else f"{JOB_FOLDER}/{name}"
        staging.copy(target, partial(pieces, file, below=dropped.parent))
        if file_hash(file, below=dropped.parent) != staging.hashes[target]:
            raise NotAsWritten(errno.EIO, gettext("changed while it was being copied"), str(file))


def verify(staging: Staged) -> None:
    """Read everything back; remove what a killed writer left half-way.

    Raises:
        NotAsWritten: a file differs from what was written.
    """
    remove_temporaries(staging.path, but=staging.hashes)
    for name, expected in staging.hashes.items():
        if staging.read_hash(name) != expected:
            raise NotAsWritten(errno.EIO, gettext("does not read back as it was written"), str(staging.path / name))
    sync_tree(staging.path)


def appear(staged: Path, *, root: Path, name: str, job_id: str, note: Callable[[Path, Path], None]) -> Path:
    """Rename the staged folder to the first free name of NAME, NAME.2, NAME.3, ...; `mug` is taken where `Mug` lies.

    Args:
        staged: the folder of this claim, on the same share as `root`.
        root: `outbox` or `failed`.
        name: of the job.
        job_id: a folder of that name and this id means that the job was published before.
        note: called with the staged folder and the target before each try.

    Returns:
        The folder under its final name.

    Raises:
        OSError: the share failed; nothing is half-done.
    """
    there = {alike(other): other for other in os.listdir(root)}
    number = 1
    while True:
        target = root / numbered(name, number)
        if alike(target.name) in there:
            twin = root / there[alike(target.name)]
            if job_of(twin) == job_id:
                return twin
        else:
            note(staged, target)
            if _renamed(staged, target):
                sync_folder(root)
                return target
            there[alike(target.name)] = target.name
            continue  # somebody was faster: whose folder is it?
        number += 1


def _renamed(staged: Path, target: Path) -> bool:
    """Whether the rename happened; False when the name was taken meanwhile."""
    try:
        os.rename(staged, target)
    except OSError as error:
        if not is_listed(staged) and is_listed(target):
            return True  # it happened, and only the answer was lost
        if error.errno in TAKEN and is_listed(target):
            return False
        raise
    return True


def job_of(folder: Path) -> str | None:
    """The unique id of the job in a finished folder, or None; whatever lies there is not trusted."""
    job = read_head(folder / "manifest.json").get("job")
    return str(job) if isinstance(job, str) else None
