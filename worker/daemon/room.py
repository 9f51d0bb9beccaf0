"""Room for a job's pictures: told before it begins, and waited for between two pictures.

Knows how much fits, as its port tells; what is finished stays as it is meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from worker.daemon.job_progress import JobProgress
from worker.daemon.waiting import Waiting
from worker.records import Claim, PictureResult, StagedFile
from worker.spool_ports import Inbox, Space

log = structlog.get_logger()


class Room:
    """Where one worker's pictures go."""

    def __init__(self, *, space: Space, inbox: Inbox, waiting: Waiting) -> None:
        """Keep the parts.

        Args:
            space: tells what fits, and hears what pictures came to.
            inbox: tells whether a person cancels the job that waits for room, and people that it waits.
            waiting: waits.
        """
        self._space = space
        self._inbox = inbox
        self._waiting = waiting

    def tell(self, work: JobProgress) -> None:
        """Say how many of a job's pictures fit; it is begun in any case, as room may be made meanwhile."""
        if not work.left:
            return
        facts = {"job": work.job.name, "left": len(work.left), "fits": self._space.fitting([*work.left.values()])}
        if facts["fits"] == facts["left"]:
            log.info("space.told", **facts)
        else:
            log.warning("space.told", **facts)

    def require(self, claim: Claim, work: JobProgress) -> None:
        """Return once one more picture fits, or nobody wants it any more: the job is cancelled, the worker stops.

        Args:
            claim: of the job.
            work: tells which picture would be next.
        """
        request = next(iter(work.left.values()), None)
        if request is None:
            return

        def shortage() -> str | None:
            is_cancelled = self._inbox.cancelled_by(claim, shown=work.job.name) is not None
            why = None if is_cancelled else self._space.shortage(request)
            self._inbox.tell_of(claim, why)
            return why

        self._waiting.while_full(shortage)
        self._inbox.tell_of(claim, None)

    def measure(self, result: PictureResult, files: Iterable[StagedFile]) -> None:
        """Learn from a picture how large the next ones will be.

        Args:
            result: of one request; one without a picture teaches nothing.
            files: that were written for it.
        """
        if result.picture is not None:
            self._space.measured(result.request, size_bytes=sum(len(file.data) for file in files))
