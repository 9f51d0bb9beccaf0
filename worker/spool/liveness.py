"""Liveness: whether this worker is seen to live, and who of the others is dead.

Knows this worker's heartbeat once it has begun; before that nobody is dead, and nothing is to be proved.
"""

from __future__ import annotations

from contextlib import suppress

from worker.spool.heartbeats import Heartbeats


class Liveness:
    """One worker's heartbeat, for all parts of its spool."""

    def __init__(self) -> None:
        """Without a heartbeat."""
        self._heartbeats: Heartbeats | None = None

    def begin(self, heartbeats: Heartbeats) -> None:
        """Live by this heartbeat from now on."""
        self._heartbeats = heartbeats

    def beat(self) -> None:
        """Say that this worker lives, when it is time; a failing share is found out elsewhere."""
        with suppress(OSError):
            if self._heartbeats is not None:
                self._heartbeats.beat()

    def is_dead(self, worker_id: str) -> bool:
        """Whether another machine's worker has been silent for a whole lease; looks once."""
        return self._heartbeats is not None and self._heartbeats.is_dead(worker_id)

    def renew(self) -> None:
        """Where others may have taken this worker for dead: beat, so that from here on nobody does.

        Whoever did so already shows in the claims.

        Raises:
            OSError: the share failed.
        """
        if self._heartbeats is not None and self._heartbeats.must_prove():
            self._heartbeats.beat(now=True)
