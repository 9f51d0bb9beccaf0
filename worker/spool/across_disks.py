"""Across disks: a folder of ours that cannot be renamed to where it belongs, as that is another disk, is copied there.

Knows that a copy is whole, and read back, before it has a name that people see.
"""

from __future__ import annotations

import errno
from pathlib import Path

from worker.disk.beneath import plain_files_in
from worker.disk.content import file_hash, pieces
from worker.disk.durable import make_folder, remove_tree, write_pieces
from worker.disk.moves import move_to_free_name
from worker.disk.temporaries import hidden_copy_name
from worker.publishing_ports import NotAsWritten
from worker.translation import gettext


def copied_to_free_name(source: Path, target: Path) -> bool:
    """Copy the plain files of a folder, whole or not at all; the source stays.

    Args:
        source: the folder.
        target: its new path, on any disk.

    Returns:
        False when the target's name is taken; nothing is left of the copy.

    Raises:
        NotAsWritten: a copy does not read back as it was written.
        OSError: the share failed, or a link lies in the place of the source.
    """
    root = target.parent
    hidden = root / hidden_copy_name(target.name)
    try:
        make_folder(hidden, below=root)
        for name in plain_files_in(source):
            make_folder((hidden / name).parent, below=root)
            written = write_pieces(hidden / name, pieces(source / name, below=source.parent), below=root)
            if file_hash(hidden / name, below=root) != written:
                raise NotAsWritten(errno.EIO, gettext("does not read back as it was written"), str(target / name))
        return move_to_free_name(hidden, target)
    finally:
        remove_tree(hidden)


def moved_to_free_name(source: Path, target: Path) -> bool:
    """Move a folder likewise, by a rename where both are on one disk.

    Args:
        source: the folder.
        target: its new path.

    Returns:
        False when the target's name is taken; the source is where it was.

    Raises:
        OSError: as `copied_to_free_name`; the source is where it was.
    """
    try:
        return move_to_free_name(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    if not copied_to_free_name(source, target):
        return False
    remove_tree(source)
    return True
