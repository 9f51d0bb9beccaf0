"""What an error of the file system means: the share is away, or one job is in trouble.

Knows how often a job may fail while its folders work, and how to wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from worker.errors import ClaimLost
from worker.ports import Recorder, Spool, Wakeup
from worker.records import Claim

log = structlog.get_logger()

Value = TypeVar("Value")

TRIES = 5
"""A step of one job that fails so often, while its folders work, is that job's own trouble."""


class StopAsked(Exception):
    """Raised while the worker waits for a share and is asked to stop; the claim in hand stands."""


class JobInTrouble(Exception):
    """Raised when a step of one job keeps failing although its folders work; the others go on without it."""


class Patience:
    """Waits: for a share that is away, for a person who asked for a pause, for the next look."""

    def __init__(
        self,
        *,
        spool: Spool,
        recorder: Recorder,
        wakeup: Wakeup,
        scan_s: float,
        away_s: float,
        should_stop: Callable[[], bool],
    ) -> None:
        """Keep the parts.

        Args:
            spool: tells whether the folders work; hears that this worker lives.
            recorder: takes down why the worker waits.
            wakeup: waits.
            scan_s: seconds between two looks into the inbox.
            away_s: seconds between two tries while the share fails.
            should_stop: whether the worker is asked to stop.
        """
        self._spool = spool
        self._recorder = recorder
        self._wakeup = wakeup
        self._scan_s = scan_s
        self._away_s = away_s
        self._should_stop = should_stop
        self.was_let_down = True
        """The share failed since somebody last set this to False: what is half-done must be taken up again."""

    def idle(self) -> None:
        """Wait for the next look into the inbox."""
        self._wait("idle", self._scan_s)

    def wait_while_paused(self) -> None:
        """Return once no person asks the workers to wait, or this one to stop."""
        while self._spool.is_paused() and not self._should_stop():
            self._wait("paused", self._scan_s, reason="PAUSE lies in the inbox: remove it to go on")

    def _wait(self, state: str, seconds: float, *, reason: str = "") -> None:
        facts = {"reason": reason} if reason else {}
        self._recorder.state(state, job=None, **facts)
        self._spool.beat()
        self._wakeup.wait(seconds)

    def see_through(self, act: Callable[[], Value], *, claim: Claim | None = None) -> Value:
        """Do a step until it succeeds.

        Args:
            act: can be repeated.
            claim: of the job that the step is about; None for a step about all of them.

        Raises:
            StopAsked: the worker was asked to stop while it waited.
            ClaimLost: the claim is another worker's now.
            JobInTrouble: the folders work, and the job's step fails all the same.
        """
        tries = 0
        while True:
            try:
                return act()
            except OSError as error:
                failed = error
            reason = self._fault()
            if reason is None and claim is not None:
                self._require(claim)
                tries += 1
                if tries >= TRIES:
                    raise JobInTrouble(str(failed)) from failed
            self.was_let_down = True
            log.warning("share.away", error=reason or str(failed), again_s=self._away_s)
            self._wait("paused", self._away_s, reason=reason or str(failed))
            if self._should_stop():
                raise StopAsked

    def _fault(self) -> str | None:
        try:
            return self._spool.fault()
        except OSError as error:
            return str(error)

    def _require(self, claim: Claim) -> None:
        try:
            is_ours = self._spool.holds(claim)
        except OSError:
            return  # nothing is known: the step is tried again
        if not is_ours:
            raise ClaimLost(f"The claim of {claim.stem} is not there any more.")
