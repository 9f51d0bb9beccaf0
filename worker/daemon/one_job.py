"""One job: a claim is refused, or rendered to its end, or set aside with its evidence.

Knows what each error of a job means, so that no job keeps the others from being done.
"""

from __future__ import annotations

from contextlib import suppress

import structlog

from worker.daemon.blame import refused
from worker.daemon.job_log import why_invalid
from worker.daemon.refusal import Refusal
from worker.daemon.set_aside import AGAIN_S, SetAside
from worker.errors import (
    ClaimLost,
    DeviceUnavailable,
    JobInTrouble,
    JobInvalid,
    ModelInvalid,
    RendererDied,
    StopAsked,
)
from worker.ports import ClaimedJobs, RunsJobs
from worker.records import Claim, JobStatus
from worker.spool_ports import SpoolPorts
from worker.translation import gettext

log = structlog.get_logger()


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
        attempts: int,
    ) -> None:
        """Keep the parts.

        Args:
            spool: the worker's view of its folders, retrying.
            jobs: reads the job in a claim.
            runner: renders a begun claim to its end.
            refusal: ends the claim of a job that is not to be rendered.
            aside: remembers what rests.
            attempts: at how many deaths of a worker a picture may be in work before it fails.
        """
        self._inbox = spool.inbox
        self._ownership = spool.ownership
        self._jobs = jobs
        self._runner = runner
        self._refusal = refusal
        self._aside = aside
        self._attempts = attempts
        self._begun: set[str] = set()
        """Ids of claims that this process has begun, and set aside since."""

    def work(self, claim: Claim) -> JobStatus | None:
        """See one claim to its end, or let it rest; whatever it holds, the others go on.

        Args:
            claim: held by this worker.

        Returns:
            How it ended; None when the claim was lost or the job was given back.

        Raises:
            DeviceUnavailable, ModelInvalid, RendererDied: rendering is not possible; the job was given back.
            StopAsked: the worker was asked to stop while it waited for the share; likewise.
        """
        try:
            return self._end(claim)
        except ClaimLost as lost:
            log.warning("claim.lost", job=claim.stem, id=claim.job_id, reason=str(lost))
            return None
        except JobInTrouble as trouble:
            return self._set_aside(claim, str(trouble))
        except (DeviceUnavailable, ModelInvalid, RendererDied, StopAsked):
            with suppress(ClaimLost, JobInTrouble, StopAsked):
                self._ownership.give_back(claim)
            raise
        except Exception as error:  # whatever one job holds, the others go on
            log.exception("job.broken", job=claim.stem, id=claim.job_id)
            return self._set_aside(claim, f"{type(error).__name__}: {error}", is_unforeseen=True)

    def _set_aside(self, claim: Claim, error: str, *, is_unforeseen: bool = False) -> JobStatus:
        """Go on with the others, and try it again later; what only ever raises surprises is refused in the end."""
        if self._aside.add(claim.job_id, is_unforeseen=is_unforeseen):
            with suppress(Exception):  # then it rests on
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
        why = refused(claim, files, attempts=self._attempts, cancelled_by=cancel)
        if why:
            log.warning("pictures.refused", job=job.name, pictures=len(why), reason=next(iter(why.values())))
        status = self._runner.run(claim, job, why)
        self._begun.discard(claim.id)
        return status
