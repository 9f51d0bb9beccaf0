"""What lies in the inbox, and which of it has settled.

Knows how to look: names first, contents only of what is new or about to be confirmed. A scan is the whole truth;
nothing here depends on having seen an event.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog

from worker.disk.content import NotAJob, fingerprint, stamp, stamped_bytes
from worker.records import Candidate
from worker.spool.control_files import READY
from worker.spool.names import kind_of, remedy_for, stem_of
from worker.spool.settling import (
    LOOK_AGAIN_S,
    UNREAD,
    Sighting,
    fresh_until,
    is_settled,
    looked_again,
    must_read,
)
from worker.translation import gettext

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A name in the inbox that may be a job."""

    name: str
    path: Path
    stem: str
    is_conflict: bool
    """A synchroniser's copy of somebody's job: to be told, not to be rendered."""
    remedy: str | None = None
    """Of a file that was meant as a job and is not named like one: what to do about it; told likewise."""


def find(inbox: Path, *, needs_ready: bool = False) -> list[Found]:
    """All names that may be jobs; one listing, nothing is opened.

    Args:
        inbox: where to look.
        needs_ready: only those beside which `NAME.ready` lies.

    Raises:
        OSError: the share failed.
    """
    return [one for one in _meant(inbox, needs_ready=needs_ready) if one.remedy is None]


def _meant(inbox: Path, *, needs_ready: bool) -> list[Found]:
    """The same with the files that were meant as jobs and are not named like one."""
    found, ready = [], set()
    with os.scandir(inbox) as entries:
        for entry in entries:
            one = _found(inbox, entry.name, entry.is_dir(follow_symlinks=False))
            if one is not None:
                found.append(one)
            elif entry.name.endswith(READY):
                ready.add(entry.name.removesuffix(READY))
    return [one for one in found if one.name in ready] if needs_ready else found


@lru_cache(maxsize=65_536)
def _found(inbox: Path, name: str, is_folder: bool) -> Found | None:
    """What a name stands for; remembered, as thousands may wait all night."""
    kind = kind_of(name, is_folder=is_folder)
    if kind == "other":
        return None
    return Found(
        name=name,
        path=inbox / name,
        stem=stem_of(name, is_folder=is_folder),
        is_conflict=kind == "conflict",
        remedy=remedy_for(name) if kind == "almost" else None,
    )


class Scanner:
    """Looks again and again, and remembers since when each name is as it is."""

    def __init__(self, inbox: Path, *, settle_s: float, clock: Callable[[], float], needs_ready: bool = False) -> None:
        """Keep the options.

        Args:
            inbox: where to look.
            settle_s: seconds a job must stay unchanged.
            clock: monotonic seconds.
            needs_ready: a job is one only once `NAME.ready` lies beside it.
        """
        self._inbox = inbox
        self._needs_ready = needs_ready
        self._settle_s = settle_s
        self._clock = clock
        self._sightings: dict[str, Sighting] = {}
        self._looked_s: dict[str, float] = {}
        """When each of them was looked at last."""
        self._names: list[str] = []
        self._fresh_until_s = 0.0
        """Until then nothing is due to be looked at, unless a name came or went."""
        self._settled: tuple[Candidate, ...] | None = None
        """As the last scan gave it; None when it no longer holds."""
        self._told: set[Path] = set()

    def scan(self) -> tuple[Candidate, ...]:
        """Look once; what has settled, oldest first.

        Raises:
            OSError: the share failed.
        """
        names, now_s = os.listdir(self._inbox), self._clock()
        if self._settled is not None and names == self._names and now_s < self._fresh_until_s:
            return self._settled
        found = _meant(self._inbox, needs_ready=self._needs_ready)
        self._told &= {one.path for one in found}
        is_as_it_was = self._look_at(found, now_s=now_s)
        if self._settled is None or not is_as_it_was:
            self._settled = self._by_age(found)
        self._names = names
        return self._settled

    def _look_at(self, found: Iterable[Found], *, now_s: float) -> bool:
        """Look at what is new or due; whether all of it is as it was."""
        former, looked_s = self._sightings, self._looked_s
        self._sightings, self._looked_s = {}, {}
        self._fresh_until_s = now_s + LOOK_AGAIN_S
        for one in found:
            sighting = None
            if not one.is_conflict and one.remedy is None:
                known, known_s = former.get(one.name), looked_s.get(one.name, now_s)
                is_due = fresh_until(known, looked_s=known_s) <= now_s
                sighting = self._look(one.path, known) if is_due else known
                until_s = fresh_until(sighting, looked_s=now_s if is_due else known_s)
                self._fresh_until_s = min(self._fresh_until_s, until_s)
                if sighting is not None:
                    self._sightings[one.name], self._looked_s[one.name] = sighting, now_s if is_due else known_s
            if sighting is None:
                self._tell(one)
        return self._sightings == former

    def _by_age(self, found: Iterable[Found]) -> tuple[Candidate, ...]:
        settled = []
        for one in found:
            sighting = self._sightings.get(one.name)
            if sighting is not None and is_settled(sighting, now_s=self._clock(), settle_s=self._settle_s):
                settled.append((sighting.changed_ns, one.name, one, sighting))
        settled.sort()
        return tuple(
            Candidate(path=one.path, stem=one.stem, fingerprint=sighting.fingerprint, since_s=sighting.since_s)
            for _, _, one, sighting in settled
        )

    def leave(self, path: Path, *, why: str) -> None:
        """Say once that a job waits because it cannot be moved.

        Args:
            path: of the job in the inbox.
            why: what the system says, such as `Permission denied`.
        """
        if path not in self._told:
            self._told.add(path)
            reason = gettext("it cannot be moved ({why}): check its owner and rights", why=why)
            log.warning("file.ignored", file=path.name, why=reason)

    def forget(self, path: Path) -> None:
        """Look anew: it turned out to be another file than was seen."""
        self._sightings.pop(path.name, None)
        self._settled = None

    def _look(self, path: Path, former: Sighting | None) -> Sighting | None:
        """The sighting now; None for what is no job, or is gone already."""
        now_s = self._clock()
        try:
            now_stamp = stamp(path)
            size_bytes = stamped_bytes(now_stamp)
            is_read = must_read(former, stamp=now_stamp, size_bytes=size_bytes, now_s=now_s, settle_s=self._settle_s)
            if former is not None and former.stamp == now_stamp and not is_read:
                return former
            contents = fingerprint(path) if is_read else UNREAD
            now = Sighting(stamp=now_stamp, fingerprint=contents, since_s=now_s, changed_ns=_changed_ns(path))
            return looked_again(former, now=now)
        except (NotAJob, FileNotFoundError, PermissionError):
            return None

    def _tell(self, one: Found) -> None:
        """Say once why a name is passed over."""
        if one.path not in self._told and os.path.lexists(one.path):
            self._told.add(one.path)
            other = gettext("a link, a special file, or not readable")
            if one.is_conflict:
                other = gettext("a synchroniser's conflict copy")
            log.warning("file.ignored", file=one.path.name, why=one.remedy or other)


def _changed_ns(path: Path) -> int:
    try:
        return path.lstat().st_mtime_ns
    except FileNotFoundError:
        return 0
