"""Reuse of finished pictures: which pictures of a job need not be rendered again.

Knows where finished pictures may lie; `Delivery.reuse` verifies them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import structlog

from worker.manifest_records import Entry, JobRecord
from worker.ports import Delivery
from worker.problem import Problem
from worker.publishing_ports import Staging
from worker.records import Claim, Job, StagedFile
from worker.translation import gettext, ngettext

log = structlog.get_logger()

Reads = Callable[[str], bytes | None]
"""Gives the bytes of a file by its name, or None."""


def reused(
    claim: Claim, job: Job, record: JobRecord, staging: Staging, delivery: Delivery
) -> tuple[JobRecord, dict[str, Entry]]:
    """The pictures that are there, by their files; and the record, which tells of a job that is made again what is not.

    Args:
        claim: of the job.
        job: likewise.
        record: of this run.
        staging: of this claim.
        delivery: verifies each picture.

    Raises:
        OSError, ClaimLost, JobInTrouble, StopAsked: as `kept`.
    """
    found = [*_found(job, record, staging, delivery)]
    entries = {entry.request.file: entry for entry, _ in found}
    proof, retry = claim.proof, claim.retry
    if proof is not None and proof.is_approved:
        expected, folder = proof.pictures, f"outbox/{proof.folder}"
        there = sum(entry.started_at in proof.runs for entry, _ in found)
    elif retry is not None:
        expected, folder = retry.kept, f"{retry.place}/{retry.folder}"
        there = sum(is_older for _, is_older in found)
    else:
        return record, entries
    lost = min(expected, len(job.requests)) - there
    if lost <= 0:
        return record, entries
    log.warning("retry.not_kept", job=job.name, folder=folder, pictures=lost)
    return replace(record, warnings=(*record.warnings, _not_kept(lost, folder))), entries


def _not_kept(count: int, folder: str) -> Problem:
    message = ngettext(
        "{count} picture of {folder} was to be kept and is made anew: it has been changed or taken away since, or is"
        " not what the job asks of this model now.",
        "{count} pictures of {folder} were to be kept and are made anew: they have been changed or taken away since, or"
        " are not what the job asks of this model now.",
        count,
        folder=folder,
    )
    remedy = gettext("Compare both folders before you use these pictures.")
    return Problem(
        file=folder, line=0, column=0, where="", message=message, is_warning=True, rule="retry.not_kept",
        remedy=remedy, count=count,
    )  # fmt: skip


def kept(job: Job, record: JobRecord, staging: Staging, delivery: Delivery) -> list[Entry]:
    """Entries of the pictures that this claim or an earlier one finished; an earlier claim's are taken over.

    Of a job that is made again also those of the folder in which it had ended: they are copied.

    Args:
        job: its requests are looked for, in their order.
        record: of the job; its model must be the pictures'.
        staging: of this claim; reads the earlier claims' folders too.
        delivery: verifies each picture against its request.

    Raises:
        OSError: the staging failed; what was taken over stays, and the call may be repeated.
        ClaimLost, JobInTrouble, StopAsked: of a staging that waits for the share.
    """
    return [entry for entry, _ in _found(job, record, staging, delivery)]


def _found(job: Job, record: JobRecord, staging: Staging, delivery: Delivery) -> Iterator[tuple[Entry, bool]]:
    """Each with whether it was made for another job, of which this one is a retry."""
    for request in job.requests:
        for read, take in _sources(staging):
            sidecar = read(request.sidecar)
            picture = read(request.file) if sidecar is not None else None
            if sidecar is None or picture is None:
                continue
            entry = delivery.reuse(request, record=record, sidecar=sidecar, picture=picture)
            if entry is None:
                continue
            if take is not None:
                pair = (StagedFile(name=request.file, data=picture), StagedFile(name=request.sidecar, data=sidecar))
                take([*_evidence(entry, read), *pair])  # the sidecar last: where it is, its picture is
            yield entry, _job_of(sidecar) != record.job_id
            break


def _sources(staging: Staging) -> tuple[tuple[Reads, Callable[[Sequence[StagedFile]], None] | None], ...]:
    """Where finished pictures may lie, each with what is done with the files of one that is found there."""

    def copy(files: Sequence[StagedFile]) -> None:
        for file in files:
            staging.write(file)

    return (_own(staging), None), (staging.earlier, staging.keep), (staging.finished, copy)


def _job_of(sidecar: bytes) -> object:
    """Whose picture it is; the sidecar has been read before, and is one."""
    return json.loads(sidecar).get("job")


def _evidence(entry: Entry, read: Reads) -> Iterator[StagedFile]:
    """The refused pictures of earlier tries come along with the picture that was accepted in the end."""
    for name in (one_try.evidence for one_try in entry.tries if one_try.evidence):
        data = read(name)
        if data is not None:
            yield StagedFile(name=name, data=data)


def _own(staging: Staging) -> Reads:
    def read(name: str) -> bytes | None:
        try:
            return staging.read(name)
        except FileNotFoundError:
            return None

    return read
