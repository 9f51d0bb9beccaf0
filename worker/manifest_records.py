"""What `manifest.json` says: of a job, and of each of its pictures.

Knows only shapes and units; which keys the file has is delivery's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from worker.identity import ModelIdentity, WorkerIdentity
from worker.problem import Problem
from worker.records import Request, Try
from worker.translation import Language

JobStatus = Literal["complete", "partial", "failed"]
PictureStatus = Literal["ok", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One picture as manifest.json and its sidecar record it (schema 1)."""

    request: Request
    sidecar: str | None
    """Name of the sidecar, or None for a failed shot."""
    sha256: str | None
    """Of the picture's file, hex; None for a failed shot."""
    status: PictureStatus
    error: str | None
    tries: tuple[Try, ...]
    """With `evidence` where a refused picture was kept."""
    started_at: str | None = None
    """ISO 8601, UTC: when the run that made it began work on the job; None where a sidecar does not say."""

    @property
    def rung(self) -> str | None:
        """The rung that made the picture; None for a failed shot."""
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
