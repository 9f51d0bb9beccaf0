"""Liveness: whether this worker is seen to live, and who of the others is dead.

Knows this worker's heartbeat once it has begun; before that nobody is dead, and nothing is to be proved. The heartbeat
goes on by itself while the worker does: one that hangs falls silent, and is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog

from worker.spool.alive.beating import Driver
from worker.spool.alive.heartbeats import Heartbeats
from worker.spool.alive.lease import Heartbeat

log = structlog.get_logger()

STALL_S = 1_800.0
"""Without a step done for so long the worker hangs. The longest honest one is to hash a model: 33 GB at 18 MB/s."""


class Liveness:
    """One worker's heartbeat, for all parts of its spool."""

    def __init__(self, clock: Callable[[], float], driver: Driver) -> None:
        """Without a heartbeat.

        Args:
            clock: seconds that no one sets; counts suspended time.
            driver: keeps the heart beating.
        """
        self._clock = clock
        self._driver = driver
        self._heartbeats: Heartbeats | None = None
        self._went_on_s = float("-inf")
        self._is_stalled = False

    @contextmanager
    def living(self, heartbeats: Heartbeats) -> Iterator[None]:
        """Live by this heartbeat while the context lasts, and as one that goes on."""
        self._heartbeats = heartbeats
        self._went_on_s = self._clock()
        with self._driver(self.pulse):
            yield

    def now_s(self) -> float:
        """By the clock that no one sets."""
        return self._clock()

    def go_on(self) -> None:
        """A step is done, or waited for on purpose: this worker does not hang. Cheap, and never raises."""
        self._went_on_s = self._clock()

    def pulse(self) -> bool:
        """Beat, when it is time, unless this worker hangs; a failing share is found out elsewhere.

        Returns:
            Whether the worker goes on.
        """
        is_stalled = self._clock() - self._went_on_s >= STALL_S
        if is_stalled and not self._is_stalled:
            log.error("worker.stalled", silent_s=STALL_S, note="no step done: its jobs are left to other workers")
        self._is_stalled = is_stalled
        with suppress(OSError, MemoryError):
            if self._heartbeats is not None and not is_stalled:
                self._heartbeats.beat()
        return not is_stalled

    def beat(self) -> None:
        """Say that this worker goes on."""
        self.go_on()
        self.pulse()

    def is_dead(self, worker_id: str) -> bool:
        """Whether another machine's worker has been silent for a whole lease; looks once."""
        return self._heartbeats is not None and self._heartbeats.is_dead(worker_id)

    def last_beat(self, worker_id: str) -> Heartbeat | None:
        """Another worker's heartbeat as it lies on the share; None when there is none to read."""
        return self._heartbeats.read(worker_id) if self._heartbeats is not None else None

    def must_prove(self) -> bool:
        """Whether others may have taken this worker for dead since it last proved a claim."""
        return self._heartbeats is not None and self._heartbeats.must_prove()

    def renew(self) -> None:
        """Where others may have taken this worker for dead: beat, so that from here on nobody does.

        Whoever did so already shows in the claims.

        Raises:
            OSError: the share failed.
        """
        if self._heartbeats is not None and self._heartbeats.must_prove():
            self._heartbeats.beat(now=True)

    def proved(self) -> None:
        """A claim was found to stand after `renew`."""
        if self._heartbeats is not None:
            self._heartbeats.proved()
