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
from worker.daemon.draining import Draining
from worker.daemon.job_log import why_invalid
from worker.daemon.refusal import Refusal
from worker.daemon.set_aside import AGAIN_S, SetAside
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
from worker.records import Candidate, Claim, JobStatus
from worker.spool_ports import SpoolPorts
from worker.translation import gettext

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the daemon tries."""

    attempts: int
    """At how many deaths of a worker a picture may be in work before it fails; likewise a job of which none was."""
    leftovers_s: float = 20.0
    """Seconds between two looks for claims of workers that died meanwhile."""


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
        self._jobs = jobs
        self._queue = queue
        self._runner = runner
        self._refusal = Refusal(spool, delivery)
        self._waiting = waiting
        self._pace = pace
        self._monotonic = monotonic
        self._should_stop = should_stop
        self._ends: list[JobStatus] = []
        self._resume_at_s = 0.0
        self._aside = SetAside(monotonic)
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
            if claim.job_id not in self._aside:
                log.info("job.resumed", job=claim.stem, id=claim.job_id, attempt=claim.attempt)
                self._work(claim)
                worked.add(claim.job_id)
        return worked

    def _next_claim(self) -> Claim | None:
        """Claim the most urgent settled job; None when there is none."""
        for candidate in self._queue.ready():
            claim = self._claimed(candidate)
            if claim is not None:
                log.info("job.claimed", job=claim.stem, id=claim.job_id)
                return claim
        return None

    def _claimed(self, candidate: Candidate) -> Claim | None:
        """The job as this worker's; None where somebody else has it, or where it cannot be had for now."""
        if candidate.fingerprint in self._aside:
            return None
        try:
            return self._ownership.claim(candidate)
        except StopAsked:
            raise
        except Exception:  # whatever one name in the inbox holds, the others go on
            log.exception("job.not_claimed", job=candidate.stem, again_s=AGAIN_S)
            self._aside.add(candidate.fingerprint)
            self._ends.append("failed")
            return None

    def _work(self, claim: Claim) -> None:
        """See one claim to its end; where rendering is impossible, give the job back."""
        try:
            status = self._end(claim)
        except ClaimLost as lost:
            log.warning("claim.lost", job=claim.stem, id=claim.job_id, reason=str(lost))
            return
        except JobInTrouble as trouble:
            status = self._set_aside(claim, str(trouble))
        except (DeviceUnavailable, ModelInvalid, RendererDied, StopAsked):
            with suppress(ClaimLost, JobInTrouble, StopAsked):
                self._ownership.give_back(claim)
            raise
        except Exception as error:  # whatever one job holds, the others go on
            log.exception("job.broken", job=claim.stem, id=claim.job_id)
            status = self._set_aside(claim, f"{type(error).__name__}: {error}", is_unforeseen=True)
        if status is not None:
            self._ends.append(status)

    def _set_aside(self, claim: Claim, error: str, *, is_unforeseen: bool = False) -> JobStatus:
        """Go on with the others, and try it again later; what only ever raises surprises is refused in the end."""
        if self._aside.add(claim.job_id, is_unforeseen=is_unforeseen):
            with suppress(ClaimLost, JobInTrouble):
                return self._refusal.refuse(
                    claim, reason=gettext("Work on this job always fails: {error}.", error=error)
                )
        log.error("job.set_aside", job=claim.stem, id=claim.job_id, error=error, again_s=AGAIN_S)
        return "failed"

    def _end(self, claim: Claim) -> JobStatus | None:
        """Refuse the job, or see it through; None when the worker was asked to stop and gave it back."""
        if (status := self._refusal.if_cancelled(claim, shown=None)) is not None:
            return status
        try:
            job = self._jobs.read(claim)
        except JobInvalid as invalid:
            return self._refusal.refuse(claim, invalid.problems, reason=why_invalid(invalid.problems))
        if (status := self._refusal.if_cancelled(claim, shown=job.name)) is not None:
            return status
        for warning in job.warnings:
            log.warning("job.warned", job=job.name, problem=str(warning))
        if claim.id not in self._begun:  # else it was only set aside, and its pictures lie where they are looked for
            claim = self._ownership.begin(claim)
            self._begun.add(claim.id)
        cancel = self._inbox.cancelled_by(claim, shown=job.name)
        files = [request.file for request in job.requests]
        why = refused(claim, files, attempts=self._pace.attempts, cancelled_by=cancel)
        if why:
            log.warning("pictures.refused", job=job.name, pictures=len(why), reason=next(iter(why.values())))
        status = self._runner.run(claim, job, why)
        self._begun.discard(claim.id)
        return status
