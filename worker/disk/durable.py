"""Writes that survive a power cut.

Measured: without syncing the parent folder the newest file is lost on ext4 and xfs; a full share shows only at fsync.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from worker.disk.beneath import (
    FOLDER_FLAGS,
    NEW_FLAGS,
    inner_folder,
    made_inside,
    names_below,
    opened_folder,
    walk,
)
from worker.disk.looks import is_folder
from worker.disk.temporaries import temporary_name


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: Path, data: bytes, *, below: Path | None = None) -> None:
    """Write a file whole or not at all, replacing an older one; durable when it returns.

    Args:
        path: of the file; its folder must be there.
        data: the whole content.
        below: a folder above it, below which no link is followed on the way.
    """
    write_pieces(path, (data,), below=below)


def write_pieces(path: Path, pieces: Iterable[bytes], *, below: Path | None = None) -> str:
    """Likewise, a piece at a time.

    Args:
        path: of the file; its folder must be there.
        pieces: the content, one after the other.
        below: as `write_file`.

    Returns:
        SHA-256 of what was written, hex.
    """
    with written_file(path, below=below) as file:
        for piece in pieces:
            file.write(piece)
    return file.sha256()


class WrittenFile:
    """A file that is being written, and the hash of what it has so far."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, piece: bytes | memoryview) -> None:
        """Write the next bytes; all of them."""
        self._file.write(piece)
        self._digest.update(piece)

    def sha256(self) -> str:
        """Of what was written, hex."""
        return self._digest.hexdigest()


@contextmanager
def written_file(path: Path, *, below: Path | None = None) -> Iterator[WrittenFile]:
    """A file to write as its bytes come; it has its name, durably, once the block has ended without an error.

    Args:
        path: of the file; its folder must be there.
        below: as `write_file`.

    Raises:
        OSError: it cannot be written; an older one stands.
    """
    with opened_folder(path.parent, below=below) as folder:
        with _new_version(path.name, folder=folder) as file:
            yield WrittenFile(file)
            file.flush()
            os.fsync(file.fileno())
        os.fsync(folder)


@contextmanager
def _new_version(name: str, *, folder: int) -> Iterator[BinaryIO]:
    """A new file, which takes the place of the name once it is written."""
    temporary = temporary_name(name)
    descriptor = os.open(temporary, NEW_FLAGS, 0o666, dir_fd=folder)  # the umask decides who may read
    is_whole = False
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        is_whole = True
    finally:
        if not is_whole:
            with suppress(OSError):  # on a full share half a file is room taken away
                os.unlink(temporary, dir_fd=folder)


def replace_file(path: Path, text: str, *, below: Path | None = None) -> None:
    """Write a file whole, replacing an older one; not synced: for what is written again in seconds, or only saves work.

    Args:
        path: of the file; its folder must be there.
        text: the whole content, written as UTF-8.
        below: as `write_file`.

    Raises:
        OSError: it could not be written; the former file stands.
    """
    replace_pieces(path, [text.encode(errors="backslashreplace")], below=below)


def replace_pieces(path: Path, pieces: Iterable[bytes], *, below: Path | None = None) -> int:
    """Likewise, a piece at a time; not synced either.

    Args:
        path: of the file; its folder must be there.
        pieces: the content, one after the other.
        below: as `write_file`.

    Returns:
        How many bytes there are.

    Raises:
        OSError: it could not be written; the former file stands.
    """
    with opened_folder(path.parent, below=below) as folder, _new_version(path.name, folder=folder) as file:
        return sum(file.write(piece) for piece in pieces)


def write_json(path: Path, record: Mapping[str, object], *, below: Path | None = None) -> None:
    """Write a record as JSON, likewise durable.

    Args:
        path: of the file; its folder must be there.
        record: what `json` can say.
        below: as `write_file`.
    """
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    write_file(path, text.encode(errors="backslashreplace"), below=below)  # a byte that is no UTF-8, as JSON spells it


def make_mark(path: Path) -> bool:
    """Make an empty file, durably, whose name is all that counts; one that is there is fine.

    Args:
        path: of the file; its folder must be there.

    Returns:
        Whether it was not there: of several that make it, one hears that.

    Raises:
        OSError: the share failed.
    """
    is_new = False
    with opened_folder(path.parent) as folder:
        with suppress(FileExistsError):
            os.close(os.open(path.name, NEW_FLAGS, 0o666, dir_fd=folder))
            is_new = True
        os.fsync(folder)
    return is_new


def sync_tree(folder: Path) -> None:
    """Make all names in a folder and its subfolders durable.

    Args:
        folder: whose own name is no link.

    Raises:
        OSError: the share failed.
    """
    for name, parent, status in walk(folder):
        if stat.S_ISDIR(status.st_mode):
            descriptor = inner_folder(name.rpartition("/")[2], parent)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    sync_folder(folder)


def make_folder(path: Path, *, below: Path | None = None, mode: int = 0o777, over_links: bool = False) -> None:
    """Make a folder and its parents; durable; one that is there stays.

    Args:
        path: of the folder.
        below: a folder that must be there: neither it nor its parents are made, and no link below it is followed.
        mode: rights of the folders that are made, as far as the umask and the share let them.
        over_links: a link that lies where a folder should be is removed; else it is an error.

    Raises:
        FileNotFoundError: `below` is not there.
        NotADirectoryError: something else lies where a folder should be.
    """
    if below is None and path.is_dir():
        return
    base = below or next(folder for folder in path.parents if folder.is_dir())
    descriptor = os.open(base, FOLDER_FLAGS)
    try:
        for name in names_below(path, base):
            inner = made_inside(name, descriptor, mode=mode, over_links=over_links)
            os.close(descriptor)
            descriptor = inner
    finally:
        os.close(descriptor)


def is_listed(path: Path) -> bool:
    """Whether its folder lists the name now.

    A look-up of a name may be answered from an NFS client's cache for half a minute (measured); a listing is fresh.

    Raises:
        OSError: the share failed; nothing is known.
    """
    return path.name in os.listdir(path.parent)


def remove_tree(path: Path, *, went_on: Callable[[], None] | None = None) -> None:
    """Remove a folder and everything in it; a link in it goes, and what it leads to stays. One that is gone is fine.

    Args:
        path: of the folder; a link, and anything else, stays.
        went_on: called after every file, where there may be thousands.
    """
    if is_folder(path):
        if went_on is not None:
            _remove_files(path, went_on)
        with _deep_as_error(path):
            shutil.rmtree(path)
        sync_folder(path.parent)


def remove_tree_below(path: Path, *, below: Path) -> None:
    """Likewise, and on the way down to it no link is followed either.

    Args:
        path: of the folder.
        below: a folder above it.

    Raises:
        OSError: a link or a file lies on the way, or the share failed.
    """
    with suppress(FileNotFoundError), opened_folder(path.parent, below=below) as above, _deep_as_error(path):
        shutil.rmtree(path.name, dir_fd=above)
        os.fsync(above)


@contextmanager
def _deep_as_error(path: Path) -> Iterator[None]:
    try:
        yield
    except RecursionError as error:  # somebody made folders inside each other, a thousand deep
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(path)) from error


def _remove_files(path: Path, went_on: Callable[[], None]) -> None:
    for name, folder, status in walk(path):
        if not stat.S_ISDIR(status.st_mode):
            os.unlink(name.rpartition("/")[2], dir_fd=folder)
            went_on()
