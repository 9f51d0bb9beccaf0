"""When waiting jobs begin: from the order in which they are taken, how long each takes, and when workers are free.

Knows seconds, no clock. Several workers divide the work: whoever is free first takes the next job.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

from worker.operations.speeds import Speeds, seconds_each
from worker.queued_job import QueuedJob
from worker.records import PictureKind


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
    jobs: Sequence[QueuedJob], speeds: Speeds, *, free_in_s: Sequence[float | None], between_s: float = 0.0
) -> Forecast:
    """Foresee a queue.

    Args:
        jobs: in the order in which they are taken.
        speeds: of the model; all workers are taken for as fast as this one.
        free_in_s: when each living worker has done what it has in work; None where that is not known.
        between_s: from a job's last picture to the next one's first.
    """
    kinds = {kind for job in jobs for kind in job.work}
    each = seconds_each(speeds, kinds)
    free = [seconds for seconds in free_in_s if seconds is not None]
    is_known = len(free) == len(free_in_s) > 0
    takes = [_seconds(job, each) for job in jobs]
    starts = [*_starts(takes, free, between_s=between_s)] if is_known else []
    turns = [
        Turn(job=job, starts_in_s=starts[number] if number < len(starts) else None, takes_s=takes[number])
        for number, job in enumerate(jobs)
    ]
    ends = [start + seconds if seconds is not None else None for start, seconds in zip(starts, takes, strict=False)]
    known = [*free, *(end for end in ends if end is not None)]
    is_whole = is_known and len(known) == len(free) + len(jobs)
    return Forecast(turns=turns, pictures=sum(job.pictures for job in jobs), ends_in_s=max(known) if is_whole else None)


def _seconds(job: QueuedJob, each: dict[PictureKind, float]) -> float | None:
    if not job.work.keys() <= each.keys():
        return None
    return sum(each[kind] * count for kind, count in job.work.items())


def _starts(takes: Sequence[float | None], free_in_s: Sequence[float], *, between_s: float) -> Iterator[float]:
    """When each begins, up to the first of which it is not known how long it takes."""
    free = [seconds + between_s if seconds else 0.0 for seconds in free_in_s]
    heapify(free)
    for seconds in takes:
        yield free[0]
        if seconds is None:
            return
        heapreplace(free, free[0] + seconds + between_s)
