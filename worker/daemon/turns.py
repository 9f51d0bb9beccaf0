"""Turns: which job is worked on next, and when one in work gives way to another.

Knows which jobs gave way and what was done of them. A job in work gives way between two pictures, to one of a higher
priority alone, and goes on after it, before any of its own priority that waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from worker.daemon.job_progress import JobProgress
from worker.daemon.set_aside import AGAIN_S, SetAside
from worker.errors import GivesWay, StopAsked
from worker.ports import ReadyJobs
from worker.queued_job import QueuedJob
from worker.records import Candidate, Claim, Job
from worker.spool_ports import Inbox, Ownership
from worker.translation import gettext

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """A job that gave way."""

    claim: Claim
    """Begun."""
    work: JobProgress

    @property
    def priority(self) -> int:
        """The job's."""
        return self.work.job.priority


class Turns:
    """Of one worker's jobs."""

    def __init__(
        self, queue: ReadyJobs, *, ownership: Ownership, inbox: Inbox, aside: SetAside, should_stop: Callable[[], bool]
    ) -> None:
        """Keep the parts.

        Args:
            queue: tells what may be claimed now.
            ownership: claims it.
            inbox: tells whether a person cancels a job that gave way.
            aside: remembers what rests.
            should_stop: whether the worker is asked to stop: then nothing more is claimed.
        """
        self._queue = queue
        self._ownership = ownership
        self._inbox = inbox
        self._aside = aside
        self._should_stop = should_stop
        self._urgent: dict[str, Claim] = {}
        """Claimed while another job was in work, to be worked on next; by job id."""
        self._interrupted: dict[str, Interrupted] = {}
        """Likewise, what gave way; each has a lower priority than those after it."""
        self._resuming: Interrupted | None = None
        """The one that is being taken up."""
        self.not_claimed = 0
        """How many jobs could not be claimed, and rest."""

    def next_claim(self) -> Claim | None:
        """What to work on now: the most urgent job that waits, or one that gave way; None when there is neither.

        Raises:
            StopAsked: the worker was asked to stop while it waited for the share.
        """
        if self._urgent:
            return next(iter(self._urgent.values()))
        last = self._last_interrupted()
        if last is not None and self._is_cancelled(last):
            return last.claim
        ready = self._queue.ready()
        if last is not None:
            return self._claimed_above(last.priority) or last.claim
        return next((claim for claim in map(self._claimed, ready) if claim is not None), None)

    def next_refused(self) -> Claim | None:
        """A job that is taken only to be refused; None where the last look found no other.

        Raises:
            StopAsked: the worker was asked to stop while it waited for the share.
        """
        while (candidate := self._queue.pop_refused()) is not None:
            if (claim := self._claimed(candidate)) is not None:
                return claim
        return None

    def left(self, claim: Claim, work: JobProgress) -> None:
        """A job lies in the inbox again, and is not done.

        Args:
            claim: that it had.
            work: on it.
        """
        self._queue.gave_back([_queued(claim, work)])

    def given_back(self) -> None:
        """Nothing waits for its turn any more: all of it lies in the inbox again."""
        self._queue.gave_back(self._left())
        self._urgent.clear()
        self._interrupted.clear()
        self._queue.gave_way([])

    def calls(self, work: JobProgress) -> bool:
        """Whether the job in work is to give way: one of a higher priority was claimed, now or before.

        One that gave way before and is cancelled counts too: it ends at once, and not when the other has ended.

        Args:
            work: on the job.

        Raises:
            StopAsked: the worker was asked to stop while it waited for the share.
        """
        if self._urgent or self._should_stop():
            return bool(self._urgent)
        last = self._last_interrupted()
        if last is not None and self._is_cancelled(last):
            return True
        claim = self._claimed_above(work.job.priority)
        if claim is not None:
            self._urgent[claim.job_id] = claim
        return claim is not None

    def give_way(self, claim: Claim, work: JobProgress) -> None:
        """Return unless another job is to be worked on first; one that has nothing left to make need not give way.

        Args:
            claim: of the job in work.
            work: on it.

        Raises:
            GivesWay: the job is gone on with later, by `next_claim` and `resumed`.
        """
        if not (work.left and self.calls(work)):
            return
        last = self._last_interrupted()
        other = next(iter(self._urgent.values()), last.claim if last is not None else claim).stem
        log.info("job.interrupted", job=work.job.name, by=other, pictures=work.settled, left=len(work.left))
        work.in_work = frozenset()
        self._interrupted[claim.job_id] = Interrupted(claim=claim, work=work)
        self._queue.gave_way(self._left())
        why = gettext(
            "{job} is more urgent and is made first. This one goes on by itself after it; what is finished of it is"
            " kept.",
            job=other,
        )
        work.gives_way(why)
        raise GivesWay(why)

    def resumed(self, claim: Claim, job: Job) -> JobProgress | None:
        """What was done of a job before it gave way; None for any other, and where it reads otherwise now.

        Args:
            claim: begun.
            job: as it was read now.
        """
        one, self._resuming = self._resuming, None  # a run that is repeated begins anew
        return one.work if one is not None and (one.claim.id, one.work.job) == (claim.id, job) else None

    def take_up(self, claim: Claim) -> None:
        """A job is worked on: it does not wait for its turn any more.

        Args:
            claim: of any job.
        """
        self._urgent.pop(claim.job_id, None)
        self._resuming = self._interrupted.pop(claim.job_id, None)
        self._queue.gave_way(self._left())

    def waits(self, job_id: str) -> bool:
        """Whether a claimed job waits for its turn: `next_claim` gives it.

        Args:
            job_id: of any job.
        """
        return job_id not in self._aside and (job_id in self._urgent or job_id in self._interrupted)

    def waiting(self) -> tuple[Claim, ...]:
        """All that wait so, the most urgent first."""
        return (*self._urgent.values(), *(one.claim for one in reversed(self._interrupted.values())))

    def _left(self) -> list[QueuedJob]:
        """What is left of those that gave way."""
        return [_queued(one.claim, one.work) for one in self._interrupted.values()]

    def _last_interrupted(self) -> Interrupted | None:
        """The one to go on with: cancelled, or else of the highest priority."""
        waits = [one for job_id, one in self._interrupted.items() if job_id not in self._aside]
        return max(waits, key=lambda one: (self._is_cancelled(one), one.priority), default=None)

    def _is_cancelled(self, one: Interrupted) -> bool:
        return self._inbox.cancelled_by(one.claim, shown=one.work.job.name) is not None

    def _claimed_above(self, priority: int) -> Claim | None:
        while (candidate := self._queue.pop_above(priority)) is not None:
            if (claim := self._claimed(candidate)) is not None:
                return claim
        return None

    def _claimed(self, candidate: Candidate) -> Claim | None:
        """The job as this worker's; None where somebody else has it, or where it cannot be had for now."""
        if candidate.fingerprint in self._aside:
            return None
        try:
            claim = self._ownership.claim(candidate)
        except StopAsked:
            raise
        except Exception:  # whatever one name in the inbox holds, the others go on
            log.exception("job.not_claimed", job=candidate.stem, again_s=AGAIN_S)
            self._aside.add(candidate.fingerprint)
            self.not_claimed += 1
            return None
        if claim is not None:
            log.info("job.claimed", job=claim.stem, id=claim.job_id)
        return claim


def _queued(claim: Claim, work: JobProgress) -> QueuedJob:
    """What is left of a job."""
    return QueuedJob(
        name=claim.dropped.name, work=+work.left_work, priority=work.job.priority, dropped_by=claim.dropped_by
    )
