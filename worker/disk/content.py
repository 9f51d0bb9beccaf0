"""Safe reading of files that other people put there: never follows a link, never waits for a pipe."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path

from worker.disk.beneath import FOLDER_DEPTH, READ_FLAGS, opened_folder, walk
from worker.disk.lone_table import template_for
from worker.disk.returned_folder import is_returned, name_in_job
from worker.records import JOB_FILE
from worker.translation import Text, gettext

FOLDER_FILES = 20_000
"""Files a folder job may hold; more is a wrong folder, not a job."""
DROPPED_BYTES = 2 * 1024**3
"""A job may hold, with all files beside it: they are read three times and copied before they are let go."""
PIECE_BYTES = 1024 * 1024
"""Read at a time: a dropped file may be larger than the machine's memory."""
GROWTH_BYTES = 64 * 1024 * 1024
"""Read of a file beyond the size it had when it was opened: one that grows faster than it is read never ends."""
NO_PLAIN_FILE = (errno.ELOOP, errno.ENXIO, errno.ENOTDIR)
"""How the system refuses a link, a socket and a link in the place of a folder."""


class NotAJob(Exception):
    """Raised where a job was expected and a link, a device, a pipe or far too much lies; name it in a problem."""

    def __init__(self, why: Text) -> None:
        """Keep the reason, which names the file."""
        super().__init__(why)
        self.why = why


def files_of(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a job with their names in it; `""` for a single file's own.

    Those of a lone table with a template beside it are the template as `job.yaml`, and the table. Of a finished or
    failed folder that was dropped again these are `job.yaml` and what lies below its `job/`.
    Open them with `below=path.parent`: a folder among them may be another one by then.

    Raises:
        NotAJob: there is something other than files and folders, or more of it than a job may hold.
        OSError: the share failed, or something vanished meanwhile.
    """
    return ((name, file) for name, file, _ in _walk(path))


def _walk(path: Path) -> Iterator[tuple[str, Path, os.stat_result]]:
    """Name in the job, path and status of each file."""
    status = os.lstat(path)
    if stat.S_ISREG(status.st_mode):
        yield from _single(path, status)
    elif not stat.S_ISDIR(status.st_mode):
        raise NotAJob(_neither(path.name))
    elif is_returned(os.listdir(path)):
        found = sorted(_inside(path, called=name_in_job), key=lambda one: one[1].parent == path)
        yield from {one[0]: one for one in reversed(found)}.values()  # what lies below `job/` before what lies beside
    else:
        yield from _inside(path, called=lambda name: name)


def _single(path: Path, status: os.stat_result) -> Iterator[tuple[str, Path, os.stat_result]]:
    _require_size(path, status.st_size)
    template = template_for(path)
    if template is None:
        yield "", path, status
        return
    template_status = os.lstat(template)
    if not stat.S_ISREG(template_status.st_mode):
        raise NotAJob(_neither(f"{template.parent.name}/{template.name}"))
    _require_size(template, template_status.st_size)
    yield JOB_FILE, template, template_status
    yield path.name, path, status


def _inside(path: Path, *, called: Callable[[str], str | None]) -> Iterator[tuple[str, Path, os.stat_result]]:
    count = total_bytes = 0
    with _links_refused(path.name):
        for name, _, status in walk(path):
            if stat.S_ISDIR(status.st_mode):
                if name.count("/") >= FOLDER_DEPTH:
                    raise NotAJob(_too_deep(path.name))
            elif (in_job := called(name)) is not None:
                if not stat.S_ISREG(status.st_mode):
                    raise NotAJob(_neither(name))
                count, total_bytes = count + 1, total_bytes + status.st_size
                _require_count(path, count)
                _require_size(path, total_bytes)
                yield in_job, path / name, status


@contextmanager
def _links_refused(name: str) -> Iterator[None]:
    """What lies where a plain file or a folder was listed is no job; the share has not failed.

    Raises:
        NotAJob: it is a link, or something else that is not opened.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_PLAIN_FILE:
            raise NotAJob(_neither(name)) from error
        raise


def _too_deep(name: str) -> Text:
    return gettext("{name} has more than {most} folders inside each other", name=name, most=FOLDER_DEPTH)


def _require_size(path: Path, size_bytes: int) -> None:
    if size_bytes > DROPPED_BYTES:
        most = f"{DROPPED_BYTES / 1024**3:.0f}"
        raise NotAJob(gettext("{name} holds more than {most} GiB: no job is so large", name=path.name, most=most))


def _require_count(path: Path, count: int) -> None:
    if count > FOLDER_FILES:
        most = f"{FOLDER_FILES:,}"
        raise NotAJob(gettext("{name} holds more than {most} files", name=path.name, most=most))


def _neither(name: str) -> Text:
    return gettext("{name} is neither a file nor a folder", name=name)


def statuses(path: Path) -> dict[str, os.stat_result]:
    """Status of each of a job's files, by name in the job: one walk, nothing is opened.

    Raises:
        NotAJob, OSError: as `files_of`.
    """
    return {name: status for name, _, status in _walk(path)}


def stamp_of(files: Mapping[str, os.stat_result]) -> str:
    """Different whenever a job's files change in size, time or identity.

    Args:
        files: as `statuses` gave them.
    """
    lines = [f"{name}\0{one.st_size}\0{one.st_mtime_ns}\0{one.st_ino}" for name, one in files.items()]
    if "" in files:
        return lines[0]
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()


def fingerprint(path: Path) -> str:
    """SHA-256 over the names and contents of a job's files, through fresh opens."""
    lines = [f"{name}\0{file_hash(file, below=path.parent)}\n" for name, file in files_of(path)]
    return hashlib.sha256("".join(sorted(lines)).encode(errors="surrogateescape")).hexdigest()


def file_hash(path: Path, *, below: Path | None = None) -> str:
    """SHA-256 of one regular file, hex.

    Args:
        path: of the file.
        below: as `opened`.

    Raises:
        NotAJob: it is no regular file.
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    for piece in pieces(path, below=below):
        digest.update(piece)
    return digest.hexdigest()


@contextmanager
def opened(path: Path | str, *, folder: int | None = None, below: Path | None = None) -> Iterator[BufferedReader]:
    """A regular file, open for reading; never follows a link, never waits for a pipe's other end.

    Args:
        path: of the file.
        folder: descriptor of an open folder, from which a relative path counts; else the working folder.
        below: a folder above it, below which no link is followed on the way either.

    Raises:
        NotAJob: it is neither a regular file nor a folder; with `below`, also for a link or a socket.
        IsADirectoryError: it is a folder.
        OSError: it cannot be opened; ELOOP for a link, ENXIO for a socket.
    """
    with ExitStack() as held:
        if below is None:
            descriptor = held.enter_context(opened_either(path, folder=folder))
        else:
            name = Path(path).name
            with _links_refused(name):
                folder = held.enter_context(opened_folder(Path(path).parent, below=below))
                descriptor = held.enter_context(opened_either(name, folder=folder))
        yield held.enter_context(open(descriptor, "rb", closefd=False))


@contextmanager
def opened_either(path: Path | str, *, folder: int | None = None) -> Iterator[int]:
    """A regular file or a folder, open for reading, as a descriptor; likewise.

    Args:
        path: of the file or folder.
        folder: as `opened`.

    Raises:
        NotAJob: it is something else.
        OSError: it cannot be opened, as `opened`.
    """
    descriptor = os.open(path, READ_FLAGS, dir_fd=folder)
    try:
        mode = os.fstat(descriptor).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise NotAJob(_neither(Path(path).name))
        yield descriptor
    finally:
        os.close(descriptor)


def pieces(path: Path, *, below: Path | None = None) -> Iterator[bytes]:
    """The bytes of a regular file, a piece at a time: at most GROWTH_BYTES more than it had when it was opened.

    Args:
        path: of the file.
        below: as `opened`.

    Raises:
        NotAJob, OSError: as `opened`.
    """
    with opened(path, below=below) as file:
        left = os.fstat(file.fileno()).st_size + GROWTH_BYTES
        while piece := file.read(min(PIECE_BYTES, left)):
            left -= len(piece)
            yield piece
