"""Safe reading of files that other people put there: never follows a link, never waits for a pipe."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from worker.disk.returned_folder import is_returned, name_in_job
from worker.translation import Text, gettext

FOLDER_FILES = 20_000
"""Files a folder job may hold; more is a wrong folder, not a job."""
OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""No link is followed, and opening a pipe does not wait for a writer."""
PIECE_BYTES = 1024 * 1024
"""Read at a time: a dropped file may be larger than the machine's memory."""
RECORD_BYTES = 1024 * 1024
"""Of a record of our own; more is none of ours."""
MANIFEST_BYTES = 512 * 1024 * 1024
"""A manifest has about 1 kB a picture."""


class NotAJob(Exception):
    """Raised where a job was expected and a link, a device, a pipe or far too many files lie; name it in a problem."""

    def __init__(self, why: Text) -> None:
        """Keep the reason, which names the file."""
        super().__init__(why)
        self.why = why


def files_of(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a job with their names in it; `""` for a single file's own.

    Of a finished or failed folder that was dropped again these are `job.yaml` and what lies below its `job/`.

    Raises:
        NotAJob: there is something other than files and folders.
        OSError: the share failed, or something vanished meanwhile.
    """
    return ((name, file) for name, file, _ in _walk(path))


def _walk(path: Path) -> Iterator[tuple[str, Path, os.stat_result]]:
    """Name in the job, path and status of each file."""
    status = os.lstat(path)
    if stat.S_ISREG(status.st_mode):
        yield "", path, status
    elif not stat.S_ISDIR(status.st_mode):
        raise NotAJob(_neither(path.name))
    elif is_returned(os.listdir(path)):
        found = sorted(_inside(path, called=name_in_job), key=lambda one: one[1].parent == path)
        yield from {one[0]: one for one in reversed(found)}.values()  # what lies below `job/` before what lies beside
    else:
        yield from _inside(path, called=lambda name: name)


def _inside(path: Path, *, called: Callable[[str], str | None]) -> Iterator[tuple[str, Path, os.stat_result]]:
    count, folders = 0, [""]  # a list and not the stack: folders may lie in each other a thousand deep
    while folders:
        folder, below = folders.pop(), []
        for one in sorted(os.listdir(path / folder)):
            name = f"{folder}/{one}" if folder else one
            status = os.lstat(path / name)
            if stat.S_ISDIR(status.st_mode):
                below.append(name)
            elif (in_job := called(name)) is not None:
                if not stat.S_ISREG(status.st_mode):
                    raise NotAJob(_neither(name))
                count += 1
                if count > FOLDER_FILES:
                    most = f"{FOLDER_FILES:,}"
                    raise NotAJob(gettext("{name} holds more than {most} files", name=path.name, most=most))
                yield in_job, path / name, status
        folders += reversed(below)


def _neither(name: str) -> Text:
    return gettext("{name} is neither a file nor a folder", name=name)


def statuses(path: Path) -> dict[str, os.stat_result]:
    """Status of each of a job's files, by name in the job: one walk, nothing is opened.

    Raises:
        NotAJob, OSError: as `files_of`.
    """
    status = os.lstat(path)
    if stat.S_ISREG(status.st_mode):  # thousands of them may wait
        return {"": status}
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
    lines = [f"{name}\0{file_hash(file)}\n" for name, file in files_of(path)]
    return hashlib.sha256("".join(sorted(lines)).encode(errors="surrogateescape")).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of one regular file, hex.

    Raises:
        NotAJob: it is no regular file.
        OSError: it cannot be read.
    """
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def opened(path: Path | str, *, folder: int | None = None) -> Iterator[BufferedReader]:
    """A regular file, open for reading; never follows a link, never waits for a pipe's other end.

    Args:
        path: of the file.
        folder: descriptor of an open folder, from which a relative path counts; else the working folder.

    Raises:
        NotAJob: it is neither a regular file nor a folder.
        IsADirectoryError: it is a folder.
        OSError: it cannot be opened; ELOOP for a link, ENXIO for a socket.
    """
    with opened_either(path, folder=folder) as descriptor, open(descriptor, "rb", closefd=False) as file:
        yield file


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
    descriptor = os.open(path, OPEN_FLAGS, dir_fd=folder)
    try:
        mode = os.fstat(descriptor).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise NotAJob(_neither(Path(path).name))
        yield descriptor
    finally:
        os.close(descriptor)


def pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a regular file, a piece at a time.

    Raises:
        NotAJob, OSError: as `opened`.
    """
    with opened(path) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def read_record(path: Path, *, limit_bytes: int = RECORD_BYTES) -> dict[str, object]:
    """A JSON object that one of our own programs wrote; empty when there is none, or anything else.

    Args:
        path: may be missing, damaged, or somebody's trap.
        limit_bytes: a larger file is none of ours.

    Raises:
        OSError: the share failed; what lies there is not known.
    """
    try:
        with opened(path) as file:
            data = file.read(limit_bytes + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError, NotAJob):
        return {}
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            return {}
        raise
    try:
        record = json.loads(data) if len(data) <= limit_bytes else None
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
