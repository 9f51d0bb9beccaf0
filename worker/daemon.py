"""The long-running loop: resume what was left, take the next job, wait.

Knows which claim is worked on and when to stop. Must not know how jobs are read, rendered or written.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import structlog

from worker.backlog import Backlog
from worker.errors import DeviceUnavailable, ExitCode, JobInvalid, ModelInvalid, RendererDied
from worker.ports import Delivery, JobReader, Recorder, Spool, Wakeup
from worker.problem import Problem
from worker.records import Claim, Job, JobStatus
from worker.run_job import JobRunner

log = structlog.get_logger()

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the daemon waits, and how often it tries."""

    scan_s: float
    """Seconds between two looks into the inbox."""
    away_s: float
    """Seconds between two tries while the share fails."""
    attempts: int
    """How often work on a job may begin and never end before the job is refused."""


class StopAsked(Exception):
    """Raised while the worker waits for a share and is asked to stop; the claim in hand stands."""


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
        recorder: Recorder,
        wakeup: Wakeup,
        pace: Pace,
        should_stop: Callable[[], bool],
    ) -> None:
        """Keep the parts; nothing is opened or started."""
        self._spool = spool
        self._jobs = jobs
        self._backlog = backlog
        self._runner = runner
        self._delivery = delivery
        self._recorder = recorder
        self._wakeup = wakeup
        self._pace = pace
        self._should_stop = should_stop
        self._ends: list[JobStatus] = []
        self._must_resume = True

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
        expected = self._patiently(self._spool.waiting) if drain else frozenset()
        while not self._should_stop():
            if self._must_resume:
                self._resume()
            if self._take_next():
                continue
            expected &= self._patiently(self._spool.waiting)
            if drain and not expected:
                return
            self._recorder.state("idle")
            self._wakeup.wait(self._pace.scan_s)

    def _resume(self) -> None:
        """Go on with what a dead worker, or a step that the share let down half-way, has left claimed."""
        self._must_resume = False
        for claim in self._patiently(self._spool.leftovers):
            if self._should_stop():
                return
            log.info("job.resumed", job=claim.stem, id=claim.job_id, attempt=claim.attempt)
            self._work(claim)

    def _take_next(self) -> bool:
        """Claim and work on the most urgent settled job; False when there is none."""
        claim = self._patiently(self._claim_next)
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
        try:
            status = self._end(claim)
        except (DeviceUnavailable, ModelInvalid, RendererDied):
            self._spool.give_back(claim)
            raise
        if status is not None:
            self._ends.append(status)

    def _end(self, claim: Claim) -> JobStatus | None:
        try:
            job = self._patiently(lambda: self._jobs.read(claim.dropped, stem=claim.stem))
        except JobInvalid as invalid:
            count = len(invalid.problems)
            return self._refuse(claim, invalid.problems, reason=f"The job could not be read: {count} problem(s).")
        for warning in job.warnings:
            log.warning("job.warned", job=job.name, problem=str(warning))
        if claim.attempt >= self._pace.attempts:
            reason = f"Work on this job began {claim.attempt} times and the worker died every time."
            return self._refuse(claim, (), reason=reason)
        return self._render(self._patiently(lambda: self._spool.begin(claim)), job)

    def _render(self, claim: Claim, job: Job) -> JobStatus | None:
        return self._patiently(lambda: self._runner.run(claim, job))

    def _refuse(self, claim: Claim, problems: tuple[Problem, ...], *, reason: str) -> JobStatus:
        def fail() -> JobStatus:
            files = self._delivery.refusal(claim.stem, problems, reason=reason)
            path = self._spool.fail(claim, files, name=claim.stem, staging=None)
            log.error("job.refused", job=claim.stem, folder=path.name, reason=reason, problems=len(problems))
            return "failed"

        return self._patiently(fail)

    def _patiently(self, act: Callable[[], Value]) -> Value:
        """Do it, again and again while the share fails: a share that is away is a state, not an end.

        Raises:
            StopAsked: the worker was asked to stop while it waited.
        """
        while True:
            try:
                return act()
            except OSError as error:
                log.warning("share.away", error=str(error), again_s=self._pace.away_s)
                self._must_resume = True
                self._recorder.state("paused", reason=str(error))
            if self._should_stop():
                raise StopAsked
            self._wakeup.wait(self._pace.away_s)
