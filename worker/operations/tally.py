"""The tally of a night: what the jobs that ended came to, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from worker.operations.facts import Facts, number
from worker.progress_words import exact_duration
from worker.translation import Text, enumerated, ngettext


@dataclass(slots=True, kw_only=True)
class Tally:
    """Jobs that ended since it was last told."""

    jobs: int = 0
    pictures: int = 0
    failed: int = 0
    """Pictures."""
    cancelled: int = 0
    """Pictures."""
    refused: int = 0
    """Jobs; one that was cancelled before it began is a job without pictures."""
    begun_s: float | None = None
    """When the first of them was taken, by the clock of its caller."""
    ended_s: float = 0.0

    def hear(self, event: str, facts: Facts, *, now_s: float) -> None:
        """Count what an event says.

        Args:
            event: any of the log's.
            facts: its own.
            now_s: monotonic seconds.
        """
        begins = ("job.claimed", "job.resumed", "job.started", "job.settled", "job.refused", "job.cancelled")
        if self.begun_s is None and event in begins:
            self.begun_s = now_s
        is_cancelled = event == "job.cancelled" and "left" not in facts
        if event not in ("job.settled", "job.refused") and not is_cancelled:
            return
        self.jobs += 1
        self.ended_s = now_s
        if event == "job.refused":
            self.refused += 1
        self.pictures += number(facts, "pictures")
        self.failed += number(facts, "failed")
        self.cancelled += number(facts, "cancelled")

    def said(self) -> str:
        """`12 jobs, 96 pictures, 1 picture failed, 5 min 12 s`; empty where no job has ended."""
        if not self.jobs:
            return ""
        parts: list[Text] = [
            ngettext("{count} job", "{count} jobs", self.jobs),
            ngettext("{count} picture", "{count} pictures", self.pictures),
        ]
        if self.failed:
            parts.append(ngettext("{count} picture failed", "{count} pictures failed", self.failed))
        if self.cancelled:
            parts.append(ngettext("{count} picture cancelled", "{count} pictures cancelled", self.cancelled))
        if self.refused:
            parts.append(ngettext("{count} job refused", "{count} jobs refused", self.refused))
        parts.append(exact_duration(self.ended_s - (self.begun_s if self.begun_s is not None else self.ended_s)))
        return enumerated(parts)
