"""The proof of a job: which pictures are asked for now, and what is written down of those that were made.

Pure. Until a person has approved it, a job is its proof; then it is all of its pictures, of which some are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.kept_records import Proof
from worker.manifest_records import Entry, JobRecord, counts_of
from worker.records import Claim, Job

ENDING = ".proof"
"""Of the name of a proof's folder."""


def asked_now(job: Job, *, is_approved: bool) -> Job:
    """The job with the pictures that are to be made before anybody is asked again.

    Args:
        job: as it was read.
        is_approved: whether a person has approved its proof.
    """
    if is_approved or not job.proof:
        return job
    requests = tuple(request for request in job.requests if request.file in job.proof)
    return replace(job, requests=requests, whole=job.requests)


def approved_at(claim: Claim) -> str | None:
    """When a person approved the proof of the job, or of the one of which it is a retry; None while nobody has.

    Args:
        claim: of the job.
    """
    if claim.proof is not None and claim.proof.is_approved:
        return claim.proof.decided_at or claim.proof.since
    return claim.retry.approved_at if claim.retry is not None else None


def proof_of(record: JobRecord, entries: Sequence[Entry]) -> Proof:
    """What is written down of a proof that is about to appear.

    Args:
        record: of the job, ended.
        entries: one for each picture of the proof.
    """
    made = [entry for entry in entries if entry.status == "ok"]
    return Proof(
        folder=f"{record.name}{ENDING}",
        name=record.name,
        pictures=counts_of(entries).made,
        of=record.proof_of or 0,
        runs=tuple(sorted({entry.started_at for entry in made if entry.started_at is not None})),
        since=record.finished_at or record.started_at,
    )
