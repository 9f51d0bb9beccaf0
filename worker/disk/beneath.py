"""Opening beneath a folder: no link is followed on the way, so that nobody can lead a worker out of it.

The one door through which files and folders on a share are opened or made.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""No link is followed, and opening a pipe does not wait for a writer."""
NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
"""A file that was not there before, whatever lies under its name."""
FOLDER_DEPTH = 64
"""Folders inside each other that are gone into; each holds a descriptor."""


@contextmanager
def opened_folder(path: Path, *, below: Path | None = None) -> Iterator[int]:
    """A folder as a descriptor; whatever is done from there is done in it, also where its name is replaced meanwhile.

    Folder by folder rather than by one openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS): that is as safe, since no `..`
    is followed, and needs neither Linux 5.6 nor a path shorter than PATH_MAX.

    Args:
        path: of the folder.
        below: a folder above it that only the administrator can replace: on the way down from there no link is
            followed. None where that is true of all of them.

    Raises:
        NotADirectoryError: a link or a file lies where a folder should be.
        OSError: one of them is not there, the path leads upwards, or the share failed.
    """
    descriptor = os.open(below or path, FOLDER_FLAGS)
    try:
        for name in names_below(path, below) if below else ():
            inner = inner_folder(name, descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def names_below(path: Path, below: Path) -> tuple[str, ...]:
    """The names on the way down to a path.

    Args:
        path: of anything below the folder, or of the folder.
        below: the folder.

    Raises:
        OSError: EXDEV, as the kernel has it: the path lies elsewhere, or leads upwards by `..`.
    """
    names = path.relative_to(below).parts if path.is_relative_to(below) else ("..",)
    if ".." in names:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(path))
    return names


def inner_folder(name: str, folder: int) -> int:
    """The descriptor of a subfolder; for its caller to close.

    Args:
        name: in the folder.
        folder: descriptor of the folder.

    Raises:
        NotADirectoryError: a link or a file lies there.
        OSError: there is none, or the share failed.
    """
    return os.open(name, FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=folder)


def made_inside(name: str, folder: int, *, mode: int, over_links: bool) -> int:
    """Likewise, once it is there: it is made, durably, where it is missing.

    Args:
        name: in the folder.
        folder: descriptor of the folder.
        mode: rights of a new one, as far as the umask and the share let them.
        over_links: a link in its place is removed; else it is an error.

    Raises:
        NotADirectoryError: something else lies there.
        OSError: the share failed.
    """
    try:
        return inner_folder(name, folder)
    except FileNotFoundError:
        pass
    except NotADirectoryError:
        if not over_links or not stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise
        os.unlink(name, dir_fd=folder)
    with suppress(FileExistsError):  # made by another worker meanwhile
        os.mkdir(name, mode, dir_fd=folder)
    os.fsync(folder)
    return inner_folder(name, folder)


def remove_file(path: Path, *, below: Path) -> None:
    """Remove a file, or a link; one that is gone is fine.

    Args:
        path: of the file.
        below: a folder above it, below which no link is followed on the way.

    Raises:
        OSError: a folder lies there, a link or a file in the place of a folder above it, or the share failed.
    """
    with suppress(FileNotFoundError), opened_folder(path.parent, below=below) as folder:
        os.unlink(path.name, dir_fd=folder)


def walk(path: Path) -> Iterator[tuple[str, int, os.stat_result]]:
    """Everything in a folder: its name relative to it with `/`, the descriptor of the folder it lies in, its status.

    A folder comes before what lies in it, no link is followed, and folders more than FOLDER_DEPTH deep are not gone
    into. The descriptor is open until the next one is asked.

    Args:
        path: of the folder; not a link.

    Raises:
        OSError: the share failed, or something vanished meanwhile.
    """
    with opened_folder(path, below=path.parent) as folder:
        yield from _walk(folder, ())


def plain_files_in(folder: Path) -> list[str]:
    """Names of the plain files in a folder and its subfolders, relative to it; anything else is passed over.

    Args:
        folder: whose own name is no link.

    Raises:
        OSError: the share failed, or something vanished meanwhile.
    """
    return [name for name, _, status in walk(folder) if stat.S_ISREG(status.st_mode)]


def _walk(folder: int, above: tuple[str, ...]) -> Iterator[tuple[str, int, os.stat_result]]:
    for name in sorted(os.listdir(folder)):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        yield "/".join((*above, name)), folder, status
        if stat.S_ISDIR(status.st_mode) and len(above) < FOLDER_DEPTH:
            inner = inner_folder(name, folder)
            try:
                yield from _walk(inner, (*above, name))
            finally:
                os.close(inner)


def real_path(path: Path) -> Path:
    """The path without links, as far as it can be told: never raises, where `Path.resolve` does for a loop of links.

    Args:
        path: of anything; need not be there.
    """
    return Path(os.path.realpath(path))
