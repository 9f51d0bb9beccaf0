"""The keeper of finished folders: what is old goes, a step at a time, and only what was read back just before.

Knows the order of things. A worker that is killed between two steps leaves a folder whole where people see it, or in a
holder from which the next start puts it back.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

import structlog

from worker.disk.durable import write_json
from worker.disk.json_records import read_record
from worker.disk.looks import is_folder, paths_in
from worker.plain_names import is_litter
from worker.spool.claim_files import folders_in
from worker.spool.layout import DROPPED, Folders
from worker.spool.retention import due
from worker.spool.retention.archive import Archive
from worker.spool.retention.content import Content, Kept, content_of, is_same, read_back
from worker.spool.retention.holders import Holder, holders_in, new_holder, owner_of, remove_if_empty
from worker.spool.retention.old_folders import Rules, folders_due
from worker.spool.retry_notes import retry_in
from worker.translation import Text, gettext

log = structlog.get_logger()

FOR_ALL = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EXDEV, errno.ENOTCONN, errno.ESTALE, errno.EHOSTDOWN,
    errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.ENODEV,
}  # fmt: skip
"""How a disk or a share refuses everything."""
ALONE_S = 2 * 3600.0
"""So long a holder of another worker must lie there unchanged, by this process's own clock, before it is ended."""


class Keeper:
    """Of one worker; several may keep one spool."""

    def __init__(
        self,
        folders: Folders,
        *,
        worker_id: str,
        state_file: Path,
        require: Callable[[], None],
        archive_at: Callable[[Path], Archive],
        wall_s: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            worker_id: of this worker.
            state_file: local; remembers the clock.
            require: raises OSError where the folders are not the right ones.
            archive_at: the archive in a folder.
            wall_s: seconds since 1970.
            monotonic: seconds.
        """
        self._folders = folders
        self._worker_id = worker_id
        self._state_file = state_file
        self._require = require
        self._archive_at = archive_at
        self._wall_s = wall_s
        self._monotonic = monotonic
        self._told: set[tuple[str, str]] = set()
        self._must_copy = False
        self._stays: dict[Path, int] = {}
        """Folders that stay, and when each was last changed: until it is again, its pictures are not read."""
        self._alone_s: dict[Path, float] = {}
        """Since when holders of others have been seen."""

    def steps(self, rules: Rules | None) -> Iterator[None]:
        """One look at all folders, a small step at a turn: what an earlier one left, then what is due.

        Args:
            rules: what goes; None for nothing.

        Raises:
            OSError: the share, the archive's disk or this machine's failed; what was begun is ended at the next look.
        """
        self._require()
        yield from self._recover()
        if rules is None:
            return
        archive = self._archive(rules)
        why, paths = self._why_not_now(archive), self._due(rules)  # the clock is looked at also where nothing is due
        for path in paths:
            if why is not None:
                self._tell_waits(why)
                return
            yield
            yield from self._end_or_keep(path, archive)
            why = self._why_not_now(archive)

    def _archive(self, rules: Rules) -> Archive | None:
        """Where folders go, without what this worker was just copying there when it died."""
        archive = None if rules.archive is None else self._archive_at(rules.archive)
        if archive is not None and archive.fault() is None:
            archive.sweep()
        return archive

    def _end_or_keep(self, path: Path, archive: Archive | None) -> Iterator[None]:
        """Let one go, or tell why it stays; one that another worker, or a person, has taken meanwhile is not told."""
        try:
            with self._one_alone():
                yield from self._end(path, archive)
        except Kept as error:
            if is_folder(path):
                self._tell_kept(path, error.why)
                if not error.passes:
                    self._stays[path] = _changed_ns(path)

    @contextmanager
    def _one_alone(self) -> Iterator[None]:
        """What fails about one folder keeps no other from going; where the share or a disk fails, it is raised on.

        Raises:
            Kept: that one is to stay, for now.
            OSError: all would fail.
        """
        try:
            yield
        except OSError as error:
            if error.errno in FOR_ALL:
                raise
            self._require()
            why = error.strerror or str(error)
            raise Kept(gettext("it cannot be read or moved now ({error})", error=why), passes=True) from error

    def _recover(self) -> Iterator[None]:
        """End what workers have begun that died: at once what was this one's."""
        now_s, seen = self._monotonic(), set()
        for root in (self._folders.outbox, self._folders.failed):
            for holder in holders_in(root):
                seen.add(holder.path)
                is_own = owner_of(holder.path.name) == self._worker_id
                if is_own or now_s - self._alone_s.setdefault(holder.path, now_s) >= ALONE_S:
                    try:
                        with self._one_alone():
                            self._end_holder(holder)
                    except Kept as error:
                        self._tell_kept(holder.path, error.why)
                yield
            remove_if_empty(root)
        self._alone_s = {path: since_s for path, since_s in self._alone_s.items() if path in seen}

    def _end_holder(self, holder: Holder) -> None:
        if holder.is_retired:
            holder.remove()
        else:
            for name in holder.put_back():
                log.info("leftover.rescued", name=holder.path.name, folder=name)

    def _why_not_now(self, archive: Archive | None) -> Text | None:
        memory = due.looked(self._memory(), now_s=self._wall_s())
        write_json(self._state_file, asdict(memory))
        return due.why_not_now(memory, share_s=self._share_s()) or (None if archive is None else archive.fault())

    def _memory(self) -> due.Memory:
        return due.memory_in(read_record(self._state_file))

    def _share_s(self) -> float | None:
        """When a worker last wrote something down, by the clock of whoever keeps the share."""
        times_s = []
        for path in paths_in(self._folders.workers):
            with suppress(OSError):
                times_s.append(path.lstat().st_mtime)
        return max(times_s, default=None)

    def _due(self, rules: Rules) -> list[Path]:
        """Each worker begins elsewhere."""
        due_now = folders_due(self._folders, rules, now_s=self._wall_s())
        found = [path for path in due_now if path not in self._stays or self._stays[path] != _changed_ns(path)]
        return sorted(found, key=lambda path: hashlib.sha256(os.fsencode(f"{self._worker_id}\0{path.name}")).digest())

    def _end(self, path: Path, archive: Archive | None) -> Iterator[None]:
        """Read one back, copy it where it goes to another disk, let it leave.

        Raises:
            Kept: it is to stay.
            OSError: something failed; nothing is lost.
        """
        content = content_of(path)
        if path in self._wanted():
            raise Kept(gettext("a job that waits takes pictures from it"), passes=True)
        copy, target = None, None
        if archive is None or (archive.is_on_disk_of(path) and not self._must_copy):
            yield from read_back(path, content)
        else:
            target = yield from archive.has(path.name, path, content)
            if target is None:
                copy = yield from archive.copied(path, content)
        holder = new_holder(path.parent, worker_id=self._worker_id)
        try:
            target = self._leave(path, content, holder, archive=archive, copy=copy, target=target)
        finally:
            if copy is not None and archive is not None and copy.exists():
                archive.discard(copy)
        self._count()
        if target is None:
            log.info("folder.removed", folder=path.name, place=self._place_of(path))
        else:
            log.info("folder.archived", folder=path.name, place=self._place_of(path), target=str(target))
        yield

    def _leave(
        self, path: Path, content: Content, holder: Holder, *, archive: Archive | None, copy: Path | None,
        target: Path | None,
    ) -> Path | None:  # fmt: skip
        """What was read back, and nothing else, goes: where it lies now, if anywhere."""
        self._require()
        held = self._taken(path, holder)
        try:
            if not is_same(held, content):
                raise Kept(gettext("it was changed while it was read"), passes=True)
            if archive is not None and target is None:
                target = archive.take(held if copy is None else copy, name=path.name)
                archive.sync()
            holder.retire()
        except (Kept, OSError) as error:
            self._must_copy |= isinstance(error, OSError) and error.errno == errno.EXDEV  # two mounts of one disk
            with suppress(OSError):  # else at the next look
                [*holder.put_back()]
            raise
        with suppress(OSError):  # somebody has a file in it open: at the next look
            holder.remove()
        return target

    def _taken(self, path: Path, holder: Holder) -> Path:
        try:
            return holder.take(path.name)
        except OSError as error:
            [*holder.put_back()]
            why = error.strerror or str(error)
            raise Kept(gettext("somebody uses it ({error})", error=why), passes=True) from error

    def _wanted(self) -> set[Path]:
        """Folders from which jobs take pictures that wait or are in work."""
        jobs = [path for path in paths_in(self._folders.inbox) if not is_litter(path.name)]
        for worker in _folders_in(self._folders.claims):
            for claim in _folders_in(worker):
                jobs += paths_in(claim / DROPPED) if is_folder(claim / DROPPED) else []
        notes = [retry for job in jobs if (retry := retry_in(job)) is not None]
        roots = {"outbox": self._folders.outbox, "failed": self._folders.failed}
        return {roots[one.place] / one.folder for one in notes}

    def _place_of(self, path: Path) -> str:
        return "outbox" if path.is_relative_to(self._folders.outbox) else "failed"

    def _count(self) -> None:
        memory = self._memory()
        write_json(self._state_file, asdict(replace(memory, gone=memory.gone + 1)))

    def _tell_kept(self, path: Path, why: Text) -> None:
        if (str(path), why) not in self._told:
            self._told.add((str(path), why))
            log.info("folder.kept", folder=path.name, place=self._place_of(path), reason=why)

    def _tell_waits(self, why: Text) -> None:
        if ("", why) not in self._told:
            self._told = {one for one in self._told if one[0]} | {("", why)}
            log.warning("retention.waits", reason=why)


def _changed_ns(path: Path) -> int:
    """When a folder was last changed; 0 for one that is gone."""
    with suppress(FileNotFoundError):
        return path.lstat().st_mtime_ns
    return 0


def _folders_in(path: Path) -> list[Path]:
    try:
        return folders_in(path)
    except PermissionError:  # another account's
        return []
