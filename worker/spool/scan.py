"""What lies in the inbox, and which of it has settled.

Knows how to look: names first, contents only of what is new or about to be confirmed. Must not know claims or jobs'
meaning. A scan is the whole truth; nothing here depends on having seen an event.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from worker.records import Candidate
from worker.spool.content import Odd, fingerprint, stamp
from worker.spool.names import kind_of, remedy_for, stem_of
from worker.spool.settling import Sighting, is_fresh, is_settled, looked_again, must_read
from worker.spool.steering import READY

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A name in the inbox that may be a job."""

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
            is_folder = entry.is_dir(follow_symlinks=False)
            kind = kind_of(entry.name, is_folder=is_folder)
            if kind != "other":
                stem = stem_of(entry.name, is_folder=is_folder)
                remedy = remedy_for(entry.name) if kind == "almost" else None
                path, is_conflict = inbox / entry.name, kind == "conflict"
                found.append(Found(path=path, stem=stem, is_conflict=is_conflict, remedy=remedy))
            elif entry.name.endswith(READY):
                ready.add(entry.name.removesuffix(READY))
    return [one for one in found if one.path.name in ready] if needs_ready else found


class Scanner:
    """Looks again and again, and remembers since when each name is as it is."""

    def __init__(self, inbox: Path, *, settle_s: float, clock: Callable[[], float], needs_ready: bool = False) -> None:
        """Keep the wishes.

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
        self._sightings: dict[Path, Sighting] = {}
        self._told: set[Path] = set()

    def scan(self) -> tuple[Candidate, ...]:
        """Look once; what has settled, oldest first.

        Raises:
            OSError: the share failed.
        """
        found = _meant(self._inbox, needs_ready=self._needs_ready)
        self._told &= {one.path for one in found}
        settled = []
        sightings = {}
        for one in found:
            sighting = None if one.is_conflict or one.remedy else self._look(one.path)
            if sighting is None:
                self._tell(one)
                continue
            sightings[one.path] = sighting
            if is_settled(sighting, now_s=self._clock(), settle_s=self._settle_s):
                settled.append((sighting.changed_ns, one, sighting))
        self._sightings = sightings
        settled.sort(key=lambda item: (item[0], item[1].path.name))
        return tuple(self._candidate(one, sighting) for _, one, sighting in settled)

    def leave(self, path: Path, *, why: str) -> None:
        """Say once that a job waits because it cannot be moved."""
        if path not in self._told:
            self._told.add(path)
            log.warning("file.ignored", file=path.name, why=f"it cannot be moved ({why}): check its owner and rights")

    def forget(self, path: Path) -> None:
        """Look anew: it turned out to be another file than was seen."""
        self._sightings.pop(path, None)

    def _look(self, path: Path) -> Sighting | None:
        """The sighting now; None for what is no job, or is gone already."""
        former, now_s = self._sightings.get(path), self._clock()
        if former is not None and is_fresh(former, now_s=now_s):
            return former
        try:
            now_stamp = stamp(path)
            if not must_read(former, stamp=now_stamp, now_s=now_s, settle_s=self._settle_s):
                return replace(former, looked_s=now_s) if former is not None else None
            now = Sighting(
                stamp=now_stamp, fingerprint=fingerprint(path), since_s=now_s, looked_s=now_s,
                changed_ns=_changed_ns(path),
            )  # fmt: skip
            return looked_again(former, now=now)
        except (Odd, FileNotFoundError, PermissionError):
            return None

    def _tell(self, one: Found) -> None:
        """Say once why a name is passed over."""
        if one.path not in self._told and os.path.lexists(one.path):
            self._told.add(one.path)
            other = "a synchroniser's conflict copy" if one.is_conflict else "a link, a special file, or not readable"
            log.warning("file.ignored", file=one.path.name, why=one.remedy or other)

    def _candidate(self, one: Found, sighting: Sighting) -> Candidate:
        unchanged_s = self._clock() - sighting.since_s
        return Candidate(path=one.path, stem=one.stem, fingerprint=sighting.fingerprint, unchanged_s=unchanged_s)


def _changed_ns(path: Path) -> int:
    try:
        return path.lstat().st_mtime_ns
    except FileNotFoundError:
        return 0
