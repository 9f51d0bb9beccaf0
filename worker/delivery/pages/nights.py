"""Nights: ended jobs by the night in which they ended, from noon to noon, and by the pages on which they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby

from worker.moments import moment_of
from worker.overview_records import EndedJob

PAGE_JOBS = 200
"""On one page of a night; on the front page the newest night shows no more."""
FRONT_JOBS = 60
"""Further nights stand on the front page while they fit into so many jobs together with the newest."""
FIRST = datetime(1971, 1, 1, tzinfo=UTC)
"""Nothing ended before."""
MOST_NIGHTS = 400
"""That have pages of their own: more than a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """The jobs that ended between a noon and the next."""

    begins: date | None
    """The day of its first noon; None for jobs of which it is not known when they ended."""
    is_over: bool = True
    jobs: Sequence[EndedJob]
    """Newest first."""

    @property
    def ends(self) -> date | None:
        """The day after."""
        return self.begins and self.begins + timedelta(days=1)

    @property
    def ended(self) -> int:
        """Jobs; a proof is none."""
        return len(self.jobs) - self.count("proof")

    @property
    def made(self) -> int:
        """Pictures; those of a proof are counted with its job."""
        return sum(job.made for job in self.jobs if job.state != "proof")

    @property
    def failed(self) -> int:
        """Pictures that could not be made; likewise."""
        return sum(job.failed for job in self.jobs if job.state != "proof")

    @property
    def retried(self) -> int:
        """Pictures that more than one try has made; likewise."""
        return sum(job.retried for job in self.jobs if job.state != "proof")

    def count(self, *states: str) -> int:
        """How many of its jobs ended so.

        Args:
            states: of `EndedState`.
        """
        return sum(job.state in states for job in self.jobs)

    def pages(self) -> Sequence[Sequence[EndedJob]]:
        """Its jobs by page: the oldest page first, newest first on each.

        A page that is full never changes; until the night is over there are only such. Without a date there is none.
        """
        oldest_first = self.jobs[::-1] if self.begins else ()
        pages = [oldest_first[at : at + PAGE_JOBS][::-1] for at in range(0, len(oldest_first), PAGE_JOBS)]
        return pages if self.is_over else [page for page in pages if len(page) == PAGE_JOBS]


def nights(ended: Sequence[EndedJob], *, now: datetime, zone: tzinfo | None) -> list[Night]:
    """All nights in which something ended, newest first; jobs without a time last.

    Args:
        ended: in any order.
        now: aware; what claims to have ended more than a day later has no time.
        zone: whose noon counts; None: this machine's.
    """
    dated = sorted(
        ((plausible_moment(job.ended_at, now=now), job) for job in ended),
        key=lambda one: (one[0] or datetime.min.replace(tzinfo=UTC), one[1].name),
        reverse=True,
    )
    by_night = groupby(dated, key=lambda one: one[0] and night_of(one[0], zone))
    present = night_of(now, zone)
    return [
        Night(begins=begins, jobs=[job for _, job in jobs], is_over=begins is None or begins < present)
        for begins, jobs in by_night
    ]


def on_front(found: Sequence[Night]) -> list[Night]:
    """The nights that the front page shows with their jobs: the newest, and earlier ones while they are small.

    Args:
        found: newest first.
    """
    return [*_that_fit(found)]


def _that_fit(found: Sequence[Night]) -> Iterator[Night]:
    total = 0
    for number, night in enumerate(found):
        total += len(night.jobs)
        if number and total > FRONT_JOBS:
            return
        yield night


def plausible_moment(iso: str | None, *, now: datetime) -> datetime | None:
    """A time of a record, UTC; None for what is none, or lies more than a day ahead.

    Args:
        iso: whatever stood there.
        now: aware.
    """
    moment = moment_of(iso)
    return moment if moment is not None and FIRST < moment < now + timedelta(days=1) else None


@lru_cache(maxsize=65_536)
def night_of(moment: datetime, zone: tzinfo | None) -> date:
    """The day on which the night of a moment began, at noon.

    Args:
        moment: aware.
        zone: whose noon counts; None: this machine's.
    """
    return (moment.astimezone(zone).replace(tzinfo=None) - timedelta(hours=12)).date()
