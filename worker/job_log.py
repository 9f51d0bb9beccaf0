"""What is said about a job: log events, counts, the reason of a failure.

Knows results and entries. Must not know how they came about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from worker.records import Entry, ShotResult

log = structlog.get_logger()


def tell_picture(job: str, result: ShotResult) -> None:
    """One event for a picture, one more for every attempt that was refused."""
    facts: dict[str, object] = {"job": job, "file": result.request.file}
    seed = result.request.seed
    for attempt in result.attempts:
        seed = attempt.seed if attempt.seed is not None else result.request.seed
        if attempt.outcome != "ok":
            log.warning(
                "picture.refused", outcome=attempt.outcome, rung=attempt.rung, note=attempt.note, seed=seed, **facts
            )
    seconds = round(sum(attempt.seconds for attempt in result.attempts), 2)
    if result.picture is None:
        log.error("picture.failed", error=result.error, seconds=seconds, seed=seed, **facts)
    else:
        log.info("picture.made", rung=result.attempts[-1].rung, seconds=seconds, seed=seed, **facts)


def counts(entries: Sequence[Entry]) -> Mapping[str, object]:
    """Pictures, failures, rungs beyond the first try and the highest peak in MiB: flat, for one event."""
    attempts = [attempt for entry in entries for attempt in entry.attempts]
    peaks = [attempt.peak_mib for attempt in attempts if attempt.peak_mib is not None]
    return {
        "pictures": sum(entry.status == "ok" for entry in entries),
        "failed": sum(entry.status == "failed" for entry in entries),
        "rungs": sorted({attempt.rung for attempt in attempts} - {"first"}),
        "peak_mib": max(peaks, default=None),
    }


def why_failed(entries: Sequence[Entry]) -> str:
    """One sentence for a job without a picture, and its first distinct errors."""
    errors = sorted({entry.error for entry in entries if entry.error})
    return f"None of the {len(entries)} pictures could be made. " + " ".join(errors[:3])
