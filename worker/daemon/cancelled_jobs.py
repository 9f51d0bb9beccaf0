"""Cancelled jobs: one that a person cancels while it waits is refused between two pictures, not only at its turn."""

from __future__ import annotations

import structlog

from worker.daemon.queue import JobQueue
from worker.daemon.refusal import Refusal
from worker.errors import ClaimLost, JobChanged
from worker.ports import Delivery
from worker.spool_ports import SpoolPorts

log = structlog.get_logger()


class CancelledJobs:
    """Looks at what waits, and refuses what is cancelled."""

    def __init__(self, queue: JobQueue, *, spool: SpoolPorts, delivery: Delivery) -> None:
        """Keep the parts.

        Args:
            queue: looks at what waits, and tells why.
            spool: the folders, each step tried once.
            delivery: writes up why a job is refused.
        """
        self._queue = queue
        self._spool = spool
        self._refusal = Refusal(spool, delivery)

    def look(self) -> int:
        """Look once; how many jobs were refused.

        A claimed job that is not refused here, as work on it had begun, the cancel file is gone or its files have
        changed, stays claimed and is gone on with like any leftover.

        Raises:
            OSError: the inbox could not be looked at.
        """
        self._queue.ready()
        refused = 0
        for candidate, shown in self._queue.cancelled():
            try:
                claim = self._spool.ownership.claim(candidate)
                if claim is not None:
                    refused += self._refusal.if_cancelled(claim, shown=shown) is not None
            except (ClaimLost, JobChanged):
                continue
            except Exception:  # the job in work goes on; what is claimed now is looked at in its own turn
                log.exception("job.unread", job=candidate.stem)
        return refused
