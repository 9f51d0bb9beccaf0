"""The long-running loop: resume what was left, take the next job, wait.

Knows which claim is worked on and when to stop.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from worker.backlog import Backlog
from worker.errors import ClaimLost, DeviceUnavailable, ExitCode, JobInvalid, ModelInvalid, RendererDied
from worker.ports import Delivery, JobReader, Spool
from worker.problem import Problem
from worker.records import Claim, Job, JobStatus
from worker.run_job import JobRunner
from worker.share_retry import JobInTrouble, Patience, StopAsked

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
        spool: Spool,
        jobs: JobReader,
        backlog: Backlog,
        runner: JobRunner,
        delivery: Delivery,
        patience: Patience,
        pace: Pace,
        monotonic: Callable[[], float],
        should_stop: Callable[[], bool],
    ) -> None:
        """Keep the parts; nothing is opened or started."""
        self._spool = spool
        self._jobs = jobs
        self._backlog = backlog
        self._runner = runner
        self._delivery = delivery
        self._patience = patience
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
        return ExitCode.JOBS_FAILED if set(self._ends) - {"complete"} else ExitCode.DONE

    def _work_through(self, *, drain: bool) -> None:
        expected = self._patience.see_through(self._spool.waiting) if drain else frozenset()
        while not self._should_stop():
            self._patience.wait_while_paused()
            # once in a while too: another worker may have died
            if self._patience.was_let_down or (not drain and self._monotonic() >= self._resume_at_s):
                self._resume()
            if self._take_next():
                continue
            if drain:
                expected &= self._patience.see_through(self._spool.waiting)
                if not expected and not self._patience.was_let_down:
                    return
            self._patience.idle()

    def _resume(self) -> None:
        """Go on with what a dead worker, or a step that the share let down half-way, has left claimed."""
        self._patience.was_let_down = False
        self._resume_at_s = self._monotonic() + self._pace.leftovers_s
        for claim in self._patience.see_through(self._spool.leftovers):
            if self._should_stop():
                return
            if self._monotonic() >= self._aside.get(claim.job_id, float("-inf")):
                log.info("job.resumed", job=claim.stem, id=claim.job_id, attempt=claim.attempt)
                self._work(claim)

    def _take_next(self) -> bool:
        """Claim and work on the most urgent settled job; False when there is none."""
        claim = self._patience.see_through(self._claim_next)
        if claim is None:
            return False
        log.info("job.claimed", job=claim.stem, id=claim.job_id)
        self._work(claim)
        return True

    def _claim_next(self) -> Claim | None:
        for candidate in self._backlog.ready(self._spool.scan()):
            claim = self._spool.claim(candidate)
            if claim is not None:
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
            self._spool.give_back(claim)
            raise
        if status is not None:
            self._ends.append(status)

    def _end(self, claim: Claim) -> JobStatus | None:
        def see(act: Callable[[], JobStatus | None]) -> JobStatus | None:
            # a step may have failed after its last rename: then the job has ended
            return self._patience.see_through(lambda: self._spool.ended(claim) or act(), claim=claim)

        cancel = self._spool.cancelled_by(claim)
        if cancel is not None and not claim.attempt:
            return see(lambda: self._refuse(claim, (), reason=f"Cancelled by {cancel} before it began."))
        try:
            job = self._patience.see_through(lambda: self._jobs.read(claim.dropped, stem=claim.stem), claim=claim)
        except JobInvalid as invalid:
            problems, count = invalid.problems, len(invalid.problems)
            reason = f"The job could not be read: {count} problem{'s'[: count != 1]}."
            return see(lambda: self._refuse(claim, problems, reason=reason))
        for warning in job.warnings:
            log.warning("job.warned", job=job.name, problem=str(warning))
        if claim.attempt >= self._pace.attempts:
            reason = f"Work on this job began {claim.attempt} times and the worker died every time."
            return see(lambda: self._refuse(claim, (), reason=reason))
        begun = self._patience.see_through(lambda: self._spool.begin(claim), claim=claim)
        return self._render(begun, job)

    def _render(self, claim: Claim, job: Job) -> JobStatus | None:
        return self._patience.see_through(lambda: self._spool.ended(claim) or self._runner.run(claim, job), claim=claim)

    def _refuse(self, claim: Claim, problems: tuple[Problem, ...], *, reason: str) -> JobStatus:
        files = self._delivery.refusal(claim.stem, problems, reason=reason)
        path = self._spool.fail(claim, files, name=claim.stem, staging=None)
        log.error("job.refused", job=claim.stem, folder=path.name, reason=reason, problems=len(problems))
        return "failed"
