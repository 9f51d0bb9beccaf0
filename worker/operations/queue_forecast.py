"""When waiting jobs begin: from the order in which they are taken, how long each takes, and when workers are free.

Knows seconds, no clock. Several workers divide the work: whoever is free first takes the next job. What one of them
has in work gives way to a job of a higher priority.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

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
) -> Forecast:
    """Foresee a queue.

    Args:
        jobs: in the order in which they are taken.
        speeds: of the model; all workers are taken for as fast as this one.
        free_in_s: when each living worker has done what it has in work; None where that is not known.
        in_work: of the first of them, not counted in its time: jobs of a higher priority come before it.
        between_s: from a job's last picture to the next one's first.
    """
    each = seconds_each(speeds, {kind for job in jobs for kind in job.work})
    known = [seconds for seconds in free_in_s if seconds is not None]
    takes = [_seconds(job, each) for job in jobs]
    workers = _Workers(known, in_work, between_s=between_s)
    starts = [*_starts(jobs, takes, workers)] if len(known) == len(free_in_s) > 0 else []
    turns = [
        Turn(job=job, starts_in_s=starts[number] if number < len(starts) else None, takes_s=takes[number])
        for number, job in enumerate(jobs)
    ]
    is_whole = len(known) == len(free_in_s) > 0 and len(starts) == len(jobs) and workers.go_on()
    ends_in_s = max([0.0, *workers.ends_s]) if is_whole else None
    return Forecast(turns=turns, pictures=sum(job.pictures for job in jobs), ends_in_s=ends_in_s)


def _seconds(job: QueuedJob, each: dict[PictureKind, float]) -> float | None:
    if not job.work.keys() <= each.keys():
        return None
    return sum(each[kind] * count for kind, count in job.work.items())


class _Workers:
    """Workers that take jobs by turns; the first may have one already."""

    def __init__(self, free_in_s: Sequence[float], in_work: InWork | None, *, between_s: float) -> None:
        self.ends_s = [*free_in_s]
        """When each has done what it has until now."""
        self._in_work = in_work
        self._between_s = between_s
        self._free = [(seconds + between_s if seconds else 0.0, -number) for number, seconds in enumerate(free_in_s)]
        """When each can begin another; of those that are free at once the first worker comes last."""
        if in_work is not None:
            self._free[0] = in_work.gives_way_in_s, 0
        heapify(self._free)

    def go_on(self, above: float = -math.inf) -> bool:
        """The first worker does what it has in work, of that priority or above; whether it is known when that ends."""
        if self._in_work is None or self._in_work.priority < above:
            return True
        job, self._in_work = self._in_work, None
        if job.left_s is None:
            return False
        place = next(index for index, (_, number) in enumerate(self._free) if number == 0)
        self.ends_s[0] = self._free[place][0] + job.left_s - job.gives_way_in_s
        self._free[place] = self.ends_s[0] + self._between_s, 0
        heapify(self._free)
        return True

    def take(self, seconds: float) -> None:
        """Whoever is free first takes another."""
        free_s, number = self._free[0]
        self.ends_s[-number] = free_s + seconds
        heapreplace(self._free, (free_s + seconds + self._between_s, number))

    @property
    def next_s(self) -> float:
        """When the next job begins."""
        return self._free[0][0]


def _starts(jobs: Sequence[QueuedJob], takes: Sequence[float | None], workers: _Workers) -> Iterator[float]:
    """When each begins, up to the first of which it is not known how long it, or what comes before it, takes."""
    for job, seconds in zip(jobs, takes, strict=True):
        if not workers.go_on(-math.inf if job.is_held else job.priority):
            return
        yield workers.next_s
        if seconds is None:
            return
        workers.take(seconds)
