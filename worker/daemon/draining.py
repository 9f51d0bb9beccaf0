"""Draining: what was present when `--drain` began, until it has been dealt with or can never be taken."""

from __future__ import annotations

import structlog

from worker.ports import ReadyJobs
from worker.records import JobStatus
from worker.spool_ports import Inbox

log = structlog.get_logger()


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
        self._expected = inbox.waiting()

    def is_over(self) -> bool:
        """Whether nothing of it waits any more that may still be taken."""
        self._expected &= self._inbox.waiting()
        return self._expected <= self._queue.given_up()

    def left(self, *, claims: int) -> list[JobStatus]:
        """How the drain's last part ended: what can never be taken has failed, and what is claimed and not done.

        Args:
            claims: of this worker that cannot be dealt with.
        """
        given_up = self._queue.given_up()
        if given_up:
            log.error("inbox.left", files=len(given_up), first=min(given_up))
        return ["failed"] if given_up or claims else []
