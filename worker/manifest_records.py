"""What `manifest.json` says: of a job, and of each of its pictures.

Knows shapes, units, and how a job's status follows from its pictures; which keys the file has is delivery's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from worker.identity import ModelIdentity, WorkerIdentity
from worker.problem import Problem
from worker.records import Request, Try
from worker.stage_times import StageSeconds, total
from worker.translation import Language

JobStatus = Literal["complete", "partial", "failed", "cancelled", "proof"]
"""`proof`: pictures of it are there for a person to approve, and the job waits."""
NotDone = Literal["failed", "cancelled"]
"""How a job ended of which there is no picture."""
PictureStatus = Literal["ok", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One picture as manifest.json and its sidecar record it (schema 2)."""

    request: Request
    sidecar: str | None
    """Name of the sidecar, or None where there is no picture."""
    sha256: str | None
    """Of the picture's file, hex; None where there is none."""
    status: PictureStatus
    error: str | None
    tries: tuple[Try, ...]
    """With `evidence` where a refused picture was kept."""
    started_at: str | None = None
    """ISO 8601, UTC: when the run that made it began work on the job; None where a sidecar does not say."""
    file_s: float | None = None
    """Seconds to encode the picture and write its files; None where this run did not, and where there is none."""

    @property
    def rung(self) -> str | None:
        """The rung that made the picture; None where there is none."""
        return self.tries[-1].rung if self.status == "ok" and self.tries else None

    @property
    def seed(self) -> int:
        """The seed that made the picture: the request's own unless a rung took another."""
        made_with = self.tries[-1].seed if self.status == "ok" and self.tries else None
        return self.request.seed if made_with is None else made_with


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """Everything about a job that its manifest says beside the pictures."""

    job_id: str
    name: str
    submitted_at: str
    started_at: str
    """When this run began work on the job; a resumed job had earlier ones, which its pictures' entries know."""
    finished_at: str | None
    """None while the job is being rendered."""
    worker: WorkerIdentity
    model: ModelIdentity
    pictures: int
    """How many the job asks for."""
    title: str = ""
    """As in the `Job`; empty for the name."""
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    warnings: tuple[Problem, ...] = ()
    """These three as in the `Job`."""
    language: Language = "en"
    """What the person reads who dropped the job: of all words beside its pictures."""
    dropped_by: str | None = None
    """Who dropped it, where the file system tells."""
    max_temperature_c: float | None = None
    """The highest that was seen of the card while this run rendered; None where nobody knows."""
    proof_of: int | None = None
    """Of a proof: how many pictures the whole job asks for; None of any other job."""
    approved_at: str | None = None
    """ISO 8601, UTC: when a person approved its proof; None of a job that had none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The pictures of a job by what came of them."""

    made: int
    failed: int
    cancelled: int
    """Not made, as a person cancelled the job."""
    retried: int
    """Of those made, how many took more than one try."""


def counts_of(entries: Sequence[Entry]) -> Counts:
    """Count them.

    Args:
        entries: of a job, all or those so far.
    """
    statuses = Counter(entry.status for entry in entries)
    return Counts(
        made=statuses["ok"],
        failed=statuses["failed"],
        cancelled=statuses["cancelled"],
        retried=sum(entry.status == "ok" and len(entry.tries) > 1 for entry in entries),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the pictures of a job cost, as far as it was measured."""

    stages: StageSeconds | None
    """Sums over all tries; None where no try tells."""
    file_s: float | None
    """Sum over the pictures that this run made; None where it made none."""
    peak_mib: float | None
    """The highest of all tries; None on the CPU."""


def costs_of(entries: Sequence[Entry]) -> Costs:
    """Add them up.

    Args:
        entries: of a job, all or those so far.
    """
    tries = [one_try for entry in entries for one_try in entry.tries]
    files_s = [entry.file_s for entry in entries if entry.file_s is not None]
    return Costs(
        stages=total(one_try.stages for one_try in tries if one_try.stages is not None),
        file_s=round(sum(files_s), 3) if files_s else None,
        peak_mib=max((one_try.peak_mib for one_try in tries if one_try.peak_mib is not None), default=None),
    )


def status_of(entries: Sequence[Entry], record: JobRecord | None = None) -> JobStatus:
    """How a job has ended: cancelled if a picture of it was, however many there are.

    Args:
        entries: one for each picture that the job asks for.
        record: of the job, which tells a proof from a whole job; None for a whole one.
    """
    counts = counts_of(entries)
    if counts.cancelled:
        return "cancelled"
    if record is not None and record.proof_of is not None and counts.made:
        return "proof"
    if not counts.failed:
        return "complete"
    return "partial" if counts.made else "failed"
