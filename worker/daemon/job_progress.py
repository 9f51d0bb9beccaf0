"""Progress of one job: what is staged, what is left, and the work that it takes.

Knows one running job's pictures. It changes as they come.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.records import Entry, Job, JobRecord, Request
from worker.spool_ports import Staging


@dataclass(slots=True, kw_only=True)
class JobProgress:
    """One job being rendered: what is known of it so far."""

    job: Job
    record: JobRecord
    staging: Staging
    entries: dict[str, Entry]
    """By file name."""
    left: dict[str, Request]
    """Requests without an entry, by file name, in the job's order."""
    left_pixel_steps: int
    """Their work, kept up as it shrinks: it is told at every step."""
    page_written_s: float
    plan: str = ""
    """How the card's memory is used, as last told."""
    has_made: bool = False
    """Whether this run has finished a picture."""
    in_work: frozenset[str] = frozenset()
    """File names of the pictures in work, as last written down."""

    def enter(self, entry: Entry) -> None:
        """One picture is settled."""
        request = self.left.pop(entry.request.file)
        self.entries[request.file] = entry
        self.left_pixel_steps -= request.pixel_steps
