"""Between two pictures: whether a job goes on, as people, the room for it and more urgent jobs want it."""

from __future__ import annotations

from worker.daemon.job_progress import JobProgress
from worker.daemon.room import Room
from worker.daemon.turns import Turns
from worker.daemon.waiting import Waiting
from worker.ports import Renderer
from worker.records import Claim
from worker.spool_ports import Inbox


class BetweenPictures:
    """Asks, in that order, for a pause, room, a stop, a cancel and a more urgent job."""

    def __init__(self, *, inbox: Inbox, waiting: Waiting, room: Room, turns: Turns, renderer: Renderer) -> None:
        """Keep the parts.

        Args:
            inbox: tells whether a person cancels the job.
            waiting: waits out a pause, and knows of a stop.
            room: lets a job go on while there is room for its pictures.
            turns: knows of more urgent jobs.
            renderer: of the pictures in work.
        """
        self._inbox = inbox
        self.waiting = waiting
        self.room = room
        self.turns = turns
        self._renderer = renderer

    def goes_on(self, claim: Claim, work: JobProgress) -> bool:
        """Whether to go on with the job; where a more urgent one waits, the renderer begins no other picture.

        Args:
            claim: begun.
            work: on it, with pictures left.

        Raises:
            NoRoom, StopAsked: of the parts.
        """
        self.waiting.while_paused(work.paused, until=lambda: self._cancel(claim, work) is not None)
        self.room.require(claim, work)
        if self.is_over(claim, work):
            return False
        if self.turns.calls(work):
            self._renderer.finish()
        return True

    def is_over(self, claim: Claim, work: JobProgress) -> bool:
        """Whether the worker is asked to stop, or a person has cancelled the job: what is left of it is settled then.

        Args:
            claim: begun.
            work: on it.
        """
        return self.waiting.should_stop() or self.is_cancelled(claim, work)

    def is_cancelled(self, claim: Claim, work: JobProgress) -> bool:
        """Whether a person has cancelled the job; likewise.

        Args:
            claim: begun.
            work: on it.
        """
        cancel = self._cancel(claim, work) if work.left else None
        if cancel is not None:
            work.cancel(cancel)
        return cancel is not None

    def _cancel(self, claim: Claim, work: JobProgress) -> str | None:
        return self._inbox.cancelled_by(claim, shown=work.job.name)
