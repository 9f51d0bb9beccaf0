"""What became of a submitted job: it waits, a worker has it, or it lies in its final folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from worker.disk.content import NotAJob, file_hash
from worker.disk.returned_folder import JOB_FOLDER
from worker.records import JOB_FILE
from worker.spool.claim_files import folders_in
from worker.spool.layout import DROPPED, Folders
from worker.spool.listing import finished_in

Identity = tuple[str, int, int]
"""Path, inode and time of a job file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A job that was put into the inbox."""

    name: str
    """In the inbox."""
    job_hash: str
    """SHA-256 of the job file, by which its final folder is known."""
    table: tuple[str, str] | None = None
    """Name and SHA-256 of a lone table: several have the same template."""
    known: frozenset[Identity]
    """Job files of finished and failed folders that were there before."""


def known_before(folders: Folders) -> frozenset[Identity]:
    """Job files of all finished and failed folders, before a job is submitted.

    Args:
        folders: those it will be submitted to.

    Raises:
        OSError: the share failed.
    """
    return frozenset(filter(None, map(_identity, _ended(folders))))


def how_ended(submitted: Submitted, folders: Folders) -> Path | None:
    """The folder in which a submitted job ended, or None while it has not.

    Args:
        submitted: as `submit` gave it.
        folders: those it was submitted to.

    Raises:
        OSError: the share failed.
    """
    for folder in _ended(folders):
        try:
            if _identity(folder) not in submitted.known and _is_of(submitted, folder):
                return folder
        except (FileNotFoundError, NotADirectoryError, NotAJob, PermissionError):
            continue
    return None


def _is_of(submitted: Submitted, folder: Path) -> bool:
    if file_hash(folder / JOB_FILE, below=folder.parent) != submitted.job_hash:
        return False
    name, table_hash = submitted.table or ("", "")
    return not name or file_hash(folder / JOB_FOLDER / name, below=folder.parent) == table_hash


def is_gone(submitted: Submitted, folders: Folders) -> bool:
    """Whether a submitted job neither waits nor is any worker's now: it has ended, or somebody took it away.

    Args:
        submitted: as `submit` gave it.
        folders: those it was submitted to.

    Raises:
        OSError: the share failed.
    """
    if submitted.name in os.listdir(folders.inbox):
        return False
    claims = (claim for worker in folders_in(folders.claims) for claim in folders_in(worker))
    return not any((claim / DROPPED / submitted.name).exists() for claim in claims)


def _ended(folders: Folders) -> list[Path]:
    return [*finished_in(folders.outbox), *finished_in(folders.failed)]


def _identity(folder: Path) -> Identity | None:
    """Of the job file in a finished folder: another folder of the same name has another."""
    try:
        status = os.lstat(folder / JOB_FILE)
    except OSError:
        return None
    return str(folder), status.st_ino, status.st_mtime_ns
