"""The inbox as an onlooker finds it: jobs that wait, each with its reason and turn, and what is no job."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from worker.clocks import utc_text
from worker.disk.owners import Owners
from worker.disk.record_fields import count_in, inner, seconds_in, text_in
from worker.overview_records import WaitingJob, WaitingState
from worker.spool.held_jobs import ask_names, held_in, why_held
from worker.spool.layout import Folders
from worker.spool.listing import Found
from worker.spool.overview.receipt_cache import is_invalid, reason_for
from worker.spool.overview.running import SeenClaim
from worker.spool.overview.workers import SeenWorker
from worker.spool.receipts import ReceiptText
from worker.spool.steering import pauses_in

MOST_DATED = 1_000
"""Names whose time is asked for: on some shares each is a question of its own."""
MOST_QUEUED = 10_000
"""Entries of a worker's forecast that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueForecast:
    """What a worker foresees of the queue."""

    jobs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """What it wrote of each, by name in the inbox."""
    ends_in_s: float | None = None
    counted: int = 0
    """Jobs for which `ends_in_s` holds."""
    is_on: bool = False
    """Whether anybody works, so that times mean anything."""


def queue_forecast(workers: Sequence[SeenWorker], *, is_paused: bool) -> QueueForecast:
    """The newest forecast that a living worker wrote down; that of one at work first.

    Args:
        workers: all of them.
        is_paused: a person asks all to wait: nobody knows for how long.
    """
    told = [one for one in workers if one.is_live and isinstance(one.record.get("queue"), list)]
    newest = max(told, key=lambda one: (one.line.state == "rendering", one.heard_s), default=None)
    if newest is None:
        return QueueForecast()
    listed = newest.record["queue"]
    assert isinstance(listed, list)
    jobs = {text_in(one, "name"): one for one in listed[:MOST_QUEUED] if isinstance(one, dict)}
    queue_all = inner(newest.record, "queue_all")
    ends_in_s = None if is_paused else seconds_in(queue_all, "ends_in_s")
    return QueueForecast(
        jobs=jobs, ends_in_s=ends_in_s, counted=count_in(queue_all, "jobs") or len(jobs), is_on=not is_paused
    )


def whole_time_s(queue: QueueForecast, waiting: Collection[WaitingJob]) -> float | None:
    """Seconds until all that waits is done; None where more waits than was foreseen, as just after it was dropped.

    Args:
        queue: what a worker foresees.
        waiting: all that waits.
    """
    in_line = sum(job.state in ("waiting", "resting") for job in waiting)
    return queue.ends_in_s if in_line <= queue.counted else None


def waiting_jobs(
    found: Collection[Found],
    resting: Iterable[SeenClaim],
    told: Mapping[str, ReceiptText],
    queue: QueueForecast,
    *,
    owners: Owners,
) -> list[WaitingJob]:
    """All that waits, in the order in which it is taken.

    Args:
        found: names in the inbox that may be jobs.
        resting: claims that nobody has in work.
        told: what receipts say.
        queue: what a worker foresees.
        owners: of the files in the inbox.
    """
    jobs = [_waiting(one, told, queue.jobs.get(one.name, {}), owners=owners if number < MOST_DATED else None)
            for number, one in enumerate(sorted(found, key=lambda one: one.name))]  # fmt: skip
    jobs += (_resting(claim, told, queue.jobs.get(claim.dropped, {})) for claim in resting)
    jobs.sort(key=lambda job: (job.position or math.inf, job.since or "~", job.name))
    return [*_renumbered(jobs, is_on=queue.is_on)]


def _renumbered(jobs: Iterable[WaitingJob], *, is_on: bool) -> Iterator[WaitingJob]:
    """Positions without the gaps that jobs leave which were taken since; no times where nobody works."""
    number = 0
    for job in jobs:
        if job.position is None:
            yield job
        else:
            number += 1
            times = {} if is_on else dict[str, float | None](starts_in_s=None, ends_in_s=None)
            yield replace(job, position=number, **times)  # type: ignore[arg-type]


def _waiting(
    found: Found, told: Mapping[str, ReceiptText], forecast: Mapping[str, object], *, owners: Owners | None
) -> WaitingJob:
    why, receipt, warnings = reason_for(found.name, told)
    state: WaitingState = (
        "invalid" if is_invalid(why) else "held" if text_in(forecast, "state") == "held" else "waiting"
    )
    status = None if owners is None else _status(found.path)
    owner = owners.named(status.st_uid, device=status.st_dev) if owners is not None and status is not None else None
    job = WaitingJob(
        name=found.name,
        state=state,
        reason=why or text_in(forecast, "reason"),
        receipt=receipt,
        warnings=warnings,
        since=None if status is None else utc_text(status.st_mtime),
        dropped_by=text_in(forecast, "dropped_by") or owner,
    )
    return _with_turn(job, forecast)


def _resting(claim: SeenClaim, told: Mapping[str, ReceiptText], forecast: Mapping[str, object]) -> WaitingJob:
    why, receipt, warnings = reason_for(claim.dropped, told)
    job = WaitingJob(
        name=claim.dropped or claim.stem,
        state="resting",
        reason=why,
        receipt=receipt,
        warnings=warnings,
        since=claim.submitted_at,
        dropped_by=claim.dropped_by,
    )
    return _with_turn(job, forecast)


def held_jobs(folders: Folders, told: Mapping[str, ReceiptText]) -> Iterator[WaitingJob]:
    """Jobs whose proof waits for a person, the longest first.

    Args:
        folders: of the spool.
        told: what receipts say.

    Raises:
        OSError: they cannot be listed.
    """
    all_held = sorted(held_in(folders), key=lambda one: one.proof.since)
    names = ask_names(all_held)
    for held in all_held:
        if held.proof.decision is None:
            _, receipt, _ = reason_for(held.dropped.name, told)
            yield WaitingJob(
                name=held.dropped.name, state="held", reason=why_held(held, names[held.folder]), receipt=receipt,
                pictures=held.proof.of or None, since=held.proof.since, dropped_by=held.dropped_by,
                proof=held.proof.folder,
            )  # fmt: skip


def _with_turn(job: WaitingJob, forecast: Mapping[str, object]) -> WaitingJob:
    """With what a worker foresees of it; one that is not to be taken has no turn."""
    if not forecast:
        return job
    position = count_in(forecast, "position") if job.state in ("waiting", "resting", "held") else 0
    starts_in_s, takes_s = seconds_in(forecast, "starts_in_s"), seconds_in(forecast, "takes_s")
    ends_in_s = seconds_in(forecast, "ends_in_s")
    if "ends_in_s" not in forecast and starts_in_s is not None and takes_s is not None:  # of an older version
        ends_in_s = starts_in_s + takes_s
    return replace(
        job,
        position=position or None,
        starts_in_s=starts_in_s if position else None,
        takes_s=takes_s,
        ends_in_s=ends_in_s if position else None,
        pictures=count_in(forecast, "pictures") or None,
        dropped_by=job.dropped_by or text_in(forecast, "dropped_by") or None,
    )


def control_files(steering: Iterable[str], told: Mapping[str, ReceiptText]) -> Iterator[tuple[str, str]]:
    """What people ask for by files that still lie in the inbox, each with what it is told.

    Args:
        steering: names there that are no job's and not meant as one.
        told: what receipts say.
    """
    for name in sorted(steering):
        why, receipt, _ = reason_for(name, told)
        if receipt is not None and not pauses_in([name]):
            yield name, why


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:  # taken, or not to be seen: the others are told all the same
        return None
