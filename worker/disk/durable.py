"""Writes that survive a power cut, and moves that never replace anything.

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
    READ_FLAGS,
    inner_folder,
    made_inside,
    names_below,
    opened_folder,
    walk,
)
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
    digest = hashlib.sha256()
    with opened_folder(path.parent, below=below) as folder:
        with _new_version(path.name, folder=folder) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
        os.fsync(folder)
    return digest.hexdigest()


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
    with opened_folder(path.parent, below=below) as folder, _new_version(path.name, folder=folder) as file:
        file.write(text.encode(errors="backslashreplace"))


def write_json(path: Path, record: Mapping[str, object], *, below: Path | None = None) -> None:
    """Write a record as JSON, likewise durable.

    Args:
        path: of the file; its folder must be there.
        record: what `json` can say.
        below: as `write_file`.
    """
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    write_file(path, text.encode(errors="backslashreplace"), below=below)  # a byte that is no UTF-8, as JSON spells it


def write_first(path: Path, record: Mapping[str, object], *, below: Path | None = None) -> None:
    """Write a record as JSON where there is none; of several who do so at once, one wins and nobody fails.

    Never by replacing: an SMB server refuses to rename onto a file that another machine is just reading (measured).

    Args:
        path: of the file; one that is there stays as it is.
        record: what `json` can say.
        below: as `write_file`.
    """
    mine = path.with_name(temporary_name(path.name))
    try:
        write_json(mine, record, below=below)
        move_to_free_name(mine, path)
    finally:
        with suppress(OSError):  # whoever was first, or whatever failed: this name is of no use any more
            mine.unlink(missing_ok=True)


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


def is_second_name(path: Path, other: Path) -> bool:
    """Whether a file lies under another name too, so that one of the two may go.

    Never by a look-up alone: an SMB client answered for a name that had been renamed away, once it had seen the file
    under its new one, and the only name was removed (measured: Linux 6.1, two mounts).

    Args:
        path: of the file under one name.
        other: the other name.

    Raises:
        OSError: the share failed; nothing is known.
    """
    try:
        descriptor = os.open(path, READ_FLAGS)  # a client asks the server when a file is opened
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):  # gone, or no file of ours
            return False
        raise
    try:
        return is_listed(other) and os.fstat(descriptor).st_nlink > 1 and os.path.samefile(path, other)
    except FileNotFoundError:
        return False
    finally:
        os.close(descriptor)


def move_to_free_name(source: Path, target: Path) -> bool:
    """Move without ever replacing a file or a folder with something in it.

    Args:
        source: a file or a folder.
        target: its new path, on the same file system.

    Returns:
        False when the target's name is taken; nothing was moved.

    Raises:
        OSError: the share failed otherwise.
    """
    if source.is_dir():
        if os.path.lexists(target):
            return False
        try:
            os.rename(source, target)  # refused by the share itself when the target holds anything
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            return False
    elif not _file_moved(source, target):
        return False
    sync_folder(target.parent)
    sync_folder(source.parent)
    return True


def _file_moved(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:  # a share may link and report a failure: looking tells
        if not is_listed(source):
            raise
        if not is_listed(target):
            return _moved_onto_own_file(source, target)
        if not is_second_name(source, target):
            return False
    os.unlink(source)
    return True


def _moved_onto_own_file(source: Path, target: Path) -> bool:
    """Without hard links: some shares have none, and Linux refuses them to whoever may only read the file.

    One process can make the empty file. A kill between the two steps leaves it: an empty job, never half of one.
    """
    try:
        own = os.open(target, NEW_FLAGS, 0o666)
    except FileExistsError:
        return False
    try:
        os.rename(source, target)
    except OSError:
        if not is_listed(source):
            return True  # it happened, and only the answer was lost
        with suppress(OSError):  # nobody has put anything there meanwhile
            if os.fstat(own).st_size == 0 and os.path.samestat(os.fstat(own), os.lstat(target)):
                os.unlink(target)
        raise
    finally:
        os.close(own)
    return True


def remove_tree(path: Path, *, went_on: Callable[[], None] | None = None) -> None:
    """Remove a folder and everything in it; a link in it goes, and what it leads to stays. One that is gone is fine.

    Args:
        path: of the folder; a link, and anything else, stays.
        went_on: called after every file, where there may be thousands.
    """
    if path.is_dir() and not path.is_symlink():
        if went_on is not None:
            _remove_files(path, went_on)
        try:
            shutil.rmtree(path)
        except RecursionError as error:  # somebody made folders inside each other, a thousand deep
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(path)) from error
        sync_folder(path.parent)


def _remove_files(path: Path, went_on: Callable[[], None]) -> None:
    for name, folder, status in walk(path):
        if not stat.S_ISDIR(status.st_mode):
            os.unlink(name.rpartition("/")[2], dir_fd=folder)
            went_on()
