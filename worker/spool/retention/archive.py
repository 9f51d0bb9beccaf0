"""The archive: a folder into which finished folders go whole, on the same disk or another, read back before they count.

Knows copies that are being made, `.RANDOM-WORKER-SPOOL.archiving`, which go with whoever left them, and free names.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import suppress
from functools import partial
from pathlib import Path

from worker.disk.beneath import real_path
from worker.disk.content import NotAJob, file_hash, pieces
from worker.disk.durable import make_folder, remove_tree_below, sync_folder, sync_tree, write_pieces
from worker.disk.json_records import read_head
from worker.disk.looks import is_folder
from worker.disk.mount_tables import MountTables
from worker.disk.moves import move_to_free_name
from worker.spool.layout import numbered
from worker.spool.retention.content import Content, Kept
from worker.spool.retention.holders import owner_of
from worker.translation import Text, gettext

COPYING = ".archiving"


class Archive:
    """One folder."""

    def __init__(self, path: Path, *, roots: tuple[Path, ...], worker_id: str, tables: MountTables) -> None:
        """Keep the place; nothing is touched.

        Args:
            path: of it; never made here: where it is missing, its disk is away.
            roots: folders of the spool.
            worker_id: of this worker.
            tables: where this machine says what should be mounted.
        """
        self.path = path
        self._roots = roots
        spool = hashlib.sha256("\0".join(map(str, roots)).encode(errors="surrogateescape")).hexdigest()[:8]
        self._owner = f"{worker_id}-{spool}"
        """Of copies: a machine's workers on several spools have one id, and often one archive."""
        self._tables = tables

    def fault(self) -> Text | None:
        """Why nothing can go there now; None when it can, as far as a look tells."""
        here = real_path(self.path)
        for root in map(real_path, self._roots):
            if here.is_relative_to(root) or root.is_relative_to(here):
                return gettext(
                    "the archive {path} lies in {root}, or holds it: choose another folder", path=self.path, root=root
                )
        if not self.path.is_dir():
            return gettext("the archive {path} is not there: make the folder, or mount its disk", path=self.path)
        if (point := self._tables.unmounted(self.path)) is not None:
            return gettext("the archive {path}: nothing is mounted on {point}", path=self.path, point=point)
        if not os.access(self.path, os.W_OK | os.X_OK):
            return gettext("the archive {path}: this account may not write there", path=self.path)
        return None

    def sweep(self) -> None:
        """Remove what this worker was copying when it was killed.

        Raises:
            OSError: the disk failed.
        """
        for path in self.path.iterdir():
            if path.name.startswith(".") and path.name.endswith(COPYING) and owner_of(path.name) == self._owner:
                self._remove(path)

    def is_on_disk_of(self, folder: Path) -> bool:
        """Whether a rename leads there."""
        return os.stat(self.path).st_dev == os.lstat(folder).st_dev

    def copied(self, folder: Path, content: Content) -> Generator[None, None, Path]:
        """Copy a folder, a file at a turn, each read back from the archive's disk.

        Args:
            folder: as it lies in its root.
            content: of it, just looked into.

        Returns:
            Where the copy lies.

        Raises:
            Kept: a picture is not what the manifest says, or the copy does not read back.
            OSError: a disk failed.
        """
        copy = self.path / f".{secrets.token_hex(8)}-{self._owner}{COPYING}"
        is_whole = False
        try:
            make_folder(copy, below=self.path)
            for name in content.files:
                target = copy / name
                make_folder(target.parent, below=copy)
                try:
                    written = write_pieces(target, partial(pieces, folder / name, below=folder.parent)(), below=copy)
                except NotAJob:
                    written = ""
                if written != content.hashes.get(name, written) or file_hash(target, below=copy) != written:
                    raise Kept(gettext("{file} is not the picture that its worker made", file=name))
                shutil.copystat(folder / name, target, follow_symlinks=False)
                yield
            sync_tree(copy)
            is_whole = True
        finally:
            if not is_whole:
                with suppress(OSError):
                    self._remove(copy)
        return copy

    def take(self, folder: Path, *, name: str) -> Path:
        """Give a folder on the archive's disk its name there, the first that is free.

        Args:
            folder: the copy, or the finished folder itself.
            name: of the finished folder.

        Raises:
            OSError: the disk failed; it lies where it was.
        """
        for number in range(1, 10_000):
            target = self.path / numbered(name, number)
            if move_to_free_name(folder, target):
                return target
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path / name))

    def has(self, name: str, folder: Path, content: Content) -> Generator[None, None, Path | None]:
        """Whether an earlier run had brought it there already, a file at a turn.

        Args:
            name: of the finished folder.
            folder: as it lies now.
            content: of it.

        Returns:
            Where it lies; None where it does not.

        Raises:
            OSError: a disk failed.
        """
        number = 1
        while is_folder(there := self.path / numbered(name, number)):
            if read_head(there / "manifest.json", below=self.path).get("job") == content.job_id:
                for inside in content.files:
                    if not _is_alike(there / inside, folder / inside, roots=(self.path, folder.parent)):
                        break
                    yield
                else:
                    return there
            number += 1
        return None

    def discard(self, copy: Path) -> None:
        """Remove a copy that is not needed.

        Args:
            copy: of `copied`.

        Raises:
            OSError: the disk failed.
        """
        self._remove(copy)

    def sync(self) -> None:
        """Make the names in it durable."""
        sync_folder(self.path)

    def _remove(self, copy: Path) -> None:
        remove_tree_below(copy, below=self.path)


def _is_alike(one: Path, other: Path, *, roots: tuple[Path, Path]) -> bool:
    try:
        return file_hash(one, below=roots[0]) == file_hash(other, below=roots[1])
    except (NotAJob, FileNotFoundError, IsADirectoryError):
        return False
