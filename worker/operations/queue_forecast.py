"""When waiting jobs begin: from the order in which they are taken, how long each takes, and when workers are free.

Knows seconds, no clock. Several workers divide the work: whoever is free first takes the next job. What one of them
has in work gives way to a job of a higher priority. Each works in its hours alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

from worker.hours import Calendar
from worker.operations.speeds import Speeds, seconds_each
from worker.queued_job import QueuedJob
from worker.records import PictureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class InWork:
    """The job that a worker has in work."""

    priority: int
    left_s: float | None
    """None where that is not known."""
    gives_way_in_s: float = 0.0
    """Until its picture in work is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When a waiting job's turn comes."""

    job: QueuedJob
    starts_in_s: float | None
    """None where it is not known, or nobody works."""
    takes_s: float | None
    """Of work."""
    ends_in_s: float | None = None
    """None as `starts_in_s`, and where it is not known how long it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Of a whole queue."""

    turns: Sequence[Turn] = ()
    """In the order in which jobs are taken."""
    pictures: int = 0
    """Of all of them."""
    ends_in_s: float | None = 0.0
    """Until the last picture of all, those of jobs in work included; None where it is not known."""


def forecast(
    jobs: Sequence[QueuedJob],
    speeds: Speeds,
    *,
    free_in_s: Sequence[float | None],
    in_work: InWork | None = None,
    between_s: float = 0.0,
    calendars: Sequence[Calendar] = (),
) -> Forecast:
    """Foresee a queue.

    Args:
        jobs: in the order in which they are taken.
        speeds: of the model; all workers are taken for as fast as this one.
        free_in_s: when each living worker has done what it has in work; None where that is not known.
        in_work: of the first of them, not counted in its time: jobs of a higher priority come before it.
        between_s: from a job's last picture to the next one's first.
        calendars: the hours of each of those workers, from now on; none: all may always work.
    """
    each = seconds_each(speeds, {kind for job in jobs for kind in job.work})
    known = [seconds for seconds in free_in_s if seconds is not None]
    takes = [_seconds(job, each) for job in jobs]
    workers = _Workers(known, in_work, between_s=between_s, calendars=calendars or [Calendar()] * len(known))
    is_known = len(known) == len(free_in_s) > 0
    times = [*_times(jobs, takes, workers)] if is_known else []
    unknown = [(None, None)] * (len(jobs) - len(times))
    turns = [
        Turn(job=job, starts_in_s=_finite(starts_s), takes_s=seconds, ends_in_s=_finite(ends_s))
        for job, seconds, (starts_s, ends_s) in zip(jobs, takes, [*times, *unknown], strict=True)
    ]
    is_whole = is_known and len(times) == len(jobs) and workers.go_on()
    ends_in_s = _finite(max([0.0, *workers.ends_s])) if is_whole else None
    return Forecast(turns=turns, pictures=sum(job.pictures for job in jobs), ends_in_s=ends_in_s)


def _finite(seconds: float | None) -> float | None:
    return None if seconds is None or math.isinf(seconds) else seconds


def _seconds(job: QueuedJob, each: dict[PictureKind, float]) -> float | None:
    if not job.work.keys() <= each.keys():
        return None
    return sum(each[kind] * count for kind, count in job.work.items())


class _Workers:
    """Workers that take jobs by turns; the first may have one already."""

    def __init__(
        self, free_in_s: Sequence[float], in_work: InWork | None, *, between_s: float, calendars: Sequence[Calendar]
    ) -> None:
        self.ends_s = [*free_in_s]
        """When each has done what it has until now."""
        self._in_work = in_work
        self._between_s = between_s
        self._calendars = calendars
        free_s = [seconds + between_s if seconds else 0.0 for seconds in free_in_s]
        if in_work is not None and free_s:
            free_s[0] = in_work.gives_way_in_s
        self._free = [(calendars[number].begins(seconds), -number) for number, seconds in enumerate(free_s)]
        """When each can begin another; of those that are free at once the first worker comes last."""
        heapify(self._free)

    def go_on(self, above: float = -math.inf) -> bool:
        """The first worker does what it has in work, of that priority or above; whether it is known when that ends."""
        if self._in_work is None or self._in_work.priority < above:
            return True
        job, self._in_work = self._in_work, None
        if job.left_s is None:
            return False
        place = next(index for index, (_, number) in enumerate(self._free) if number == 0)
        self._free[place] = self._after(0, self._free[place][0], max(0.0, job.left_s - job.gives_way_in_s))
        heapify(self._free)
        return True

    def take(self, seconds: float) -> float:
        """Whoever is free first takes another; when that is done."""
        free_s, number = self._free[0]
        heapreplace(self._free, self._after(-number, free_s, seconds))
        return self.ends_s[-number]

    def _after(self, worker: int, begins_s: float, seconds: float) -> tuple[float, int]:
        """When a worker can begin another after some work, with its number in the heap."""
        calendar = self._calendars[worker]
        self.ends_s[worker] = calendar.ends(begins_s, seconds)
        return calendar.begins(self.ends_s[worker] + self._between_s), -worker

    @property
    def next_s(self) -> float:
        """When the next job begins."""
        return self._free[0][0]


def _times(
    jobs: Sequence[QueuedJob], takes: Sequence[float | None], workers: _Workers
) -> Iterator[tuple[float, float | None]]:
    """When each begins and ends, up to the first of which it is not known how long it, or what is before it, takes."""
    for job, seconds in zip(jobs, takes, strict=True):
        if not workers.go_on(-math.inf if job.is_held else job.priority):
            return
        begins_s = workers.next_s
        yield begins_s, None if seconds is None else workers.take(seconds)
        if seconds is None:
            return


def made_by(turns: Sequence[Turn], speeds: Speeds, until_s: float) -> int | None:
    """How many pictures of waiting jobs are made by then; None where that is not known.

    Args:
        turns: as foreseen.
        speeds: by which they were.
        until_s: the end of a window of all who work: what begins before it goes on until then.
    """
    each = seconds_each(speeds, {kind for turn in turns for kind in turn.job.work})
    made = 0
    for turn in turns:
        if turn.starts_in_s is None or not turn.job.work.keys() <= each.keys():
            return None
        left_s = until_s - turn.starts_in_s
        if turn.ends_in_s is not None and turn.ends_in_s <= until_s:
            made += turn.job.pictures
        elif left_s > 0:
            made += fitting(turn.job.work, each, left_s)
    return made


def fitting(work: Mapping[PictureKind, int], each: Mapping[PictureKind, float], seconds: float) -> int:
    """How many pictures can be made within some time, one after the other, kind by kind.

    Args:
        work: how many of each kind.
        each: seconds of each.
        seconds: of work.
    """
    made = 0
    for kind, count in work.items():
        fits = min(count, math.floor(seconds / each[kind] + 1e-9))
        seconds -= fits * each[kind]
        made += fits
        if fits < count:
            break
    return made
