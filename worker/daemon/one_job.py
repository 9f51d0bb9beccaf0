"""One job: a claim is refused, or rendered to its end, or set aside with its evidence.

Knows what each error of a job means, so that no job keeps the others from being done.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from worker.daemon.blame import refused
from worker.daemon.broken_run import tell_broken
from worker.daemon.job_log import why_invalid
from worker.daemon.proof import approved_at, asked_now
from worker.daemon.refusal import Refusal
from worker.daemon.set_aside import AGAIN_S, SetAside
from worker.daemon.waiting import Waiting
from worker.daemon.warned import warned
from worker.errors import (
    ClaimLost,
    DeviceUnavailable,
    GivesWay,
    JobChanged,
    JobInTrouble,
    JobInvalid,
    ModelInvalid,
    NoRoom,
    RendererBroken,
    RendererDied,
    StopAsked,
)
from worker.manifest_records import JobStatus
from worker.ports import ClaimedJobs, RunsJobs
from worker.records import Claim, Job
from worker.spool_ports import SpoolPorts
from worker.translation import Text, gettext

log = structlog.get_logger()

CHANGED_S = 15.0
"""Before a job is read again whose files have changed while it was in work."""
READINGS = 5
"""How often in a row a job is read; one that has changed each time rests, and the others go on."""


class OneJob:
    """Works on claims, one at a time."""

    def __init__(
        self,
        *,
        spool: SpoolPorts,
        jobs: ClaimedJobs,
        runner: RunsJobs,
        refusal: Refusal,
        aside: SetAside,
        waiting: Waiting,
        attempts: int,
    ) -> None:
        """Keep the parts.

        Args:
            spool: the worker's view of its folders, retrying.
            jobs: reads the job in a claim.
            runner: renders a begun claim to its end.
            refusal: ends the claim of a job that is not to be rendered.
            aside: remembers what rests.
            waiting: waits for a program that still writes into a job's files.
            attempts: at how many deaths of a worker a picture may be in work before it fails.
        """
        self._inbox = spool.inbox
        self._ownership = spool.ownership
        self._jobs = jobs
        self._runner = runner
        self._refusal = refusal
        self._aside = aside
        self._waiting = waiting
        self._attempts = attempts
        self._begun: dict[str, frozenset[str]] = {}
        """Claims that this process has begun, and not ended, by id; each with the warnings that it has told."""

    def work(self, claim: Claim) -> JobStatus | None:
        """See one claim to its end, or let it rest; whatever it holds, the others go on.

        Args:
            claim: held by this worker.

        Returns:
            How it ended; None when the claim was lost, the job was given back, or waits for room or its turn.

        Raises:
            RendererBroken: picture after picture fails alike; the claim stands.
            DeviceUnavailable, ModelInvalid, RendererDied: rendering is not possible; the job was given back.
            StopAsked: the worker was asked to stop while it waited for the share; likewise.
        """
        self._inbox.tell_of(claim, None)
        try:
            return self._end(claim)
        except ClaimLost as lost:
            log.warning("claim.lost", job=claim.stem, id=claim.job_id, reason=str(lost))
            return None
        except JobInTrouble as trouble:
            return self._set_aside(claim, str(trouble))
        except RendererBroken as broken:
            tell_broken(self._inbox, claim, broken)
            raise
        except (DeviceUnavailable, ModelInvalid, RendererDied, StopAsked):
            self.give_back(claim)
            raise
        except Exception as error:  # whatever one job holds, the others go on
            log.exception("job.broken", job=claim.stem, id=claim.job_id)
            return self._set_aside(claim, f"{type(error).__name__}: {error}", is_unforeseen=True)

    def give_back(self, claim: Claim) -> None:
        """Put a job into the inbox again; what cannot be given back stays claimed, and is gone on with later.

        Args:
            claim: held by this worker.
        """
        self._begun.pop(claim.id, None)
        try:
            self._ownership.give_back(claim)
        except (ClaimLost, JobInTrouble, StopAsked):
            return
        except Exception:
            log.exception("job.broken", job=claim.stem, id=claim.job_id)

    def _set_aside(self, claim: Claim, error: str, *, is_unforeseen: bool = False) -> JobStatus:
        """Go on with the others, and try it again later; what only ever raises surprises is refused in the end."""
        if self._aside.add(claim.job_id, is_unforeseen=is_unforeseen):
            try:
                return self._refusal.refuse(
                    claim, reason=gettext("Work on this job always fails: {error}.", error=error)
                )
            except Exception:  # then it rests on
                log.exception("job.broken", job=claim.stem, id=claim.job_id)
        try:
            self._ownership.rest(claim)
        except (ClaimLost, JobInTrouble, StopAsked):
            pass
        except Exception:
            log.exception("job.broken", job=claim.stem, id=claim.job_id)
        log.error("job.set_aside", job=claim.stem, id=claim.job_id, error=error, again_s=AGAIN_S)
        self._inbox.tell_of(
            claim,
            gettext(
                "work on it fails ({error}). It is tried again every {minutes} minutes while a worker runs, the others"
                " go on; what is finished of it is kept.",
                error=error,
                minutes=f"{AGAIN_S / 60:.0f}",
            ),
        )
        return "failed"

    def _end(self, claim: Claim) -> JobStatus | None:
        """Refuse the job, or see it through; one whose files have changed meanwhile is read again, and gone on with.

        Returns:
            None when the worker was asked to stop and gave it back, or where it waits for room or its turn.
        """
        reason = ""
        for _ in range(READINGS):
            try:
                job = self._read(claim)
                if not isinstance(job, Job):
                    return job
                if claim.id in self._begun:  # it was only interrupted, and its pictures lie where they lay
                    self._ownership.working(claim, (), has_made=False)  # it rests no more
                else:
                    claim = self._ownership.begin(claim)
                    self._begun[claim.id] = frozenset()
                return self._see_through(claim, job)
            except JobChanged as changed:
                reason = str(changed)
                log.warning("job.changed", job=claim.stem, id=claim.job_id, again_s=CHANGED_S)
                self._waiting.a_while(CHANGED_S, reason=reason)
        raise JobInTrouble(reason)

    def _read(self, claim: Claim) -> Job | JobStatus:
        """The job, or how it ended: refused, as it is cancelled or cannot be rendered."""
        if (status := self._refusal.if_cancelled(claim, shown=None)) is not None:
            return status
        try:
            job = self._jobs.read(claim)
        except JobInvalid as invalid:
            return self._refusal.refuse(claim, invalid.problems, reason=why_invalid(invalid.problems))
        job = asked_now(job, is_approved=approved_at(claim) is not None)
        return self._refusal.if_cancelled(claim, shown=job.name) or job

    def _see_through(self, claim: Claim, job: Job) -> JobStatus | None:
        warnings = [warning.text for warning in job.warnings]
        for warning in warnings:
            if warning not in self._begun[claim.id]:
                log.warning("job.warned", job=job.name, problem=warning)
        self._begun[claim.id] = frozenset(warnings)
        files = [request.file for request in job.requests]
        why = refused(claim, files, attempts=self._attempts)
        if why:
            log.warning("pictures.refused", job=job.name, pictures=len(why), reason=next(iter(why.values())))
        try:
            status = self._run(claim, job, why)
        except (NoRoom, GivesWay) as waits:
            self._ownership.rest(claim)
            self._inbox.tell_of(claim, waits.why)
            return None
        del self._begun[claim.id]
        return status

    def _run(self, claim: Claim, job: Job, why: Mapping[str, Text]) -> JobStatus | None:
        """Meanwhile people are told its warnings; once it has ended its page has them. Who lays it aside tells more."""
        self._inbox.tell_of(claim, warned(job.warnings))
        status = self._runner.run(claim, job, why)
        if status is not None:  # else it waits again, with the same warnings
            self._inbox.tell_of(claim, None)
        return status
