"""Claims as an onlooker finds them: which jobs are in work, by whom and how far, and which rest."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from worker.disk.json_records import read_record
from worker.disk.record_fields import count_in, inner, moment_in, seconds_in, text_in
from worker.overview_records import RunningJob
from worker.spool.claim_files import dropped_in, folders_in, texts
from worker.spool.layout import CLAIM_FILE, ENDED_FILE, PARTIAL, WORK_FILE, Folders, partial_name
from worker.spool.overview.receipt_cache import reason_for
from worker.spool.overview.workers import SeenWorker
from worker.spool.receipts import ReceiptText

MOST_CLAIMS = 1_000
"""That are read."""


MOST_EARLIER = 100
"""Former ids of one claim, newest first, by which its folder and its pictures are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenClaim:
    """A claim that has not ended."""

    worker: str
    folder: str
    """Name of its folder: the job's unique id, so one job's claim under two workers is told as one."""
    id: str
    earlier: tuple[str, ...]
    stem: str
    dropped: str
    """The job's name as it lay in the inbox."""
    is_begun: bool
    rests: bool
    """As its worker wrote down: nothing of it is in work."""
    run: str
    """Random id of the process run that last began work on it."""
    submitted_at: str | None
    dropped_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenClaims:
    """All claims that this user may see."""

    claims: tuple[SeenClaim, ...]
    workers: tuple[str, ...]
    """Who has any."""
    hidden: frozenset[str]
    """Workers whose claims are another account's."""


def claims_in(folders: Folders) -> SeenClaims:
    """Look at them once.

    Args:
        folders: of the spool.

    Raises:
        OSError: the share failed.
    """
    claims: list[SeenClaim] = []
    hidden: set[str] = set()
    try:
        workers = folders_in(folders.claims)
    except PermissionError:
        workers = []
    for worker in workers:
        try:
            inside = folders_in(worker)
        except PermissionError:
            hidden.add(worker.name)
            continue
        except OSError:  # likewise
            continue
        for folder in inside[: MOST_CLAIMS - len(claims)]:
            claims += _claim(folder, inbox=folders.inbox)
    return SeenClaims(
        claims=tuple(claims), workers=tuple(sorted({one.worker for one in claims})), hidden=frozenset(hidden)
    )


def _claim(folder: Path, *, inbox: Path) -> Iterator[SeenClaim]:
    with suppress(OSError):  # an error of one claim is its own
        record = read_record(folder / CLAIM_FILE, below=inbox)
        if not text_in(record, "stem") or os.path.lexists(folder / ENDED_FILE):
            return
        work = read_record(folder / WORK_FILE, below=inbox)
        yield SeenClaim(
            worker=folder.parent.name,
            folder=folder.name,
            id=text_in(record, "id"),
            earlier=tuple(texts(record.get("earlier"))[:MOST_EARLIER]),
            stem=text_in(record, "stem"),
            dropped=_dropped_name(folder, record),
            is_begun=count_in(record, "attempt") > 0,
            rests=work.get("rests") is True,
            run=text_in(inner(record, "life"), "run"),
            submitted_at=moment_in(record, "submitted_at"),
            dropped_by=text_in(record, "dropped_by") or None,
        )


def _dropped_name(folder: Path, record: Mapping[str, object]) -> str:
    """As the job's file is spelt, by which its receipt is found; its record has one spelling for all."""
    with suppress(OSError):
        if (dropped := dropped_in(folder, record)) is not None:
            return dropped.name
    return text_in(record, "dropped")


def running_and_resting(
    seen: SeenClaims, workers: Collection[SeenWorker], partials: Collection[str], told: Mapping[str, ReceiptText]
) -> tuple[list[RunningJob], list[SeenClaim]]:
    """Every claim, as a job in work or as one that rests; of a job one worker's only.

    Args:
        seen: the claims.
        workers: all of them.
        partials: names of the folders in the outbox that are not whole yet.
        told: what receipts say.
    """
    by_id = {one.line.id: one for one in workers}
    facts = {said: fact for one in workers for said, fact in _facts(one)}
    newest: dict[str, SeenClaim] = {}
    oldest_first = sorted(seen.claims, key=lambda one: one.submitted_at or "")
    for claim in sorted(oldest_first, key=lambda one: _is_live(by_id, one.worker)):  # the living last: they stay
        newest[claim.folder] = claim
    running, resting = [], []
    for claim in newest.values():
        worker = by_id.get(claim.worker)
        if _is_in_work(claim, worker, newest.values()):
            fact = next((facts[one] for one in (claim.id, *claim.earlier) if one in facts), {})
            fact = fact or _facts_by_name(claim, worker, partials)
            _, receipt, warnings = reason_for(claim.dropped, told)
            job = _running(claim, worker, fact, partials)
            running.append(replace(job, receipt=receipt, warnings=warnings))
        else:
            resting.append(claim)
    running += [job for one in workers if one.line.id in seen.hidden for job in _told_only(one, partials)]
    return sorted(running, key=lambda job: (job.worker, job.name)), resting


def _is_live(by_id: Mapping[str, SeenWorker], worker_id: str) -> bool:
    return worker_id in by_id and by_id[worker_id].is_live


def _facts(worker: SeenWorker) -> Iterator[tuple[str, Mapping[str, object]]]:
    """What a worker wrote down of the job in work, or of the one that it broke off to wait, by id of the claim."""
    for record in (inner(worker.record, "interrupted"), worker.record):
        if claim_id := text_in(record, "claim"):
            yield claim_id, record


def _facts_by_name(claim: SeenClaim, worker: SeenWorker | None, partials: Collection[str]) -> Mapping[str, object]:
    """The same of a worker of an earlier version, which names no claim."""
    job = text_in(worker.record, "job") if worker is not None else ""
    is_its = job in (claim.stem, _shown(claim, partials)) and "claim" not in (worker.record if worker else {})
    return worker.record if worker is not None and job and is_its else {}


def _is_in_work(claim: SeenClaim, worker: SeenWorker | None, others: Iterable[SeenClaim]) -> bool:
    """Whether that is the one job that a worker has in work; of one that does not live, whether it may be."""
    if worker is None or not worker.is_live:
        return not claim.rests
    own = [one for one in others if one.worker == claim.worker]
    named = {said for said, _ in _facts(worker)}.intersection(one.id for one in own)
    if named:
        return claim.id in named
    is_up = worker.line.state != "starting"  # else it goes on with what its run before had begun
    taken_up = [one for one in own if one.run == worker.run or not (is_up and one.is_begun)]
    return claim in [one for one in taken_up if not one.rests][:1]


def _running(
    claim: SeenClaim, worker: SeenWorker | None, fact: Mapping[str, object], partials: Collection[str]
) -> RunningJob:
    is_told = worker is not None and worker.line.state == "rendering" and fact is worker.record
    return _job(
        fact,
        name=text_in(fact, "job") or _shown(claim, partials) or claim.stem,
        worker=claim.worker,
        folder=_folder(claim, partials),
        is_told=is_told,
        dropped_by=claim.dropped_by,
    )


def _job(
    fact: Mapping[str, object], *, name: str, worker: str, folder: str, is_told: bool, dropped_by: str | None = None
) -> RunningJob:
    """A job by what its worker wrote down; the picture in work and the time left only where it is at work now."""
    done, now = count_in(fact, "done"), fact if is_told else {}
    failed = min(done, count_in(fact, "failed"))
    return RunningJob(
        name=name,
        worker=worker,
        folder=folder,
        pictures=count_in(fact, "total"),
        made=done - failed,
        failed=failed,
        started_at=moment_in(fact, "started_at"),
        left_s=seconds_in(now, "left_s"),
        dropped_by=dropped_by,
        file=text_in(now, "file"),
        step=count_in(now, "step"),
        steps=count_in(now, "steps"),
    )


def _folder(claim: SeenClaim, partials: Collection[str]) -> str:
    """Of the claim, else of the one before it, whose pictures it is about to take along; empty where none is there."""
    endings = (partial_name("", claim_id) for claim_id in (claim.id, *claim.earlier) if claim_id)
    found = (name for ending in endings for name in partials if name.endswith(ending))
    return next(found, "")


def _shown(claim: SeenClaim, partials: Collection[str]) -> str:
    name = _folder(claim, partials)
    ids = (claim.id, *claim.earlier)
    return next((name.removesuffix(f".{one}{PARTIAL}") for one in ids if name.endswith(f".{one}{PARTIAL}")), "")


def _told_only(worker: SeenWorker, partials: Collection[str]) -> Iterator[RunningJob]:
    """The job of a worker whose claims this user may not see: by what it says itself, if it lives."""
    if worker.line.state == "rendering":
        name, claim_id = text_in(worker.record, "job"), text_in(worker.record, "claim")
        folder = partial_name(name, claim_id)
        found = folder if folder in partials else ""
        yield _job(worker.record, name=name, worker=worker.line.id, folder=found, is_told=True)
