"""The daemon: the long-running loop that resumes what was left, takes the next job, and waits.

Knows which claim is worked on and when to stop. Its ports do not fail: where a share does, they wait
(`retrying_ports`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from worker.daemon.draining import Draining
from worker.daemon.job_log import why_given_up, why_invalid
from worker.daemon.waiting import Waiting
from worker.errors import (
    ClaimLost,
    DeviceUnavailable,
    ExitCode,
    JobInTrouble,
    JobInvalid,
    ModelInvalid,
    RendererDied,
    StopAsked,
)
from worker.ports import ClaimedJobs, Delivery, ReadyJobs, RunsJobs
from worker.problem import Problem
from worker.records import Claim, JobStatus
from worker.spool_ports import SpoolPorts
from worker.translation import Text, gettext

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the daemon tries."""

    attempts: int
    """How often work on a job may begin and never end before the job is refused."""
    leftovers_s: float = 20.0
    """Seconds between two looks for claims of workers that died meanwhile."""
    aside_s: float = 600.0
    """Seconds before a job that was set aside is tried again."""


class Daemon:
    """Takes jobs one at a time until it is asked to stop or, draining, nothing is left."""

    def __init__(
        self,
        *,
        spool: SpoolPorts,
        jobs: ClaimedJobs,
        queue: ReadyJobs,
        runner: RunsJobs,
        delivery: Delivery,
        waiting: Waiting,
        pace: Pace,
        monotonic: Callable[[], float],
        should_stop: Callable[[], bool],
    ) -> None:
        """Keep the parts; nothing is opened or started.

        Args:
            spool: the worker's view of its folders, retrying.
            jobs: reads the job in a claim.
            queue: tells what may be claimed now.
            runner: renders a begun claim to its end.
            delivery: writes up why a job is refused.
            waiting: waits for jobs, people and the share; knows whether the share has failed.
            pace: how often the daemon tries.
            monotonic: seconds; times the looks for leftovers and the jobs set aside.
            should_stop: whether the worker is asked to stop; asked before every job.
        """
        self._inbox = spool.inbox
        self._ownership = spool.ownership
        self._publishing = spool.publishing
        self._jobs = jobs
        self._queue = queue
        self._runner = runner
        self._delivery = delivery
        self._waiting = waiting
        self._pace = pace
        self._monotonic = monotonic
        self._should_stop = should_stop
        self._ends: list[JobStatus] = []
        self._resume_at_s = 0.0
        self._aside: dict[str, float] = {}
        """When to try again, by job id."""

    def run(self, *, drain: bool) -> ExitCode:
        """Work until asked to stop; with `drain`, until everything present at the start has been dealt with.

        Returns:
            DONE; when draining JOBS_FAILED if a job ended other than complete, or STOPPED if asked to stop before.

        Raises:
            DeviceUnavailable, ModelInvalid, RendererDied: rendering is not possible; the job in hand was given back.
        """
        with suppress(StopAsked):
            self._work_through(drain=drain)
        if self._should_stop():
            log.info("worker.stopping")
            return ExitCode.STOPPED if drain else ExitCode.DONE
        has_failed = self._waiting.refused or set(self._ends) - {"complete"}
        return ExitCode.JOBS_FAILED if has_failed else ExitCode.DONE

    def _work_through(self, *, drain: bool) -> None:
        draining, resumed = Draining(self._inbox, self._queue) if drain else None, set[str]()
        while not self._should_stop():
            self._waiting.while_paused()
            # once in a while too: another worker may have died
            if self._waiting.share_has_failed or (not drain and self._monotonic() >= self._resume_at_s):
                self._resume()
            if (claim := self._next_claim()) is not None:
                self._work(claim)
                continue
            # a step that the share let down may have left a job claimed: looking for one is the last thing done
            if draining is not None and draining.is_over() and not self._waiting.share_has_failed:
                worked = self._resume()
                if worked <= resumed and not self._waiting.share_has_failed:
                    self._ends += draining.left()
                    return
                resumed |= worked
            self._waiting.idle()

    def _resume(self) -> set[str]:
        """Go on with what a dead worker, or a step that the share let down, has left claimed: the ids of those jobs."""
        self._waiting.share_has_failed = False
        self._resume_at_s = self._monotonic() + self._pace.leftovers_s
        worked: set[str] = set()
        for claim in self._ownership.leftovers():
            if self._should_stop():
                break
            if self._monotonic() >= self._aside.get(claim.job_id, float("-inf")):
                log.info("job.resumed", job=claim.stem, id=claim.job_id, attempt=claim.attempt)
                self._work(claim)
                worked.add(claim.job_id)
        return worked

    def _next_claim(self) -> Claim | None:
        """Claim the most urgent settled job; None when there is none."""
        for candidate in self._queue.ready():
            claim = self._ownership.claim(candidate)
            if claim is not None:
                log.info("job.claimed", job=claim.stem, id=claim.job_id)
                return claim
        return None

    def _work(self, claim: Claim) -> None:
        """See one claim to its end; where rendering is impossible, give the job back."""
        self._aside.pop(claim.job_id, None)
        try:
            status = self._end(claim)
        except ClaimLost as lost:
            log.warning("claim.lost", job=claim.stem, id=claim.job_id, reason=str(lost))
            return
        except JobInTrouble as trouble:
            self._aside[claim.job_id] = self._monotonic() + self._pace.aside_s
            log.error("job.set_aside", job=claim.stem, id=claim.job_id, error=str(trouble), again_s=self._pace.aside_s)
            status = "failed"
        except (DeviceUnavailable, ModelInvalid, RendererDied):
            with suppress(ClaimLost, JobInTrouble, StopAsked):
                self._ownership.give_back(claim)
            raise
        if status is not None:
            self._ends.append(status)

    def _end(self, claim: Claim) -> JobStatus | None:
        """Refuse the job, or render it; None when the worker was asked to stop and gave it back."""
        if (status := self._cancelled(claim, shown=None)) is not None:
            return status
        try:
            job = self._jobs.read(claim)
        except JobInvalid as invalid:
            return self._refuse(claim, invalid.problems, reason=why_invalid(invalid.problems))
        if (status := self._cancelled(claim, shown=job.name)) is not None:
            return status
        for warning in job.warnings:
            log.warning("job.warned", job=job.name, problem=str(warning))
        if claim.attempt >= self._pace.attempts:
            return self._refuse(claim, (), reason=why_given_up(claim.attempt))
        return self._runner.run(self._ownership.begin(claim), job)

    def _cancelled(self, claim: Claim, *, shown: str | None) -> JobStatus | None:
        """Refuse a job that a person cancelled before it began."""
        cancel = None if claim.attempt else self._inbox.cancelled_by(claim, shown=shown)
        if cancel is None:
            return None
        return self._refuse(claim, (), reason=gettext("Cancelled by {file} before it began.", file=cancel))

    def _refuse(self, claim: Claim, problems: tuple[Problem, ...], *, reason: Text) -> JobStatus:
        files = self._delivery.refusal(claim.stem, problems, reason=reason)
        path = self._publishing.fail(claim, files, name=claim.stem, staging=None)
        log.error("job.refused", job=claim.stem, folder=path.name, reason=reason, problems=len(problems))
        return "failed"
