"""The three folders before any work: made, or known to serve."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from worker.disk.beneath import real_path
from worker.disk.mount_tables import MountTables
from worker.errors import FoldersAway, FoldersUnusable
from worker.spool.folder_identity import unmounted
from worker.spool.layout import Folders
from worker.translation import Text, gettext, joined

_TABLES = MountTables()


def init_folders(folder: Path) -> Folders:
    """Make the three folders; what is there stays.

    Raises:
        FoldersUnusable: one cannot be made.
    """
    made = Folders(inbox=folder / "inbox", outbox=folder / "outbox", failed=folder / "failed")
    try:
        for path in (made.inbox, made.outbox, made.failed):
            path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FoldersUnusable(
            gettext(
                "{path}: cannot be made ({reason}): choose a folder you may write to, or make it as root.",
                path=error.filename,
                reason=error.strerror,
            )
        ) from error
    return made


def open_folders(inbox: Path, outbox: Path, failed: Path, *, tables: MountTables = _TABLES) -> Folders:
    """The three folders, once they are known to serve.

    Args:
        inbox: jobs to come.
        outbox: finished jobs.
        failed: jobs that failed.
        tables: where this machine says what should be mounted.

    Raises:
        FoldersUnusable: one is no folder, not writable, or inside another; names all that is wrong.
        FoldersAway: one is not there, or lies on a mount point with nothing mounted; nothing else is wrong.
    """
    places = {"inbox": inbox, "outbox": outbox, "failed": failed}
    # os.path.exists, unlike Path.exists, is False where a parent may not be entered
    away = [
        gettext(
            "{name} {path}: there is no such folder: make it with `zimage-worker init`, or mount the share.",
            name=name,
            path=path.absolute(),
        )
        for name, path in places.items()
        if not os.path.exists(path)
    ]
    faults = [fault for name, path in places.items() if (fault := _fault(name, path))]
    away += [
        unmounted(name, path, point)
        for name, path in places.items()
        if os.path.exists(path) and (point := tables.unmounted(path)) is not None
    ]
    faults += _inside_each_other({name: real_path(path) for name, path in places.items()})
    if faults:
        raise FoldersUnusable(joined([*away, *faults]))
    if away:
        raise FoldersAway(joined(away))
    return Folders(**places)


def _fault(name: str, path: Path) -> Text | None:
    if not os.path.exists(path):
        return None
    if not path.is_dir():
        return gettext("{name} {path}: is not a folder.", name=name, path=path)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return gettext(
            "{name} {path}: is not readable and writable for this user: check its rights and the mount options.",
            name=name,
            path=path,
        )
    return None


def _inside_each_other(real: Mapping[str, Path]) -> Iterator[Text]:
    for name, path in real.items():
        for other, parent in real.items():
            if name != other and ((path == parent and name < other) or parent in path.parents):
                yield gettext(
                    "{name} {path}: lies in (or is) {other} {parent}: give each a folder of its own.",
                    name=name,
                    path=path,
                    other=other,
                    parent=parent,
                )
