"""Fair turns: in which order waiting jobs are taken, by priority, owner and age, and which are held by a quota.

Knows owners and pictures. Among jobs of one priority the owners take turns, a job each; of one owner's jobs the oldest
goes first. What goes beyond the quota of pictures that an owner may have waiting comes after everybody else's.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from types import MappingProxyType

from worker.queued_job import QueuedJob
from worker.translation import Text, gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What was taken until now."""

    count: int = 0
    last: Mapping[str | None, int] = field(default_factory=lambda: MappingProxyType({}))
    """By owner, the number of the job that was last taken of theirs; None is everybody whom nothing tells apart."""
    passed: int = 0
    """Pictures that were taken of others since held jobs wait."""

    def after(self, owner: str | None, *, pictures: int = 0, is_held: bool = False) -> Served:
        """Once another job was taken.

        Args:
            owner: of the job.
            pictures: that it asks for, as far as known.
            is_held: whether it was held until then.
        """
        number = self.count + 1
        passed = 0 if is_held else self.passed + pictures
        return Served(count=number, last={**self.last, owner: number}, passed=passed)


class _Line:
    """One owner's jobs, in their order; those at the head are within the quota."""

    def __init__(self, jobs: Sequence[tuple[int, QueuedJob]], *, last: int, quota: float) -> None:
        self.jobs = sorted(jobs, key=lambda one: (-one[1].priority, one[0]))
        self.last = last
        self._quota = quota
        self._head = 0
        self._pictures = 0
        self.within = 0
        """How many are, with those that are taken."""
        self._let_in()

    def _let_in(self) -> None:
        for _, job in itertools.islice(self.jobs, self.within, None):
            if self._pictures + job.pictures > self._quota:
                return
            self._pictures += job.pictures
            self.within += 1

    @property
    def beyond(self) -> int:
        """How many jobs are beyond the quota."""
        return len(self.jobs) - self.within

    @property
    def is_held(self) -> bool:
        """Whether all that is left is beyond the quota."""
        return self._head >= self.within

    def key(self) -> tuple[int, int, int] | None:
        """Whose turn it is: the smallest goes first. None where nothing is left."""
        if self._head == len(self.jobs):
            return None
        age, job = self.jobs[self._head]
        return -job.priority, self.last, age

    def take(self, number: int) -> QueuedJob:
        """The next job, as the job of that number."""
        _, job = self.jobs[self._head]
        if self.is_held:
            self.within += 1
        else:
            self._pictures -= job.pictures
        self._head += 1
        self.last = number
        self._let_in()
        return job


def in_fair_order(jobs: Sequence[QueuedJob], served: Served, *, quota: int | None = None) -> list[QueuedJob]:
    """All jobs in the order in which they will be taken if none comes; those that are held now say so.

    Args:
        jobs: oldest first.
        served: what was taken until now.
        quota: pictures that one owner may have waiting before more is held; None for any number. Held jobs go on once
            nobody else's job within the quota waits, or as many pictures of others were taken meanwhile.
    """
    if quota is None and len({job.dropped_by for job in jobs}) < 2:
        return sorted(jobs, key=lambda job: -job.priority)
    most = float("inf") if quota is None else quota
    by_owner: dict[str | None, list[tuple[int, QueuedJob]]] = {}
    for age, job in enumerate(jobs):
        by_owner.setdefault(job.dropped_by, []).append((age, job))
    lines = [_Line(theirs, last=served.last.get(owner, 0), quota=most) for owner, theirs in by_owner.items()]
    held = {id(job) for line in lines for _, job in line.jobs[line.within :]}
    return [replace(job, is_held=True) if id(job) in held else job for job in _taken(lines, served, quota=most)]


def _taken(lines: Sequence[_Line], served: Served, *, quota: float) -> list[QueuedJob]:
    order: list[QueuedJob] = []
    within: list[tuple[tuple[int, int, int], int]] = []
    held: list[tuple[tuple[int, int, int], int]] = []

    def stand_in_line(number: int) -> None:
        if (key := lines[number].key()) is not None:
            heappush(held if lines[number].is_held else within, (key, number))

    for number in range(len(lines)):
        stand_in_line(number)
    passed, beyond = served.passed, sum(line.beyond for line in lines)
    while within or held:
        passed = passed if beyond else 0
        is_due = bool(held) and (not within or passed >= quota)
        _, number = heappop(held if is_due else within)
        beyond -= lines[number].beyond
        job = lines[number].take(served.count + len(order) + 1)
        beyond += lines[number].beyond
        passed = 0 if is_due else passed + job.pictures
        order.append(job)
        stand_in_line(number)
    return order


def why_held(job: QueuedJob, warned: Text | None, *, quota: int) -> Text:
    """Why a job comes after those of others, and when its turn comes; then its warnings, where it has any.

    Args:
        job: that is held.
        warned: its warnings.
        quota: pictures that one owner may have waiting.
    """
    why = gettext(
        "it is held, as those before it have the {quota} pictures that may wait (setting `quota`): it is taken by"
        " itself once they are done",
        quota=quota,
    )
    if job.dropped_by is not None:
        why = gettext(
            "it is held, as {owner} has more than {quota} pictures waiting (setting `quota`): jobs of others go first,"
            " at most {quota} pictures of them; then it is taken by itself",
            owner=job.dropped_by,
            quota=quota,
        )
    return why if warned is None else gettext("{title}\n{mark}{lines}", title=why, mark="", lines=warned)
