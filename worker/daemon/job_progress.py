"""Progress of one job: what is staged, what is left, and the work that it takes.

Knows one running job's pictures. It changes as they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.manifest_records import Entry, JobRecord
from worker.ports import Delivery
from worker.publishing_ports import Staging
from worker.records import Job, PictureResult, Request, StagedFile
from worker.translation import Text

LIVE_PAGE_S = 5.0
"""Least time between two versions of the live page: it lists every picture, and the share is slow."""


@dataclass(slots=True, kw_only=True)
class JobProgress:
    """One job being rendered: what is known of it so far."""

    job: Job
    record: JobRecord
    staging: Staging
    delivery: Delivery
    entries: dict[str, Entry]
    """By file name."""
    left: dict[str, Request] = field(init=False)
    """Requests without an entry, by file name, in the job's order."""
    left_pixel_steps: int = field(init=False)
    """Their work, kept up as it shrinks: it is told at every step."""
    failed: int = field(init=False)
    """Of the settled pictures, kept up likewise."""
    page_written_s: float = 0.0
    plan: str = ""
    """How the card's memory is used, as last told."""
    has_made: bool = False
    """Whether this run has finished a picture."""
    in_work: frozenset[str] = frozenset()
    """File names of the pictures in work, as last written down."""

    def __post_init__(self) -> None:
        """Find what is left."""
        self.left = {request.file: request for request in self.job.requests if request.file not in self.entries}
        self.left_pixel_steps = sum(request.pixel_steps for request in self.left.values())
        self.failed = sum(entry.status == "failed" for entry in self.entries.values())

    def made(self, result: PictureResult) -> tuple[StagedFile, ...]:
        """Stage what came of one picture; it is settled.

        Returns:
            The files that were written.

        Raises:
            ClaimLost, JobInTrouble, StopAsked: of the staging.
        """
        entry, files = self.delivery.picture(result, record=self.record)
        for file in files:
            self.staging.write(file)
        self._enter(entry)
        self.has_made |= entry.status == "ok"
        return files

    def refuse(self, refused: Mapping[str, Text]) -> None:
        """Settle pictures that are left and are not to be made: they count as failed.

        Args:
            refused: why, by file name.
        """
        for request in [request for request in self.left.values() if request.file in refused]:
            result = PictureResult(request=request, picture=None, tries=(), error=refused[request.file])
            self._enter(self.delivery.picture(result, record=self.record)[0])

    def write_page(self, *, now_s: float) -> None:
        """Write the live page anew.

        Args:
            now_s: seconds, of the clock by which its age is told.
        """
        self.staging.write(self.delivery.live_page(self.record, tuple(self.entries.values())))
        self.page_written_s = now_s

    def write_page_if_old(self, *, now_s: float) -> None:
        """Write it anew unless that was done a moment ago.

        Args:
            now_s: likewise.
        """
        if now_s - self.page_written_s >= LIVE_PAGE_S:
            self.write_page(now_s=now_s)

    def _enter(self, entry: Entry) -> None:
        request = self.left.pop(entry.request.file)
        self.entries[request.file] = entry
        self.failed += entry.status == "failed"
        self.left_pixel_steps -= request.pixel_steps
