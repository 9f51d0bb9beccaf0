"""Log events of a job, the counts in its last one, and why it failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import structlog

from worker.manifest_records import Entry, JobRecord, JobStatus, costs_of
from worker.problem import Problem, errors_in
from worker.records import Claim, Job, PictureResult
from worker.translation import Text, gettext, ngettext, sentences

log = structlog.get_logger()


def log_picture(job: str, result: PictureResult) -> None:
    """One event for a picture, one more for every try that was refused.

    Args:
        job: its name.
        result: of one request, as the renderer gave it.
    """
    facts: dict[str, object] = {"job": job, "file": result.request.file}
    seed = result.request.seed
    for one_try in result.tries:
        seed = one_try.seed if one_try.seed is not None else result.request.seed
        if one_try.outcome != "ok":
            log.warning(
                "picture.refused", outcome=one_try.outcome, rung=one_try.rung, note=one_try.note, seed=seed, **facts
            )
    seconds = round(sum(one_try.seconds for one_try in result.tries), 2)
    if result.picture is None:
        log.error("picture.failed", error=result.error, seconds=seconds, seed=seed, **facts)
    else:
        last = result.tries[-1]
        stages = {} if last.stages is None else asdict(last.stages)
        log.info("picture.made", rung=last.rung, seconds=seconds, seed=seed, peak_mib=last.peak_mib, **stages, **facts)


def log_given_back(job: str, *, pictures: int, left: int, is_back: bool) -> None:
    """One event for a job that is not done.

    Args:
        job: its name.
        pictures: that are done.
        left: that are not.
        is_back: whether it lies in the inbox again.
    """
    if is_back:
        log.info("job.given_back", job=job, pictures=pictures, left=left)
    else:
        note = "another job of its name waits in the inbox"
        log.warning("job.kept", job=job, pictures=pictures, left=left, note=note)


def log_started(job: Job, claim: Claim, *, kept: int, is_demo: bool) -> None:
    """One event for a job whose work begins.

    Args:
        job: as read from the claim.
        claim: begun.
        kept: its pictures that were finished before.
        is_demo: they are made by the embedded model.
    """
    log.info(
        "job.started", job=job.name, id=claim.job_id, attempt=claim.attempt, pictures=len(job.requests), kept=kept,
        demo_model=is_demo,
    )  # fmt: skip


def log_settled(record: JobRecord, status: JobStatus, *, folder: str, seconds: float, entries: Sequence[Entry]) -> None:
    """One event for a job that has ended, or whose proof has appeared.

    Args:
        record: of the job.
        status: that its manifest has.
        folder: name of that in which it lies now.
        seconds: of work on it.
        entries: of its pictures.
    """
    facts = {
        "job": record.name, "id": record.job_id, "folder": folder, "seconds": round(seconds, 1),
        "temperature_c": record.max_temperature_c, **counts(entries),
    }  # fmt: skip
    if status == "proof":
        log.info("proof.published", whole=record.proof_of, **facts)
    else:
        log.info("job.settled", status=status, **facts)


def counts(entries: Sequence[Entry]) -> Mapping[str, object]:
    """Counts, rungs beyond the first try, the highest peak in MiB and the stages' seconds: flat, for one event."""
    tries, costs = [one_try for entry in entries for one_try in entry.tries], costs_of(entries)
    return {
        "pictures": sum(entry.status == "ok" for entry in entries),
        "failed": sum(entry.status == "failed" for entry in entries),
        "cancelled": sum(entry.status == "cancelled" for entry in entries),
        "rungs": sorted({one_try.rung for one_try in tries} - {"first"}),
        "peak_mib": costs.peak_mib,
        **({} if costs.stages is None else asdict(costs.stages)),
        **({} if costs.file_s is None else {"file_s": costs.file_s}),
    }


def why_not_done(entries: Sequence[Entry]) -> str:
    """One sentence for a job without a picture, and its first distinct errors."""
    errors = sorted({entry.error for entry in entries if entry.error})
    cancelled = sum(entry.status == "cancelled" for entry in entries)
    if cancelled == len(entries):
        return sentences([*errors[:1], gettext("No picture had been made.")])
    if cancelled:
        return sentences([gettext("It was cancelled before any picture was made."), *errors[:3]])
    return ngettext(
        "The picture could not be made. {errors}",
        "None of the {count} pictures could be made. {errors}",
        len(entries), errors=sentences(errors[:3]),
    )  # fmt: skip


def why_invalid(problems: Sequence[Problem]) -> Text:
    """One sentence for a job that cannot be rendered as it is written."""
    return ngettext(
        "The job could not be read: {count} problem.",
        "The job could not be read: {count} problems.",
        len(errors_in(problems)),
    )
