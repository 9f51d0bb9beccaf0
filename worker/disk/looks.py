"""Looks at folders that tell a failing share from an empty one.

`Path.glob` and `Path.is_dir` take some errors for "nothing there", and newer Pythons take all of them so: after such a
look, pictures that could not be listed were removed as if there were none (seen on Python 3.12).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


def is_folder(path: Path) -> bool:
    """Whether a folder lies there, not a link to one.

    Raises:
        OSError: the share failed; nothing is known.
    """
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def is_file(path: Path) -> bool:
    """Whether a plain file lies there that this account may see, not a link to one.

    Raises:
        OSError: the share failed; nothing is known.
    """
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return False


def paths_in(folder: Path, *, ending: str = "") -> list[Path]:
    """What lies in a folder, by name; nothing where there is no folder.

    Args:
        folder: need not be there.
        ending: of the names that are asked for.

    Raises:
        OSError: the share failed; nothing is known.
    """
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(names) if name.endswith(ending)]
