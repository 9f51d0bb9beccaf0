"""Where finished pictures lie that a job keeps: those of the ended job of which it is made again, or of its proof.

Knows only shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["outbox", "failed"]
"""Where jobs end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Of a job that is made again: which ended one it was."""

    place: Place
    folder: str
    """Its name there; its finished pictures are kept, as far as they are still those."""
    left_out: tuple[str, ...] = ()
    """Files of pictures that a person has deleted from it, and that are not to be made again."""
    kept: int = 0
    """How many of its pictures were there when this was asked."""
    asked_by: str | None = None
    """Who asked, where the file system tells: the new job's files are the worker's."""
    approved_at: str | None = None
    """ISO 8601, UTC: when a person approved the proof of that job, so that nobody is asked again."""


Decision = Literal["approved", "rejected", "cancelled"]
"""What a person said to a proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Of a job whose proof has appeared."""

    folder: str
    """Its name in the outbox."""
    name: str
    """The job's, as its folder will be called."""
    pictures: int
    """How many of it could be made."""
    of: int
    """How many the whole job asks for."""
    runs: tuple[str, ...]
    """When each run began that made a picture of it (ISO 8601, UTC, as their sidecars say): by that they are known."""
    since: str
    """ISO 8601, UTC: when it appeared."""
    decision: Decision | None = None
    """None while nobody has said anything."""
    by: str = ""
    """The file by which it was said."""
    decided_at: str | None = None
    """ISO 8601, UTC."""

    @property
    def is_approved(self) -> bool:
        """Whether the rest may be made."""
        return self.decision == "approved"

    @property
    def ended_by(self) -> str | None:
        """The file by which a person ended the job."""
        return self.by if self.decision in ("rejected", "cancelled") else None
