"""Moves that never replace anything, also on shares without hard links or whose answers get lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from worker.disk.beneath import NEW_FLAGS, READ_FLAGS, opened_folder
from worker.disk.durable import is_listed, sync_folder, write_json
from worker.disk.temporaries import temporary_name


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


def is_linked(source: Path, target: Path, *, below: Path) -> bool:
    """Give a file a second name, durably.

    Args:
        source: the file.
        target: its second name, on the same disk; its folder must be there.
        below: a folder above both, below which no link is followed on the way.

    Returns:
        False where the share has no hard links or refuses this one, the name is taken, or the file is gone.
    """
    try:
        with opened_folder(source.parent, below=below) as there, opened_folder(target.parent, below=below) as here:
            os.link(source.name, target.name, src_dir_fd=there, dst_dir_fd=here, follow_symlinks=False)
            os.fsync(here)
    except OSError:
        return False
    return True


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
    with suppress(FileNotFoundError):  # somebody saw both names, and removed this one
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
