"""What lies in the inbox, and which of it has settled.

Knows how to look: names first, contents only of what is new or about to be confirmed. A scan is the whole truth;
nothing here depends on having seen an event. Only the listing is the share's: whatever fails about one name is that
name's own trouble, and is kept as the reason for which it is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import structlog

from worker.disk.content import NotAJob, files_of, fingerprint, stamp_of, statuses
from worker.disk.mount_tables import kind_of_system
from worker.disk.mounts import REMOTE
from worker.disk.open_writers import is_open_for_writing
from worker.disk.owners import Owners
from worker.records import Candidate
from worker.spool.asides import TOLD_AFTER_S, Aside, no_job_in, still_changing, unreadable
from worker.spool.layout import note_name
from worker.spool.listing import Found, InboxNames, found_in
from worker.spool.retry_notes import retry_in
from worker.spool.settling import (
    FOLDER_SETTLES,
    LARGE_BYTES,
    LOOK_AGAIN_S,
    NEWEST_WEIGHT,
    UNREAD,
    Sighting,
    fresh_until,
    is_settled,
    looked_again,
    must_read,
)
from worker.spool.steering import READY
from worker.spool.submit_notes import noted_fingerprint, submit_notes
from worker.spool_ports import PassedOver
from worker.translation import gettext

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What came of the last look at a name."""

    sighting: Sighting | None = None
    aside: Aside | None = None
    """Why it is left where it lies."""
    until_s: float = 0.0
    """Until then it is not looked at again."""
    of: Found | None = None


class Scanner:
    """Looks again and again, and remembers since when each name is as it is."""

    def __init__(
        self,
        names: InboxNames,
        *,
        owners: Owners,
        settle_s: float,
        clock: Callable[[], float],
        needs_ready: bool = False,
    ) -> None:
        """Keep the options.

        Args:
            names: of the inbox.
            owners: of what lies in it.
            settle_s: seconds a job must stay unchanged.
            clock: monotonic seconds.
            needs_ready: a job is one only once `NAME.ready` lies beside it.
        """
        self._names = names
        self._owners = owners
        self._needs_ready = needs_ready
        self.settle_s = settle_s
        self._clock = clock
        self._looks: dict[str, Look] = {}
        self._notes: frozenset[str] | None = None
        """Of submitted jobs, as of the look that is going on; None until one is asked for."""
        self._unmovable: dict[str, Aside] = {}
        self.names: Collection[str] = ()
        """All of the inbox, as last listed."""
        self._fresh_until_s = 0.0
        """Until then nothing is due to be looked at, unless a name came or went."""
        self._settled: tuple[Candidate, ...] | None = None
        """As the last scan gave it; None when it no longer holds."""
        self._passed_over: dict[str, PassedOver] = {}
        self._look_s = 0.0
        """How long a look at what is known takes: a running mean."""

    def scan(self) -> tuple[Candidate, ...]:
        """Look once; what has settled, oldest first.

        Raises:
            OSError: the share failed.
        """
        listed, now_s = self._names.now(), self._clock()
        if self._settled is not None and listed == self.names and now_s < self._fresh_until_s:
            return self._settled
        self._notes = None
        found = found_in(self._names.inbox, listed, needs_ready=self._needs_ready)
        looks = dict(self._looked_at(found, now_s=now_s))
        if any(look.aside is not None and look.aside.is_of_system for look in looks.values()):
            os.listdir(self._names.inbox)  # of a share that is away every name fails: nobody is told that of each
        self._looks, self.names = looks, listed
        self._fresh_until_s = min([now_s + LOOK_AGAIN_S, *(look.until_s for look in looks.values())])
        self._unmovable = {name: aside for name, aside in self._unmovable.items() if name in looks}
        self._tell(dict(self._reasons(found, now_s=now_s)))
        self._settled = self._by_age(found, now_s=now_s)
        return self._settled

    def passed_over(self) -> Mapping[str, PassedOver]:
        """Why names are left where they lie, as of the last scan."""
        return self._passed_over

    def leave(self, path: Path, *, why: str) -> None:
        """A job waits because it cannot be moved; it is tried again at its own pace.

        Args:
            path: of the job in the inbox.
            why: what the system says, such as `Permission denied`.
        """
        reason = gettext("it cannot be moved ({why}): check its owner and rights", why=why)
        now_s, former = self._clock(), self._unmovable.get(path.name)
        since_s = former.since_s if former is not None else now_s
        self._unmovable[path.name] = Aside(why=reason, since_s=since_s, again_s=now_s + LOOK_AGAIN_S)
        self._settled = None
        self._tell({**self._passed_over, path.name: self._unmovable[path.name].told()})

    def taken(self, path: Path) -> None:
        """It was moved after all: whatever lies there next is another file.

        Args:
            path: where the job lay.
        """
        self._unmovable.pop(path.name, None)

    def queued(self) -> int:
        """How many names are jobs to come, settled or not, as of the last scan; asks nobody."""
        return sum(name not in self._passed_over for name in self._looks)

    def forget(self, path: Path) -> None:
        """Look anew: it turned out to be another file than was seen."""
        self._looks.pop(path.name, None)
        self._settled = None

    def _looked_at(self, found: Iterable[Found], *, now_s: float) -> Iterable[tuple[str, Look]]:
        for one in found:
            known = self._looks.get(one.name)
            is_fresh = known is not None and known.until_s > now_s and known.of == one
            yield one.name, known if known is not None and is_fresh else self._look(one, known)

    def _look(self, one: Found, known: Look | None) -> Look:
        """Look at one name; whatever fails is its own trouble."""
        now_s = self._clock()
        sighting, aside = known.sighting if known is not None else None, None
        if one.remedy is not None:
            aside = Aside(why=one.remedy, since_s=now_s, is_final=True)
        elif not one.is_ready:
            why = gettext("it waits for {file}, which says that it is complete", file=f"{one.name}{READY}")
            aside = Aside(why=why, since_s=now_s, told_after_s=TOLD_AFTER_S)
        else:
            try:
                sighting, aside = self._sight(one, sighting)
            except NotAJob as refusal:
                why = gettext(
                    "{why}; a job is plain files and folders only: copy the files themselves", why=refusal.why
                )
                aside = Aside(why=why, since_s=now_s, is_final=True)
            except OSError as error:
                aside = unreadable(error, now_s=now_s, settle_s=self.settle_s)
        if aside is None:
            return Look(sighting=sighting, until_s=self._fresh_until(known, sighting, looked_s=now_s), of=one)
        former = known.aside if known is not None else None
        if former is not None and former.why == aside.why:
            aside = replace(aside, since_s=former.since_s)
        is_new = now_s - aside.since_s < self.settle_s and not aside.is_final
        until_s = now_s + (0.0 if is_new else LOOK_AGAIN_S)
        return Look(sighting=sighting, aside=aside, until_s=until_s, of=one)

    def _fresh_until(self, known: Look | None, sighting: Sighting | None, *, looked_s: float) -> float:
        took_s = self._clock() - looked_s
        if known is not None and known.sighting == sighting:
            self._look_s += NEWEST_WEIGHT * (took_s - self._look_s)
        return fresh_until(sighting, looked_s=looked_s, took_s=took_s, all_take_s=self._look_s * len(self.names))

    @cached_property
    def _shows_writers(self) -> bool:
        """Whether the system tells who has a file open: on a share none is opened in vain."""
        return kind_of_system(self._names.inbox) not in REMOTE

    def _sight(self, one: Found, former: Sighting | None) -> tuple[Sighting | None, Aside | None]:
        """The sighting now, and why it is no job.

        Raises:
            NotAJob, OSError: as reading its files.
        """
        now_s, files = self._clock(), statuses(one.path)
        if (aside := no_job_in(files, now_s=now_s, settle_s=self._settles(one))) is not None:
            return None, aside
        stamp = stamp_of(files)
        is_much = sum(status.st_size for status in files.values()) > LARGE_BYTES
        settle_s = self._settles(one)
        noted = self._noted(one.name) if former is None else None
        reads = noted is not None or must_read(former, stamp=stamp, now_s=now_s, settle_s=settle_s, is_much=is_much)
        if former is not None and former.stamp == stamp:
            if not reads:
                return former, None
            if self._shows_writers and any(is_open_for_writing(file) for _, file in files_of(one.path)):
                return former, None
        status = os.lstat(one.path)
        now = Sighting(
            stamp=stamp,
            fingerprint=fingerprint(one.path) if reads else UNREAD,
            since_s=now_s,
            changed_ns=status.st_mtime_ns,
            dropped_by=self._owners.named(status.st_uid, device=status.st_dev),
        )
        if one.is_folder:
            now = _as_asked(now, one.path, is_own=status.st_uid == os.geteuid())
        if noted is not None and noted == now.fingerprint:
            now = replace(now, is_confirmed=True, is_submitted=True)
        return looked_again(former, now=now), None

    def _noted(self, name: str) -> str | None:
        """The fingerprint of a new name that was submitted: the notes are listed once a look, if a name is new."""
        self._notes = submit_notes(self._names.inbox) if self._notes is None else self._notes
        if note_name(name) in self._notes:
            with suppress(OSError):  # then it settles like any other
                return noted_fingerprint(self._names.inbox, name)
        return None

    def _by_age(self, found: Iterable[Found], *, now_s: float) -> tuple[Candidate, ...]:
        settled = []
        for one in found:
            look = self._looks[one.name]
            if look.aside is None and look.sighting is not None and self._is_settled(one, look.sighting, now_s=now_s):
                stuck = self._unmovable.get(one.name)
                if stuck is None or stuck.again_s <= now_s:
                    settled.append((look.sighting.changed_ns, one.name, one, look.sighting))
        settled.sort(key=lambda row: row[:2])
        return tuple(
            Candidate(
                path=one.path, stem=one.stem, fingerprint=sighting.fingerprint, since_s=sighting.since_s,
                is_submitted=sighting.is_submitted, dropped_by=sighting.dropped_by, kept=sighting.kept,
            )
            for _, _, one, sighting in settled
        )  # fmt: skip

    def _is_settled(self, one: Found, sighting: Sighting, *, now_s: float) -> bool:
        return is_settled(sighting, now_s=now_s, settle_s=self._settles(one))

    def _settles(self, one: Found) -> float:
        return self.settle_s * (FOLDER_SETTLES if one.is_folder else 1)

    def _reasons(self, found: Iterable[Found], *, now_s: float) -> Iterable[tuple[str, PassedOver]]:
        """Why names are passed over, of all that is to be told by now."""
        for one in found:
            look = self._looks[one.name]
            aside, sighting = look.aside or self._unmovable.get(one.name), look.sighting
            if aside is None and sighting is not None and not self._is_settled(one, sighting, now_s=now_s):
                aside = still_changing(since_s=sighting.unsettled_since_s)
            if aside is not None and max(now_s - aside.since_s, 0.0) >= aside.told_after_s:  # it may be looked at later
                yield one.name, aside.told()

    def _tell(self, passed_over: dict[str, PassedOver]) -> None:
        """Write each reason into the log when it is new."""
        for name, aside in passed_over.items():
            former = self._passed_over.get(name)
            if former is None or former.why != aside.why:
                log.warning("file.ignored", file=name, why=aside.why)
        self._passed_over = passed_over


def _as_asked(now: Sighting, job: Path, *, is_own: bool) -> Sighting:
    """Of a job that a worker has made of an ended one: it is whose who asked, and only what it does not keep is made.

    What is said by a file of another account is no worker's word, where the file system tells them apart.
    """
    retry = retry_in(job) if is_own or now.dropped_by is None else None
    if retry is None:
        return now
    who = now.dropped_by and (retry.asked_by or now.dropped_by)
    return replace(now, kept=retry.kept, dropped_by=who)
