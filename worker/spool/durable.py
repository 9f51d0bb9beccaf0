"""Writes that survive a power cut, and moves that never replace anything.

Knows what must be synced, and in which order. Must not know what is written.
Measured: without syncing the parent folder the newest file is lost on ext4 and xfs; a full share shows only at fsync.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, replacing an older one; durable when it returns."""
    temporary = path.with_name(f".{path.name[:40]}.{os.getpid()}.tmp")  # 40 characters of 4 bytes still fit a share
    with temporary.open("wb") as file:  # open, not mkstemp: the umask decides who may read, not 0600
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)
    sync_folder(path.parent)


def write_json(path: Path, record: Mapping[str, object]) -> None:
    """Write a record as JSON, likewise."""
    write_file(path, (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode())


def make_folder(path: Path) -> None:
    """Make a folder and its parents; durable; one that is there stays."""
    missing = [folder for folder in (path, *path.parents) if not folder.is_dir()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def move_to_free_name(source: Path, target: Path) -> bool:
    """Move without ever replacing a file or a folder with something in it.

    Returns:
        False when the target's name is taken (nothing was moved), or the share cannot promise this (no hard links).

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
    else:
        try:
            os.link(source, target)
        except OSError:  # a share may link and report a failure: looking tells
            if not os.path.lexists(source):
                raise
            if not (os.path.lexists(target) and os.path.samefile(source, target)):
                return False
        os.unlink(source)
    sync_folder(target.parent)
    sync_folder(source.parent)
    return True


def remove_tree(path: Path) -> None:
    """Remove a folder and everything in it; one that is gone is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        sync_folder(path.parent)
