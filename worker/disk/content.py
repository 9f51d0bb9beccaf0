"""Safe reading of files that other people put there: never follows a link, never waits for a pipe."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from worker.translation import Text, gettext

FOLDER_FILES = 1_000
"""Files a folder job may hold; more is a wrong folder, not a job."""
DROPPED_BYTES = 2 * 1024**3
"""A job may hold, with all files beside it: they are read three times and copied before they are let go."""
OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""No link is followed, and opening a pipe does not wait for a writer."""
PIECE_BYTES = 1024 * 1024
"""Read at a time: a dropped file may be larger than the machine's memory."""
RECORD_BYTES = 1024 * 1024
"""Of a record of our own; more is none of ours."""


STAMPED = re.compile(r"\0(\d+)\0-?\d+\0\d+")
"""Size, time and inode in a stamp."""


class NotAJob(Exception):
    """Raised where a job was expected and a link, a device, a pipe or far too much lies; name it in a problem."""

    def __init__(self, why: Text) -> None:
        """Keep the reason, which names the file."""
        super().__init__(why)
        self.why = why


def files_of(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a job with their names relative to it; `""` for a single file's own.

    Raises:
        NotAJob: there is something other than files and folders, or more of it than a job may hold.
        OSError: the share failed, or something vanished meanwhile.
    """
    status = path.lstat()
    if stat.S_ISREG(status.st_mode):
        _require_size(path, status.st_size)
        yield "", path
        return
    if not stat.S_ISDIR(status.st_mode):
        raise NotAJob(_neither(path.name))
    count = total_bytes = 0
    for folder, subfolders, names in os.walk(path, onerror=_raise):
        subfolders.sort()
        for name in [*subfolders, *sorted(names)]:
            inside = Path(folder) / name
            status = inside.lstat()
            if stat.S_ISDIR(status.st_mode):
                continue
            if not stat.S_ISREG(status.st_mode):
                raise NotAJob(_neither(str(inside.relative_to(path))))
            count += 1
            if count > FOLDER_FILES:
                raise NotAJob(gettext("{name} holds more than {most} files", name=path.name, most=FOLDER_FILES))
            total_bytes += status.st_size
            _require_size(path, total_bytes)
            yield inside.relative_to(path).as_posix(), inside


def _require_size(path: Path, size_bytes: int) -> None:
    if size_bytes > DROPPED_BYTES:
        most = f"{DROPPED_BYTES / 1024**3:.0f}"
        raise NotAJob(gettext("{name} holds more than {most} GiB: no job is so large", name=path.name, most=most))


def _neither(name: str) -> Text:
    return gettext("{name} is neither a file nor a folder", name=name)


def _raise(error: OSError) -> None:
    raise error


def stamp(path: Path) -> str:
    """Cheap to read, and different whenever a job's files change in size, time or identity."""
    status = os.lstat(path)
    if stat.S_ISREG(status.st_mode):  # thousands of them may wait
        _require_size(path, status.st_size)
        return _stamp("", status)
    return "\n".join(_stamp(name, os.lstat(file)) for name, file in files_of(path))


def _stamp(name: str, status: os.stat_result) -> str:
    return f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}"


def stamped_bytes(stamp_text: str) -> int:
    """How much a job holds whose stamp this is; no file's name holds a NUL, whatever else it holds."""
    return sum(int(size) for size in STAMPED.findall(stamp_text))


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
    data = first_bytes(path, limit_bytes + 1)
    try:
        record = json.loads(data) if len(data) <= limit_bytes else None
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def first_bytes(path: Path, most_bytes: int) -> bytes:
    """How a file begins, that anybody may have put there; nothing where there is no file to read.

    Args:
        path: of the file.
        most_bytes: no more is read.

    Raises:
        OSError: the share failed; what lies there is not known.
    """
    try:
        with opened(path) as file:
            return file.read(most_bytes)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError, NotAJob):
        return b""
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            return b""
        raise
