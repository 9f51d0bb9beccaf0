"""A job that waits for its turn, as a worker has read it: what it asks for, whose it is, how urgent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.records import PictureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    """A job that waits for its turn, as a worker read it."""

    name: str
    """As it lies in the inbox."""
    work: Mapping[PictureKind, int] = field(default_factory=dict)
    """How many pictures of each kind it asks for; empty for one that will be refused."""
    priority: int = 0
    dropped_by: str | None = None
    """Who dropped it, where the file system tells."""
    is_held: bool = False
    """It comes after those of others, as its owner has more pictures waiting than the quota."""

    @property
    def pictures(self) -> int:
        """All that it asks for."""
        return sum(self.work.values())
