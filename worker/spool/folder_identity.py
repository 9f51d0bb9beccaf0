"""Identity of the three folders: whether they are still the ones that were found at the start.

Knows identities, marks and mount tables. A share may go away without an error: the bare mount point below it is an
ordinary folder, and another share may be mounted in its place.
"""

from __future__ import annotations

import errno
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from worker.disk.durable import make_folder, write_json
from worker.disk.folder_probe import probe
from worker.disk.json_records import read_record
from worker.disk.mount_tables import MountTables
from worker.disk.moves import write_first
from worker.spool.layout import Folders
from worker.spool.private_claims import make_claims_folder
from worker.spool.space import Shortfall
from worker.spool.submit_notes import make_submitted_folder
from worker.translation import Text, gettext

log = structlog.get_logger()

MARK = ".zimage-worker-root.json"
"""Lies in outbox and failed, so that they are known again; the inbox is known by its spool file."""


MARK_TRIES, MARK_WAIT_S = 20, 0.1
"""For a mark that is there but empty: on a share without hard links another worker is just writing it."""


class ShareAway(OSError):
    """Raised when a folder is not the one it was; wait until it is again."""

    def __init__(self, why: Text) -> None:
        """Keep the reason, for a person."""
        super().__init__(errno.ENODEV, why)
        self.why = why

    def __str__(self) -> str:
        """The reason alone."""
        return self.why


@dataclass(slots=True)
class Roots:
    """The folders of one spool."""

    folders: Folders
    tables: MountTables = field(default_factory=MountTables)
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Device and inode by name of the folder."""
    _marks: dict[str, str] = field(default_factory=dict)
    shortfalls: dict[str, Shortfall] = field(default_factory=lambda: {"outbox": Shortfall(), "failed": Shortfall()})
    """What could not be written there at last: a folder with room for a small file may have none for a picture."""

    def adopt(self) -> None:
        """Take the folders as they are now for the right ones, and mark those that have no mark.

        Raises:
            FoldersUnusable: the claims there are another account's.
            ShareAway: one of them is not there, or leads elsewhere.
            OSError: the share failed.
        """
        self.require()
        for name, path in self._places():
            if self._mark(name) is None:
                make_folder(self._mark_file(name).parent, below=path)
                write_first(self._mark_file(name), {"id": uuid.uuid4().hex, "folder": name}, below=path)
            self._marks[name] = self._settled_mark(name)
            self._known[name] = _identity(path)
        make_claims_folder(self.folders)
        make_submitted_folder(self.folders.inbox)

    def _settled_mark(self, name: str) -> str:
        """The mark, once whoever wrote it first is done."""
        for _ in range(MARK_TRIES):
            mark = self._mark(name)
            if mark is not None:
                return mark
            time.sleep(MARK_WAIT_S)
        write_json(self._mark_file(name), {"id": uuid.uuid4().hex, "folder": name})  # damaged: it is only a name
        return str(self._mark(name))

    def require(self) -> None:
        """Let nobody touch folders that are not the right ones.

        Raises:
            ShareAway: one of them is not there, or is another one.
        """
        for name, path in self._places():
            why = self._why_wrong(name, path)
            if why is not None:
                raise ShareAway(why)

    def fault(self) -> Text | None:
        """Why nothing can be done in these folders now, for a person; None when reading and writing work."""
        try:
            self.require()
        except ShareAway as away:
            return away.why
        for name, path in self._places():
            try:
                self._probe(name, path)
            except OSError as error:
                remedy = _REMEDIES.get(error.errno or 0, gettext("check the share"))
                return gettext(
                    "{name} {path}: {reason}: {remedy}.", name=name, path=path, reason=error.strerror, remedy=remedy
                )
        return None

    def _probe(self, name: str, path: Path) -> None:
        """Try what was refused there at last; in the inbox out of sight of who watches it, or each probe wakes them."""
        if name == "inbox":
            make_folder(self.folders.hidden, below=path)
            probe(path, within=self.folders.hidden)
        else:
            probe(path, size_bytes=self.shortfalls[name].size_bytes)

    def _why_wrong(self, name: str, path: Path) -> Text | None:
        try:
            identity = _identity(path)
        except OSError as error:
            return gettext(
                "{name} {path}: {reason}: mount the share, or make the folder again.",
                name=name,
                path=path,
                reason=error.strerror,
            )
        link = next((own for own in self._own_folders(path) if os.path.islink(own)), None)
        if link is not None:
            return gettext("{name} {path}: {link} is a link: remove it.", name=name, path=path, link=link.name)
        if self._known.get(name, identity) == identity:
            return None
        point = self.tables.unmounted(path)
        if point is not None:
            return unmounted(name, path, point)
        if self._mark(name) != self._marks[name]:
            return gettext(
                "{name} {path}: this is another folder than at the start: mount the share that belongs here.",
                name=name,
                path=path,
            )
        self._known[name] = identity  # the same share, mounted anew
        return None

    def _places(self) -> Iterator[tuple[str, Path]]:
        yield "inbox", self.folders.inbox
        yield "outbox", self.folders.outbox
        yield "failed", self.folders.failed

    def _own_folders(self, path: Path) -> tuple[Path, ...]:
        """The workers' own folders in one of the three, of which none may be a link that leads elsewhere."""
        folders = self.folders
        is_inbox = path == folders.inbox
        return (folders.hidden, folders.claims, folders.workers, folders.returned) if is_inbox else ()

    def _mark_file(self, name: str) -> Path:
        places = dict(self._places())
        return self.folders.spool_file if name == "inbox" else places[name] / MARK

    def _mark(self, name: str) -> str | None:
        mark = read_record(self._mark_file(name)).get("id")
        return mark if isinstance(mark, str) else None


def identity_of(folders: Folders) -> tuple[str, str] | None:
    """By what a spool's inbox and outbox are known again; None where one of them is not there, or no worker's yet.

    Args:
        folders: of the spool.

    Raises:
        OSError: the share failed.
    """
    inbox, outbox = (read_record(path).get("id") for path in (folders.spool_file, folders.outbox / MARK))
    return (inbox, outbox) if isinstance(inbox, str) and isinstance(outbox, str) else None


_FORBIDDEN = gettext("this user may not write there any more: check its rights")
_REMEDIES = {
    errno.ENOSPC: gettext("make room there"),
    errno.EDQUOT: gettext("the quota is used up: make room there"),
    errno.EROFS: gettext("it is read-only now: mount it for writing"),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ESTALE: gettext("the server has lost the folder: mount the share again"),
}


def unmounted(name: str, path: Path, point: str) -> Text:
    """What to say of a folder whose share is not there.

    Args:
        name: inbox, outbox or failed.
        path: of the folder.
        point: where nothing is mounted.
    """
    return gettext("{name} {path}: nothing is mounted on {point}: mount the share.", name=name, path=path, point=point)


def _identity(path: Path) -> tuple[int, int]:
    status = os.stat(path)
    if not os.path.isdir(path):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    return status.st_dev, status.st_ino
