"""Between two pictures: whether a job goes on, as people, the room for it, the hours and more urgent jobs want it."""

from __future__ import annotations

from worker.daemon.job_progress import JobProgress
from worker.daemon.room import Room
from worker.daemon.turns import Turns
from worker.daemon.waiting import Waiting
from worker.daemon.working_hours import WorkingHours
from worker.ports import Renderer
from worker.records import Claim
from worker.spool_ports import Inbox
from worker.translation import gettext


class BetweenPictures:
    """Asks, in that order, for a pause, room, a stop, a cancel, the hour and a more urgent job."""

    def __init__(
        self, *, inbox: Inbox, waiting: Waiting, room: Room, turns: Turns, hours: WorkingHours, renderer: Renderer
    ) -> None:
        """Keep the parts.

        Args:
            inbox: tells whether a person cancels the job.
            waiting: waits out a pause, and knows of a stop.
            room: lets a job go on while there is room for its pictures.
            turns: knows of more urgent jobs.
            hours: tells whether the worker may render now.
            renderer: of the pictures in work.
        """
        self._inbox = inbox
        self.waiting = waiting
        self.room = room
        self.turns = turns
        self.hours = hours
        self._renderer = renderer

    def goes_on(self, claim: Claim, work: JobProgress) -> bool:
        """Whether to go on with the job; if a more urgent one waits, or it is late, the renderer begins no picture.

        Args:
            claim: begun.
            work: on it, with pictures left.

        Raises:
            NoRoom, StopAsked: of the parts.
        """
        self.waiting.while_paused(
            work.paused, until=lambda: self.hours.are_over() or self._cancel(claim, work) is not None
        )
        self.hours.tell(is_known=True)
        self.room.require(claim, work)
        if self.waiting.should_stop() or self.is_cancelled(claim, work):
            return False
        if self.hours.are_over() or self.turns.calls(work):
            self._renderer.finish()
        return True

    def is_over(self, claim: Claim, work: JobProgress) -> bool:
        """Whether the worker is asked to stop, may not render now, or a person has cancelled the job.

        What is left of a cancelled one is settled then.

        Args:
            claim: begun.
            work: on it.
        """
        return self.waiting.should_stop() or self.hours.are_over() or self.is_cancelled(claim, work)

    def give_up(self, work: JobProgress) -> None:
        """Let people see why a job that is not done is about to be given back; for the hour, the card is free first.

        Args:
            work: on it.
        """
        if self.waiting.should_stop() or not self.hours.are_over():
            work.given_back()
            return
        self._renderer.close()  # the share may be away now, and keep the job here for long
        work.given_back(
            gettext("{why}, or as soon as another worker takes it. What is finished is kept.", why=self.hours.why())
        )

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
