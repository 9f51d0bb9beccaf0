"""What became of a submitted job: it waits, a worker has it, or it lies in its final folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from worker.disk.content import NotAJob, file_hash
from worker.disk.returned_folder import JOB_FOLDER
from worker.records import JOB_FILE
from worker.spool.claim_files import folders_in
from worker.spool.layout import DROPPED, Folders
from worker.spool.listing import finished_in
from worker.spool.names import stem_of

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


EVERY_FOLDER = 10
"""At every so many looks all folders are looked into again: one may have taken the place of another of its name."""


def known_before(folders: Folders) -> frozenset[Identity]:
    """Job files of all finished and failed folders, before a job is submitted.

    Args:
        folders: those it will be submitted to.

    Raises:
        OSError: the share failed.
    """
    return frozenset(filter(None, map(_identity, _ended(folders))))


class Ends:
    """Watches for the ends of submitted jobs: one listing for all of them, and each folder is read once."""

    def __init__(self, submitted: Iterable[Submitted], folders: Folders) -> None:
        """Keep them; nothing is looked at.

        Args:
            submitted: as `submit` gave them.
            folders: those they were submitted to.
        """
        self._open = list(submitted)
        self._folders = folders
        self._others = frozenset[Identity]().union(*(one.known for one in self._open))
        self._names: frozenset[Path] = frozenset()
        self._looks = 0

    def look(self) -> list[tuple[Submitted, Path]]:
        """Jobs that have ended since the last look, each with its folder.

        Raises:
            OSError: the share failed.
        """
        listed = _ended(self._folders)
        news = listed if self._looks % EVERY_FOLDER == 0 else [path for path in listed if path not in self._names]
        found = []
        for folder in news:
            identity = _identity(folder)
            if identity is None or identity in self._others:
                continue
            try:
                job_hash = file_hash(folder / JOB_FILE, below=folder.parent)
                alike = (one for one in self._open if one.job_hash == job_hash)
                mine = [one for one in alike if _has_table(one, folder)]
            except (FileNotFoundError, NotADirectoryError, NotAJob, PermissionError):
                continue
            self._others |= {identity}
            if mine:  # several have the same text: the one that was called so
                one = min(mine, key=lambda one: not folder.name.startswith(stem_of(one.name, is_folder=False)))
                self._open.remove(one)
                found.append((one, folder))
        self._names = frozenset(listed)
        self._looks += 1
        return found


def how_ended(submitted: Submitted, folders: Folders) -> Path | None:
    """The folder in which a submitted job ended, or None while it has not.

    Args:
        submitted: as `submit` gave it.
        folders: those it was submitted to.

    Raises:
        OSError: the share failed.
    """
    return next((folder for _, folder in Ends([submitted], folders).look()), None)


def _has_table(submitted: Submitted, folder: Path) -> bool:
    """Whether the lone table of the job, if it had one, is that of a folder with the same job file."""
    name, table_hash = submitted.table or ("", "")
    return not name or file_hash(folder / JOB_FOLDER / name, below=folder.parent) == table_hash


def gone(names: Iterable[str], folders: Folders) -> frozenset[str]:
    """Submitted jobs that neither wait nor are any worker's now: they have ended, or somebody took them away.

    Args:
        names: of the jobs in the inbox.
        folders: those they were submitted to.

    Raises:
        OSError: the share failed.
    """
    left = set(os.listdir(folders.inbox))
    for worker in folders_in(folders.claims):
        for claim in folders_in(worker):
            with suppress(FileNotFoundError, NotADirectoryError):  # it has ended while we looked
                left |= set(os.listdir(claim / DROPPED))
    return frozenset(names) - left


def _ended(folders: Folders) -> list[Path]:
    return [*finished_in(folders.outbox), *finished_in(folders.failed)]


def _identity(folder: Path) -> Identity | None:
    """Of the job file in a finished folder: another folder of the same name has another."""
    try:
        status = os.lstat(folder / JOB_FILE)
    except OSError:
        return None
    return str(folder), status.st_ino, status.st_mtime_ns
