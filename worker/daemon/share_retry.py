"""Retrying on a share: a step is repeated until it is done, or until it is known whose trouble it is.

Knows what an error of the file system means: the share is away, one job is in trouble, or what was staged is lost.
`retrying_ports` does it for every call of a port.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from worker.daemon.told_once import ToldOnce
from worker.daemon.waiting import Waiting
from worker.errors import ClaimLost, JobInTrouble, StopAsked
from worker.publishing_ports import NotAsWritten, NotStaged
from worker.records import Claim
from worker.spool_ports import Share
from worker.translation import gettext

log = structlog.get_logger()

Value = TypeVar("Value")

LOST = (FileNotFoundError, NotAsWritten)
"""What is lost while the folders work cannot be found by trying the same once more: the job's run begins anew."""
TRIES = 5
"""A step of one job that fails so often, while its folders work, is that job's own trouble."""


class ShareRetry:
    """Repeats steps until they succeed."""

    def __init__(
        self,
        *,
        share: Share,
        holds: Callable[[Claim], bool],
        waiting: Waiting,
        away_s: float,
        should_stop: Callable[[], bool],
        tell_of: Callable[[Claim, str | None], None] = lambda _claim, _why: None,
    ) -> None:
        """Keep the parts.

        Args:
            share: tells whether the folders work.
            holds: whether a claim is still this worker's.
            waiting: waits.
            away_s: seconds between two tries while the share fails.
            should_stop: whether the worker is asked to stop.
            tell_of: hears why a claimed job waits, and None once it does not.
        """
        self._tell_of = tell_of
        self._share = share
        self._holds = holds
        self._waiting = waiting
        self.away_s = away_s
        self._should_stop = should_stop
        self._told = ToldOnce()

    def until_done(
        self, step: Callable[[], Value], *, claim: Claim | None = None, passes: tuple[type[OSError], ...] = ()
    ) -> Value:
        """Do a step until it succeeds.

        Args:
            step: can be repeated.
            claim: of the job that the step is about; None for a step about all of them.
            passes: errors that are handed on while the folders work.

        Raises:
            StopAsked: the worker was asked to stop while it waited.
            NotStaged: the step looked for a file that is not there.
            ClaimLost: the claim is another worker's now.
            JobInTrouble: the folders work, and the job's step fails all the same.
        """
        told = ToldOnce()
        try:
            return self._until_done(step, claim, passes, told)
        finally:
            if claim is not None and told.is_over():
                self._tell_of(claim, None)

    def leave_half_done(self, job: str, failed: OSError) -> None:
        """Go on with the others: what this step has left claimed is looked for before the next wait.

        Args:
            job: its name.
            failed: why.
        """
        log.warning("step.failed", job=job, error=str(failed), again_s=0)
        self._waiting.share_has_failed = True

    def _until_done(
        self, step: Callable[[], Value], claim: Claim | None, passes: tuple[type[OSError], ...], told: ToldOnce
    ) -> Value:
        tries = 0
        while True:
            try:
                done = step()
            except OSError as error:
                failed = error
            else:
                self._tell_that_it_is_back()
                return done
            reason = None if isinstance(failed, NotStaged) else self._fault()
            if reason is None and isinstance(failed, passes):
                raise failed
            if reason is None and claim is not None:
                self._require(claim)
                tries += 1
                if tries >= TRIES:
                    raise JobInTrouble(str(failed)) from failed
            self._tell(reason, failed, claim)
            self._tell_people(reason or str(failed), claim, told)
            self._waiting.for_share(self.away_s, reason=reason or str(failed))
            if self._should_stop():
                raise StopAsked

    def _tell_people(self, reason: str, claim: Claim | None, told: ToldOnce) -> None:
        if claim is not None and told.is_new(reason):
            self._tell_of(claim, reason)

    def _tell(self, reason: str | None, failed: OSError, claim: Claim | None) -> None:
        """One line for a share that stays away for the same reason; one for each try of a job's own trouble."""
        if claim is not None and reason is None:
            log.warning("step.failed", job=claim.stem, error=str(failed), again_s=self.away_s)
        elif self._told.is_new(reason or str(failed)):
            log.warning("share.away", error=reason or str(failed), again_s=self.away_s)

    def _tell_that_it_is_back(self) -> None:
        if self._told.is_over():
            log.info("share.back")

    def _fault(self) -> str | None:
        try:
            return self._share.fault()
        except OSError as error:
            return str(error)

    def _require(self, claim: Claim) -> None:
        try:
            is_ours = self._holds(claim)
        except OSError:
            return  # nothing is known: the step is tried again
        if not is_ours:
            raise ClaimLost(
                gettext("The claim of {job} is not there any more: it was taken over or removed.", job=claim.stem)
            )
