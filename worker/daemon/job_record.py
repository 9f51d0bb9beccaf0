"""The record of a job that begins: what its manifest will say beside the pictures."""

from __future__ import annotations

from worker.daemon.proof import approved_at
from worker.identity import ModelIdentity, WorkerIdentity
from worker.manifest_records import JobRecord
from worker.problem import legible
from worker.records import Claim, Job
from worker.translation import Language


def record_of(
    claim: Claim, job: Job, *, worker: WorkerIdentity, model: ModelIdentity, started_at: str, language: Language
) -> JobRecord:
    """The record of this run; it has no end yet.

    Args:
        claim: of the job.
        job: as it was read.
        worker: who makes the pictures.
        model: with which.
        started_at: ISO 8601, UTC.
        language: of all words beside the pictures.
    """
    return JobRecord(
        job_id=claim.job_id,
        name=job.name,
        title=job.title,
        submitted_at=claim.submitted_at,
        started_at=started_at,
        finished_at=None,
        worker=worker,
        model=model,
        pictures=len(job.requests),
        columns=job.columns,
        delimiter=job.delimiter,
        warnings=job.warnings,
        language=language,
        dropped_by=None if claim.dropped_by is None else legible(claim.dropped_by),
        proof_of=len(job.whole) or None,
        approved_at=approved_at(claim),
    )
