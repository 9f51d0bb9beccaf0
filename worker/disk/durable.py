"""Writes that survive a power cut, and moves that never replace anything.

Measured: without syncing the parent folder the newest file is lost on ext4 and xfs; a full share shows only at fsync.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, replacing an older one; durable when it returns.

    Args:
        path: of the file; its folder must be there.
        data: the whole content.
    """
    write_pieces(path, (data,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> str:
    """Likewise, a piece at a time.

    Args:
        path: of the file; its folder must be there.
        pieces: the content, one after the other.

    Returns:
        SHA-256 of what was written, hex.
    """
    digest = hashlib.sha256()
    temporary = path.with_name(f".{path.name[:40]}.{os.getpid()}.tmp")  # 40 characters of 4 bytes still fit a share
    is_whole = False
    try:
        with temporary.open("wb") as file:  # open, not mkstemp: the umask decides who may read, not 0600
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, path)
        is_whole = True
    finally:
        if not is_whole:
            with suppress(OSError):  # on a full share half a file is room taken away
                temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
    return digest.hexdigest()


def replace_file(path: Path, text: str) -> None:
    """Write a file whole, replacing an older one; not synced: for what is written again in seconds, or only saves work.

    Args:
        path: of the file; its folder must be there.
        text: the whole content, written as UTF-8.

    Raises:
        OSError: it could not be written; the former file stands.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, "utf-8")
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, record: Mapping[str, object]) -> None:
    """Write a record as JSON, likewise.

    Args:
        path: of the file; its folder must be there.
        record: what `json` can say.
    """
    write_file(path, (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode())


def write_first(path: Path, record: Mapping[str, object]) -> None:
    """Write a record as JSON where there is none; of several who do so at once, one wins and nobody fails.

    Never by replacing: an SMB server refuses to rename onto a file that another machine is just reading (measured).

    Args:
        path: of the file; one that is there stays as it is.
        record: what `json` can say.
    """
    mine = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        write_json(mine, record)
        move_to_free_name(mine, path)
    finally:
        with suppress(OSError):  # whoever was first, or whatever failed: this name is of no use any more
            mine.unlink(missing_ok=True)


def make_folder(path: Path, *, below: Path | None = None) -> None:
    """Make a folder and its parents; durable; one that is there stays.

    Args:
        path: of the folder.
        below: a folder that must be there: neither it nor its parents are made.

    Raises:
        FileNotFoundError: `below` is not there.
    """
    parents = path.parents if below is None else [folder for folder in path.parents if folder.is_relative_to(below)]
    missing = [folder for folder in (path, *parents) if folder != below and not folder.is_dir()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


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
        with path.open("rb") as file:
            return is_listed(other) and os.fstat(file.fileno()).st_nlink > 1 and os.path.samefile(path, other)
    except FileNotFoundError:
        return False


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
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    os.rename(source, target)
    return True


def remove_tree(path: Path) -> None:
    """Remove a folder and everything in it; one that is gone is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        sync_folder(path.parent)
