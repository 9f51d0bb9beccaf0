"""Putting a job into an inbox safely: all of it or nothing, and seen only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from worker.disk.beneath import real_path
from worker.disk.content import NotAJob, file_hash, files_of, pieces, statuses
from worker.disk.durable import is_listed, make_folder, remove_tree, write_file, write_pieces
from worker.disk.lone_table import template_of
from worker.disk.moves import move_to_free_name
from worker.disk.returned_folder import JOB_FOLDER, MARKS, is_returned
from worker.errors import FoldersUnusable, UsageError
from worker.plain_names import alike
from worker.records import JOB_FILE
from worker.spool.layout import Folders
from worker.spool.names import is_junk, kind_of, stem_of
from worker.spool.steering import READY
from worker.spool.submitted import Submitted, known_before
from worker.translation import Text, gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copied:
    path: Path
    """Of the job as it was given."""
    hidden: Path
    target: Path
    job_hash: str
    table: tuple[str, str] | None


def submit(path: Path, folders: Folders, *, says_ready: bool = False) -> Submitted:
    """One job, as `submit_all`.

    Args:
        path: of the job.
        folders: whose inbox it goes to.
        says_ready: put `NAME.ready` beside it.
    """
    return submit_all([path], folders, says_ready=says_ready)[0]


def submit_all(paths: Sequence[Path], folders: Folders, *, says_ready: bool = False) -> list[Submitted]:
    """Copy jobs under hidden names, then rename them: nobody sees half a job, and all of them come or none.

    Args:
        paths: of job files and folders.
        folders: whose inbox they go to.
        says_ready: put `NAME.ready` beside each, for workers that wait for one.

    Raises:
        UsageError: one is no job, cannot be read, or its name is taken in the inbox.
        FoldersUnusable: the share failed or is full; nothing is visible.
    """
    for path in paths:
        _require_job(path, folders.inbox)
    copied: list[_Copied] = []
    try:
        known = known_before(folders)
        for number, path in enumerate(paths):
            copied.append(_copied(real_path(path), folders.inbox, number=number))
        _require_free(copied, folders.inbox)
        _show(copied)
        if says_ready:
            for one in copied:
                write_file(one.target.with_name(f"{one.target.name}{READY}"), b"")
    except OSError as error:
        raise FoldersUnusable(
            gettext(
                "inbox {path}: {reason}: nothing was submitted; make room, or check the share and its rights.",
                path=folders.inbox,
                reason=error.strerror or str(error),
            )
        ) from error
    finally:
        _remove_hidden(folders.inbox)
    return [Submitted(name=one.target.name, job_hash=one.job_hash, table=one.table, known=known) for one in copied]


def why_not_plain(path: Path) -> Text | None:
    """Why no worker takes a job's files as they lie; None for plain files and folders, not too many.

    Args:
        path: of the job's file or folder, anywhere.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        statuses(real_path(path))
    except NotAJob as refusal:
        return gettext("{why}; a job is plain files only.", why=refusal.why)
    return None


def _require_job(path: Path, inbox: Path) -> None:
    path = real_path(path)
    is_folder = path.is_dir()
    kind = "job" if template_of(path, inbox) else kind_of(path.name, is_folder=is_folder)
    if kind != "job" or (is_folder and not (path / JOB_FILE).is_file()):
        raise UsageError(
            gettext(
                "{path}: is no job; a job is a `.yaml` file, or a folder that holds `{file}`.", path=path, file=JOB_FILE
            )
        )


def _mine() -> str:
    return f".{os.getpid()}.submit"


def _remove_hidden(inbox: Path) -> None:
    """Whatever is left under a hidden name of this process."""
    with suppress(OSError):  # the share is away: hidden names are nobody's jobs
        for name in os.listdir(inbox):
            if name.startswith(".") and name.endswith(_mine()):
                remove_tree(inbox / name)
                if (inbox / name).is_file():
                    (inbox / name).unlink()


def _copied(path: Path, inbox: Path, *, number: int) -> _Copied:
    """The job under a hidden name.

    Raises:
        UsageError: it cannot be read, or is more than plain files.
        OSError: the share failed.
    """
    hidden = inbox / f".{path.name[:40]}.{number}{_mine()}"
    try:
        files = _files(path, inbox)
    except OSError as error:
        raise _unreadable(path, error) from None
    except NotAJob as refusal:
        raise _not_plain(path, refusal) from None
    for name, file in files.items():
        target = hidden / name if name else hidden
        make_folder(target.parent, below=inbox)
        write_pieces(target, _read(file, below=_above(file, path)), below=inbox)
    job_hash = file_hash(hidden / JOB_FILE if hidden.is_dir() else hidden)
    table = (path.name, file_hash(hidden / path.name)) if hidden.is_dir() and not path.is_dir() else None
    name = stem_of(path.name, is_folder=False) if table else path.name
    return _Copied(path=path, hidden=hidden, target=inbox / name, job_hash=job_hash, table=table)


def _above(file: Path, job: Path) -> Path:
    """The folder below which no link is followed: the job's, or that of the folder of templates."""
    return job.parent if file.is_relative_to(job.parent) else file.parent.parent


def _files(path: Path, inbox: Path) -> dict[str, Path]:
    """What of a job is copied, by name; junk that programs leave in folders is not.

    A lone table comes as a folder with its template: what is made is what was checked.
    """
    if (template := template_of(path, inbox)) is not None:
        return {JOB_FILE: template, path.name: path}
    files = {name: file for name, file in files_of(path) if not (name and is_junk(name))}
    if path.is_dir() and is_returned(os.listdir(path)):  # it stays one of ours, so that the job keeps its name
        files = {name if name == JOB_FILE else f"{JOB_FOLDER}/{name}": file for name, file in files.items()}
        files |= {mark: path / mark for mark in MARKS if (path / mark).is_file()}
    return files


def _read(file: Path, *, below: Path) -> Iterator[bytes]:
    """The bytes of a file of the job.

    Raises:
        UsageError: it cannot be read: an error that is not the share's.
    """
    try:
        yield from pieces(file, below=below)
    except OSError as error:
        raise _unreadable(file, error) from None
    except NotAJob as refusal:
        raise _not_plain(file, refusal) from None


def _not_plain(path: Path, refusal: NotAJob) -> UsageError:
    return UsageError(gettext("{path}: {why}; a job is plain files only.", path=path, why=refusal.why))


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        gettext("{path}: cannot be read ({reason}): check its rights.", path=path, reason=error.strerror or str(error))
    )


def _require_free(copied: Iterable[_Copied], inbox: Path) -> None:
    """Before the first appears.

    Raises:
        UsageError: a name is taken in the inbox, or meant twice.
    """
    taken = {alike(name) for name in os.listdir(inbox)}
    for one in copied:
        if alike(one.target.name) in taken:
            raise _taken(one)
        taken.add(alike(one.target.name))


def _taken(one: _Copied) -> UsageError:
    return UsageError(
        gettext("{path}: the inbox already holds this name; wait until that job is taken, or rename.", path=one.target)
    )


def _show(copied: Sequence[_Copied]) -> None:
    """Rename all; where one is refused, take back those before it, unless a worker has them by now.

    Raises:
        UsageError: a name was taken meanwhile.
        OSError: the share failed.
    """
    try:
        for one in copied:
            if not move_to_free_name(one.hidden, one.target):
                raise _taken(one)
    except (OSError, UsageError):
        for one in copied:
            with suppress(OSError):
                if not is_listed(one.hidden):  # moved, whatever failed afterwards
                    os.rename(one.target, one.hidden)
        raise
