"""Waiting: for the next look into the inbox, for a person who asked for a pause, for a share that is away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import structlog

from worker.daemon.told_once import ToldOnce
from worker.ports import Wakeup
from worker.recording_ports import Recorder
from worker.spool_ports import Inbox, Ownership
from worker.translation import Text, gettext

log = structlog.get_logger()

SLICE_S = 30.0
"""Longest time without a sign of life: `scan_s` and `away_s` may be an hour."""
PAUSED = gettext("PAUSE lies in the inbox: remove it to go on")
PASSING_S = 2.0
"""Between two looks whether what passes by itself has passed."""
LOOK_S = 15.0
"""Between two looks at what waits while a job is in work."""


class Waiting:
    """Waits, and says so in the worker's record and by its heartbeat."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        ownership: Ownership,
        recorder: Recorder,
        wakeup: Wakeup,
        pause: Callable[[float], object],
        scan_s: float,
        monotonic: Callable[[], float],
        should_stop: Callable[[], bool],
        look: Callable[[], int] = lambda: 0,
    ) -> None:
        """Keep the parts.

        Args:
            inbox: tells whether people ask for a pause.
            ownership: hears that this worker lives.
            recorder: takes down why the worker waits.
            wakeup: waits for whatever changes in the inbox.
            pause: waits so many seconds, whatever changes there; only a stop ends it earlier.
            scan_s: seconds between two looks into the inbox.
            monotonic: seconds.
            should_stop: whether the worker is asked to stop.
            look: looks at what waits, also while a long job is in work, and gives how many cancelled jobs it refused;
                may raise OSError.
        """
        self.adopt: Callable[[], object] = lambda: None
        """Takes over changed settings; called between pictures, and while the worker waits."""
        self._look = look
        self._looked_s = monotonic()
        self._inbox = inbox
        self._ownership = ownership
        self._recorder = recorder
        self._wakeup = wakeup
        self._pause = pause
        self.scan_s = scan_s
        self._monotonic = monotonic
        self.should_stop = should_stop
        self.refused = 0
        """Jobs that were cancelled, and refused between pictures."""
        self.waited_s = 0.0
        """All in all: time in which nothing was done."""
        self.share_has_failed = True
        """Since somebody last set this to False: what is half-done must be taken up again. True at the start."""

    def idle(self, *, reason: str = "") -> None:
        """Until the next look into the inbox, or until something changes there.

        Args:
            reason: why what is claimed does not go on, for a person; empty where nothing is.
        """
        if reason:
            self._wait("paused", self.scan_s, reason=reason)
        else:
            self._wait("idle", self.scan_s)

    def while_paused(
        self,
        told: Callable[[Text], object] = lambda _: None,
        *,
        until: Callable[[], bool] = lambda: False,
        why: Callable[[], Text | None] = lambda: None,
    ) -> None:
        """Return once no person asks the workers to wait, or this one to stop; to be called between pictures.

        Args:
            told: called every while with the reason while somebody does.
            until: ends the wait too: whether the job in work is cancelled.
            why: another reason to wait, which passes by itself; None for none.
        """
        self._look_if_asked()
        log_told = ToldOnce()
        while not self.should_stop() and not until() and (reason := self._pause_of(why)) is not None:
            if log_told.is_new(reason):
                log.warning("worker.paused", reason=reason)
            told(reason)
            seconds = self.scan_s if reason is PAUSED else min(self.scan_s, PASSING_S)
            self._wait("paused", seconds, reason=reason)
            self._look_if_asked()
        if log_told.is_over():
            log.info("worker.resumed")

    def _pause_of(self, why: Callable[[], Text | None]) -> Text | None:
        return PAUSED if self._inbox.is_paused() else why()

    def rest(self, *, reason: Text) -> bool:
        """For a while in which no picture is made; whether it is time then to look at what waits and is asked for.

        Args:
            reason: for a person.
        """
        self._wait("paused", self.scan_s, reason=reason)
        return self._must_look()

    def _must_look(self) -> bool:
        self.adopt()
        is_due = self._inbox.hear() or self._monotonic() - self._looked_s >= LOOK_S
        if is_due:
            self._looked_s = self._monotonic()
        return is_due

    def _look_if_asked(self) -> None:
        """Obey what people have asked for since the last look, and look once in a while all the same."""
        if self._must_look():
            with suppress(OSError):  # whoever needs the share waits for it
                self.refused += self._look()

    def for_share(self, seconds: float, *, reason: str) -> None:
        """Until the next try of what the share refused; our own writes into the inbox do not shorten it.

        Args:
            seconds: to wait.
            reason: why the share cannot be used, for a person.
        """
        self.share_has_failed = True
        self.a_while(seconds, reason=reason)

    def a_while(self, seconds: float, *, reason: str) -> None:
        """Just so long, or until the worker is asked to stop.

        Args:
            seconds: to wait.
            reason: for a person.
        """
        self._wait("paused", seconds, reason=reason, wait=self._pause)

    def worked_s(self) -> float:
        """Seconds of the clock without those in which the worker waited: only differences mean anything."""
        return self._monotonic() - self.waited_s

    def _wait(
        self, state: str, seconds: float, *, reason: str = "", wait: Callable[[float], object] | None = None
    ) -> None:
        facts = {"reason": reason} if reason else {}
        begun_s, left_s, is_over = self._monotonic(), seconds, False
        while left_s > 0 and not is_over:
            self._recorder.state(state, job=None, **facts)
            self._ownership.beat()
            is_over = bool((wait or self._wakeup.wait)(min(left_s, SLICE_S))) or self.should_stop()
            left_s -= SLICE_S
            self.adopt()
        self.waited_s += self._monotonic() - begun_s
