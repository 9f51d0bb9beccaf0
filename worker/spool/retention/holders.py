"""Holders: hidden folders in which a finished folder lies while it leaves; at each step all of it lies somewhere.

    outbox/.zimage-worker-retired/RANDOM-WORKER.retiring/NAME   whole, on its way; where its worker died it is put back
    outbox/.zimage-worker-retired/RANDOM-WORKER.retired/NAME    whole in the archive, or to be deleted: it is removed

Knows renames. Of several workers that want the same folder, the rename lets one have it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from worker.disk.beneath import opened_folder
from worker.disk.durable import make_folder, remove_tree_below, sync_folder
from worker.disk.looks import is_folder
from worker.disk.moves import move_to_free_name
from worker.spool.layout import numbered

HIDDEN = ".zimage-worker-retired"
RETIRING, RETIRED = ".retiring", ".retired"


class Holder:
    """One of them."""

    def __init__(self, path: Path, *, root: Path) -> None:
        """Keep the place; nothing is touched.

        Args:
            path: of it, which ends in RETIRING or RETIRED.
            root: `outbox` or `failed`.
        """
        self.path = path
        self._root = root

    @property
    def is_retired(self) -> bool:
        """Whether nobody needs what is in it any more."""
        return self.path.name.endswith(RETIRED)

    def take(self, name: str) -> Path:
        """Let a finished folder lie in it.

        Args:
            name: of the folder.

        Returns:
            Where it lies now.

        Raises:
            OSError: somebody has it open, another worker was faster, or the share failed: it lies there, or here.
        """
        make_folder(self.path, below=self._root)
        with opened_folder(self._root) as there, opened_folder(self.path, below=self._root) as here:
            os.rename(name, name, src_dir_fd=there, dst_dir_fd=here)
            os.fsync(here)
            os.fsync(there)
        return self.path / name

    def put_back(self) -> Iterator[str]:
        """Let what lies in it lie where it was, under the first free name, and remove it; yields those names.

        Raises:
            OSError: the share failed; what is not yet back is put back the next time.
        """
        if not is_folder(self.path):
            return
        for name in self._names():
            for number in range(1, 1000):
                target = self._root / numbered(name, number)
                if move_to_free_name(self.path / name, target):
                    yield target.name
                    break
        self.path.rmdir()
        remove_if_empty(self._root)

    def retire(self) -> None:
        """From here on nobody needs it.

        Raises:
            OSError: the share failed; it stands as it was.
        """
        retired = self.path.with_name(self.path.name.removesuffix(RETIRING) + RETIRED)
        os.rename(self.path, retired)
        sync_folder(retired.parent)
        self.path = retired

    def remove(self) -> None:
        """Remove it with all that lies in it; a link in it goes, and what it leads to stays.

        Raises:
            OSError: the share failed; the next time the rest goes.
        """
        remove_tree_below(self.path, below=self._root)
        remove_if_empty(self._root)

    def _names(self) -> list[str]:
        with opened_folder(self.path, below=self._root) as folder:
            return sorted(os.listdir(folder))


def new_holder(root: Path, *, worker_id: str) -> Holder:
    """One that nobody has; it is made when something is taken into it.

    Args:
        root: `outbox` or `failed`.
        worker_id: whose it is.
    """
    return Holder(root / HIDDEN / f"{secrets.token_hex(8)}-{worker_id}{RETIRING}", root=root)


def holders_in(root: Path) -> list[Holder]:
    """Those that are there; none where something else lies in their place.

    Args:
        root: `outbox` or `failed`.

    Raises:
        OSError: the share failed.
    """
    if not is_folder(root / HIDDEN):
        return []
    with opened_folder(root / HIDDEN, below=root) as folder:
        names = sorted(os.listdir(folder))
    endings = (RETIRING, RETIRED)
    return [
        Holder(path, root=root) for name in names if name.endswith(endings) and is_folder(path := root / HIDDEN / name)
    ]


def remove_if_empty(root: Path) -> None:
    """Remove the folder of all holders, unless there is one."""
    with suppress(OSError):  # a link, and whatever is not empty, stays
        (root / HIDDEN).rmdir()


def owner_of(name: str) -> str:
    """The worker whose holder, or copy in an archive, has that name.

    Args:
        name: `RANDOM-WORKER.ENDING`.
    """
    return name.partition("-")[2].rpartition(".")[0]
