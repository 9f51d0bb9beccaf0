"""Between two pictures: whether a job goes on, as people, room, the hours, the card and more urgent jobs want it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.daemon.blame import in_turns
from worker.daemon.card_manners import CardManners
from worker.daemon.job_progress import JobProgress
from worker.daemon.room import Room
from worker.daemon.turns import Turns
from worker.daemon.waiting import Waiting
from worker.daemon.working_hours import WorkingHours
from worker.ports import Renderer
from worker.records import Claim, Request
from worker.spool_ports import Inbox
from worker.translation import gettext


class BetweenPictures:
    """Asks, in that order, for a pause, room, a stop, a cancel, the hour, a more urgent job and the card."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        waiting: Waiting,
        room: Room,
        turns: Turns,
        hours: WorkingHours,
        card: CardManners,
        renderer: Renderer,
    ) -> None:
        """Keep the parts.

        Args:
            inbox: tells whether a person cancels the job.
            waiting: waits out a pause, and knows of a stop.
            room: lets a job go on while there is room for its pictures.
            turns: knows of more urgent jobs.
            hours: tells whether the worker may render now.
            card: knows whether others use it, and whether it is too hot.
            renderer: of the pictures in work.
        """
        self._inbox = inbox
        self.waiting = waiting
        self.room = room
        self.turns = turns
        self.hours = hours
        self.card = card
        self._renderer = renderer
        self._card_called = False

    def rounds(self, claim: Claim, work: JobProgress) -> Iterator[Sequence[Request]]:
        """Yield what is to be rendered next, until nothing is left or the job does not go on.

        Before each the card is waited for: others may use it, or it may be too hot. Nothing is being made then.

        Args:
            claim: begun.
            work: on it.
        """
        for together in in_turns([*work.left.values()], claim.deaths):
            while left := [request for request in together if request.file in work.left]:
                if self.card.why() is not None:  # else nothing is asked of the share
                    self.waiting.while_paused(
                        work.paused, until=lambda: self.hours.are_over() or self._cancel(claim, work) is not None,
                        why=self.card.why,
                    )  # fmt: skip
                if self.is_over(claim, work):
                    return
                self._card_called = False
                yield left
                if not self._card_called:
                    break

    def goes_on(self, claim: Claim, work: JobProgress) -> bool:
        """Whether to go on with the job.

        Where a more urgent one waits, it is late, or the card is to be left alone, the renderer begins no picture.

        Args:
            claim: begun.
            work: on it, with pictures left.

        Raises:
            NoRoom, StopAsked: of the parts.
        """
        self.waiting.while_paused(
            work.paused, until=lambda: self.hours.are_over() or self._cancel(claim, work) is not None
        )
        self.hours.tell()
        self.room.require(claim, work)
        if self.waiting.should_stop() or self.is_cancelled(claim, work):
            return False
        work.heated(self.card.take_hottest_c())
        if self.hours.are_over() or self.turns.calls(work):
            self._renderer.finish()
        elif self.card.calls():
            self._card_called = True
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
