"""Draining: what was present when `--drain` began, until it has been dealt with or can never be taken."""

from __future__ import annotations

import structlog

from worker.manifest_records import JobStatus
from worker.ports import ReadyJobs
from worker.spool_ports import Inbox

log = structlog.get_logger()

ROOM_S = 60.0
"""A drain waits so long for room that jobs lack, as it does for a full share at its start."""


class Draining:
    """One drain."""

    def __init__(self, inbox: Inbox, queue: ReadyJobs) -> None:
        """Take down what is present now.

        Args:
            inbox: tells what waits.
            queue: tells what can never be taken.
        """
        self._inbox = inbox
        self._queue = queue
        inbox.scan()  # jobs that people ask to have made again come to wait
        self._expected = inbox.waiting()
        self._short_since_s: float | None = None

    def is_over(self) -> bool:
        """Whether nothing of it waits any more that may still be taken."""
        self._expected &= self._inbox.waiting()
        return self._expected <= self._queue.given_up()

    def is_present(self) -> bool:
        """Whether any of it still lies in the inbox."""
        self._expected &= self._inbox.waiting()
        return bool(self._expected)

    def has_waited(self, *, is_short: bool, now_s: float) -> bool:
        """Whether jobs that lack room have had their time to get it, once nothing else is left.

        Args:
            is_short: whether there are such jobs.
            now_s: monotonic seconds.
        """
        if not is_short:
            self._short_since_s = None
            return True
        self._short_since_s = now_s if self._short_since_s is None else self._short_since_s
        return now_s - self._short_since_s >= ROOM_S

    def left(self, *, claims: int) -> list[JobStatus]:
        """How the drain's last part ended: what can never be taken has failed, and what is claimed and not done.

        Args:
            claims: of this worker that cannot be dealt with.
        """
        if held := self._inbox.held():
            log.info("proofs.left", jobs=held)
        given_up = self._queue.given_up()
        if given_up:
            log.error("inbox.left", files=len(given_up), first=min(given_up))
        return ["failed"] if given_up or claims else []
