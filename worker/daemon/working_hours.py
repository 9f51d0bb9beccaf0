"""Working hours: whether the worker may render now; and what it does while it may not, as its hours are over.

Says at the beginning of a window what fits into it, and at its end what was made. Each time all is asked of the wall
clock anew, so that whoever sets that is obeyed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from worker.clocks import Clocks, utc_text
from worker.daemon.waiting import LOOK_S, Waiting
from worker.hours import Hours, Window, calendar_of
from worker.moments import day_and_hour
from worker.ports import Renderer
from worker.recording_ports import Recorder
from worker.translation import Text, gettext

log = structlog.get_logger()


class WorkingHours:
    """Of one worker."""

    def __init__(
        self,
        hours: Hours | None,
        *,
        clocks: Clocks,
        waiting: Waiting,
        recorder: Recorder,
        renderer: Renderer,
        settle_s: float,
    ) -> None:
        """Keep the parts.

        Args:
            hours: of this worker; None: it may always render. May be replaced between two pictures.
            clocks: the wall clock tells the hour.
            waiting: waits, and hears people meanwhile.
            recorder: knows what waits, and how much of it fits.
            renderer: has the card's memory, which it gives up.
            settle_s: seconds after the first look until what lies in the inbox is known.
        """
        self.hours = hours
        self._clocks = clocks
        self._waiting = waiting
        self._recorder = recorder
        self._renderer = renderer
        self._told: Window | None = None
        """The window whose beginning was told."""
        self._seen: Window | None = None
        """The window that is on, as it was first met, and how many pictures had been made then."""
        self._made_before = 0
        self._settle_s = settle_s
        self._known_s: float | None = None
        """When it is known what waits: some time after the first look, as jobs that were copied settle first."""

    def are_over(self) -> bool:
        """Whether the worker may not render now."""
        return self.hours is not None and self.hours.window_at(self._now_s()) is None

    def passes(self, work_s: float) -> float:
        """Seconds that pass until some work is done, those included in which the worker may not render.

        Args:
            work_s: that it takes.
        """
        return calendar_of(self.hours, now_s=self._now_s()).ends(0.0, work_s) if self.hours is not None else work_s

    def tell(self) -> None:
        """Say once in each window what fits into it, as soon as it is known what waits."""
        if self._known_s is None:
            self._known_s = self._clocks.monotonic() + self._settle_s + LOOK_S
        window = self.hours.window_at(self._now_s()) if self.hours is not None else None
        if window is None:
            return
        if self._seen != window:
            self._seen, self._made_before = window, self._recorder.made()
        if self._told == window or self._clocks.monotonic() < self._known_s:
            return
        self._told = window
        outlook = self._recorder.outlook()
        if outlook is not None:
            log.info(
                "window.begun", pictures_waiting=outlook.pictures, pictures_fit=outlook.fit,
                until=utc_text(window.ends_s), left=outlook.left, then=outlook.then_at,
            )  # fmt: skip

    def end(self) -> None:
        """Say what was made in the window that is over, if one was, and when the next begins."""
        if self.hours is None:
            return
        outlook = self._recorder.outlook()
        if self._seen is not None and outlook is not None:
            log.info("window.ended", made=self._recorder.made() - self._made_before, left=outlook.pictures)
        self._seen = self._told = None
        log.info("window.awaited", begins=utc_text(self.hours.next_window(self._now_s()).begins_s))

    def rest(self, *, look: Callable[[], object]) -> None:
        """Leave the card free until the next window begins, or the worker is asked to stop.

        Args:
            look: looks into the inbox, and refuses what is to be refused; called once in a while, and first of all.
        """
        self._renderer.close()
        is_due, is_first = True, True
        while self.are_over() and not self._waiting.should_stop():
            if is_due:
                look()
            if is_first:  # the job is given back: it waits with the others now, and this worker has it in hand no more
                self._recorder.state("idle")
                is_first = False
            is_due = self._waiting.rest(reason=self.why())
        self._recorder.state("idle")
        self._known_s = self._clocks.monotonic()

    def why(self) -> Text:
        """Why the worker does not render, and when it goes on, for a person."""
        begins_s = self.hours.next_window(self._now_s()).begins_s if self.hours is not None else 0.0
        return gettext(
            "it may not render at this hour (setting `hours`); it goes on by itself at {time}",
            time=day_and_hour(datetime.fromtimestamp(begins_s, UTC)),
        )

    def _now_s(self) -> float:
        return datetime.fromisoformat(self._clocks.now()).timestamp()
