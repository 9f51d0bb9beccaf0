"""The daemon: the long-running loop that resumes what was left, takes the next job, and waits.

Knows which claim is worked on and when to stop. Its ports do not fail: where a share does, they wait
(`retrying_ports`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from worker.daemon.blame import refused
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
from worker.translation import Text, gettext, ngettext

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the daemon tries."""

    attempts: int
    """At how many deaths of a worker a picture may be in work before it fails; likewise a job of which none was."""
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
        self._begun: set[str] = set()
        """Ids of claims that this process has begun, and set aside since."""

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
        expected = self._inbox.waiting() if drain else frozenset()
        while not self._should_stop():
            self._waiting.while_paused()
            # once in a while too: another worker may have died
            if self._waiting.share_has_failed or (not drain and self._monotonic() >= self._resume_at_s):
                self._resume()
            if (claim := self._next_claim()) is not None:
                self._work(claim)
                continue
            if drain:
                expected &= self._inbox.waiting()
                if not expected and not self._waiting.share_has_failed:
                    return
            self._waiting.idle()

    def _resume(self) -> None:
        """Go on with what a dead worker, or a step that the share let down half-way, has left claimed."""
        self._waiting.share_has_failed = False
        self._resume_at_s = self._monotonic() + self._pace.leftovers_s
        for claim in self._ownership.leftovers():
            if self._should_stop():
                return
            if self._monotonic() >= self._aside.get(claim.job_id, float("-inf")):
                log.info("job.resumed", job=claim.stem, id=claim.job_id, attempt=claim.attempt)
                self._work(claim)

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
        """Refuse the job, or see it through; None when the worker was asked to stop and gave it back."""
        cancel = self._inbox.cancelled_by(claim)
        if cancel is not None and not (claim.attempt or claim.earlier):
            reason = gettext("Cancelled by {file} before it began.", file=cancel)
            return self._refuse(claim, (), reason=reason)
        try:
            job = self._jobs.read(claim)
        except JobInvalid as invalid:
            reason = ngettext(
                "The job could not be read: {count} problem.",
                "The job could not be read: {count} problems.",
                len(invalid.problems),
            )
            return self._refuse(claim, invalid.problems, reason=reason)
        for warning in job.warnings:
            log.warning("job.warned", job=job.name, problem=str(warning))
        if claim.id not in self._begun:  # else it was only set aside, and its pictures lie where they are looked for
            claim = self._ownership.begin(claim)
            self._begun.add(claim.id)
        files = [request.file for request in job.requests]
        why = refused(claim, files, attempts=self._pace.attempts, cancelled_by=cancel)
        if why:
            log.warning("pictures.refused", job=job.name, pictures=len(why), reason=next(iter(why.values())))
        status = self._runner.run(claim, job, why)
        self._begun.discard(claim.id)
        return status

    def _refuse(self, claim: Claim, problems: tuple[Problem, ...], *, reason: Text) -> JobStatus:
        files = self._delivery.refusal(claim.stem, problems, reason=reason)
        path = self._publishing.fail(claim, files, name=claim.stem, staging=None)
        log.error("job.refused", job=claim.stem, folder=path.name, reason=reason, problems=len(problems))
        return "failed"
