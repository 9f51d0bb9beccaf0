"""Putting a job into an inbox safely, and finding where it ended."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from worker.disk.content import NotAJob, file_hash, files_of, pieces
from worker.disk.durable import make_folder, move_to_free_name, remove_tree, write_file, write_pieces
from worker.disk.mount_tables import MountTables
from worker.disk.returned_folder import JOB_FOLDER, MARKS, is_returned
from worker.errors import FoldersAway, FoldersUnusable, UsageError
from worker.records import JOB_FILE
from worker.spool.control_files import READY
from worker.spool.folder_identity import unmounted
from worker.spool.layout import PARTIAL, Folders
from worker.spool.names import kind_of
from worker.translation import Text, gettext, joined

_TABLES = MountTables()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A job that was put into the inbox."""

    name: str
    """In the inbox."""
    job_hash: str
    """SHA-256 of the job file, by which its final folder is known."""
    known: frozenset[Path]
    """Finished and failed folders that were there before."""


def submit(path: Path, folders: Folders, *, says_ready: bool = False) -> Submitted:
    """Copy a job file or folder under a hidden name, then rename it: nobody sees half a job.

    Args:
        path: of the job.
        folders: whose inbox it goes to.
        says_ready: put `NAME.ready` beside it, for workers that wait for one.

    Raises:
        UsageError: it is no job, or the inbox holds that name already.
        OSError: the share failed; nothing is visible.
    """
    path = path.resolve()
    is_folder = path.is_dir()
    if kind_of(path.name, is_folder=is_folder) != "job" or (is_folder and not (path / JOB_FILE).is_file()):
        raise UsageError(
            gettext(
                "{path}: is no job; a job is a `.yaml` file, or a folder that holds `{file}`.", path=path, file=JOB_FILE
            )
        )
    hidden = folders.inbox / f".{path.name[:40]}.{os.getpid()}.submit"
    target = folders.inbox / path.name
    try:
        _copy(path, hidden)
        copied = file_hash(hidden / JOB_FILE if is_folder else hidden)
        submitted = Submitted(name=path.name, job_hash=copied, known=frozenset(_ended(folders)))
        if not move_to_free_name(hidden, target):
            raise UsageError(
                gettext(
                    "{path}: the inbox already holds this name; wait until that job is taken, or rename.", path=target
                )
            )
        if says_ready:
            write_file(target.with_name(f"{target.name}{READY}"), b"")
    except NotAJob as refusal:
        raise UsageError(gettext("{path}: {why}; a job is plain files only.", path=path, why=refusal.why)) from None
    finally:
        remove_tree(hidden)
        if hidden.is_file():
            hidden.unlink()
    return submitted


def _copy(path: Path, hidden: Path) -> None:
    files = dict(files_of(path))
    if path.is_dir() and is_returned(os.listdir(path)):  # it stays one of ours, so that the job keeps its name
        files = {name if name == JOB_FILE else f"{JOB_FOLDER}/{name}": file for name, file in files.items()}
        files |= {mark: path / mark for mark in MARKS if (path / mark).is_file()}
    for name, file in files.items():
        target = hidden / name if name else hidden
        make_folder(target.parent)
        write_pieces(target, pieces(file))


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
            if folder not in submitted.known and file_hash(folder / JOB_FILE) == submitted.job_hash:
                return folder
        except (FileNotFoundError, NotAJob):
            continue
    return None


def _ended(folders: Folders) -> Iterator[Path]:
    for root in (folders.outbox, folders.failed):
        yield from (path for path in root.iterdir() if path.is_dir() and not path.name.endswith(PARTIAL))


def init_folders(folder: Path) -> Folders:
    """Make the three folders; what is there stays.

    Raises:
        FoldersUnusable: one cannot be made.
    """
    made = Folders(inbox=folder / "inbox", outbox=folder / "outbox", failed=folder / "failed")
    try:
        for path in (made.inbox, made.outbox, made.failed):
            path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FoldersUnusable(
            gettext(
                "{path}: cannot be made ({reason}): choose a folder you may write to, or make it as root.",
                path=error.filename,
                reason=error.strerror,
            )
        ) from error
    return made


def open_folders(inbox: Path, outbox: Path, failed: Path, *, tables: MountTables = _TABLES) -> Folders:
    """The three folders, once they are known to serve.

    Args:
        inbox: jobs to come.
        outbox: finished jobs.
        failed: jobs that failed.
        tables: where this machine says what should be mounted.

    Raises:
        FoldersUnusable: one is no folder, not writable, or inside another; names all that is wrong.
        FoldersAway: one is not there, or lies on a mount point with nothing mounted; nothing else is wrong.
    """
    places = {"inbox": inbox, "outbox": outbox, "failed": failed}
    # os.path.exists, unlike Path.exists, is False where a parent may not be entered
    away = [
        gettext(
            "{name} {path}: there is no such folder: make it with `zimage-worker init`, or mount the share.",
            name=name,
            path=path.absolute(),
        )
        for name, path in places.items()
        if not os.path.exists(path)
    ]
    faults = [fault for name, path in places.items() if (fault := _fault(name, path))]
    away += [
        unmounted(name, path, point)
        for name, path in places.items()
        if os.path.exists(path) and (point := tables.unmounted(path)) is not None
    ]
    faults += _inside_each_other({name: path.resolve() for name, path in places.items()})
    if faults:
        raise FoldersUnusable(joined([*away, *faults]))
    if away:
        raise FoldersAway(joined(away))
    return Folders(**places)


def _fault(name: str, path: Path) -> Text | None:
    if not os.path.exists(path):
        return None
    if not path.is_dir():
        return gettext("{name} {path}: is not a folder.", name=name, path=path)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return gettext(
            "{name} {path}: is not readable and writable for this user: check its rights and the mount options.",
            name=name,
            path=path,
        )
    return None


def _inside_each_other(real: Mapping[str, Path]) -> Iterator[Text]:
    for name, path in real.items():
        for other, parent in real.items():
            if name != other and ((path == parent and name < other) or parent in path.parents):
                yield gettext(
                    "{name} {path}: lies in (or is) {other} {parent}: give each a folder of its own.",
                    name=name,
                    path=path,
                    other=other,
                    parent=parent,
                )
