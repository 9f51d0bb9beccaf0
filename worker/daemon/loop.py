"""The daemon: the long-running loop that resumes what was left, takes the next job, and waits.

Knows which claim is worked on and when to stop. Its ports do not fail: where a share does, they wait
(`retrying_ports`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from worker.daemon.between_pictures import BetweenPictures
from worker.daemon.draining import Draining
from worker.daemon.one_job import OneJob
from worker.daemon.set_aside import SetAside
from worker.errors import ExitCode, StopAsked, WorkerError
from worker.manifest_records import JobStatus
from worker.ports import ReadyJobs
from worker.records import Claim
from worker.spool_ports import SpoolPorts

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the daemon tries."""

    attempts: int
    """At how many deaths of a worker a picture may be in work before it fails; likewise a job of which none was."""
    leftovers_s: float = 20.0
    """Seconds between two looks for claims of workers that died meanwhile."""


class Daemon:
    """Takes jobs one at a time until it is asked to stop or, draining, nothing is left."""

    def __init__(
        self,
        *,
        spool: SpoolPorts,
        queue: ReadyJobs,
        one_job: OneJob,
        aside: SetAside,
        between: BetweenPictures,
        pace: Pace,
        monotonic: Callable[[], float],
    ) -> None:
        """Keep the parts; nothing is opened or started.

        Args:
            spool: the worker's view of its folders, retrying.
            queue: tells what may be claimed now.
            one_job: works on a claim.
            aside: remembers what rests.
            between: has what waits for jobs, people and the share; what knows which jobs wait for room, and which is
                next; and what rests while the worker may not render.
            pace: how often the daemon tries.
            monotonic: seconds; times the looks for leftovers.
        """
        self._inbox = spool.inbox
        self._ownership = spool.ownership
        self._queue = queue
        self._one_job = one_job
        self._aside = aside
        self._waiting = between.waiting
        self._room = between.room
        self._turns = between.turns
        self._hours = between.hours
        self._pace = pace
        self._monotonic = monotonic
        self._should_stop = between.waiting.should_stop
        self._ends: list[JobStatus] = []
        self._resume_at_s = 0.0

    def run(self, *, drain: bool) -> ExitCode:
        """Work until asked to stop; with `drain`, until everything present is dealt with, or the hours are over.

        A job that waits for room then is given back.

        Returns:
            DONE; when draining JOBS_FAILED if a job ended other than complete, or STOPPED if asked to stop before.

        Raises:
            DeviceUnavailable, ModelInvalid, RendererDied: rendering is not possible; the job in hand was given back.
            RendererBroken: picture after picture fails alike; its job stays claimed.
        """
        try:
            with suppress(StopAsked):
                self._work_through(drain=drain)
        except WorkerError:
            self._give_back_interrupted()
            raise
        self._give_back_interrupted()
        for claim in self._room.waiting():
            self._ends.append("failed")
            self._one_job.give_back(claim)
        if self._should_stop():
            log.info("worker.stopping")
            return ExitCode.STOPPED if drain else ExitCode.DONE
        has_failed = self._waiting.refused or self._turns.not_claimed or set(self._ends) - {"complete", "proof"}
        return ExitCode.JOBS_FAILED if has_failed else ExitCode.DONE

    def _give_back_interrupted(self) -> None:
        """Whoever is free goes on with what gave way, and with what was to be next."""
        for claim in self._turns.waiting():
            self._one_job.give_back(claim)

    def _work_through(self, *, drain: bool) -> None:
        draining, resumed = Draining(self._inbox, self._queue) if drain else None, set[str]()
        while not self._should_stop():
            if self._hours.are_over():
                is_back = self._give_all_back()
                self._hours.end()
                if draining is not None:
                    self._ends += ["failed"] if is_back or draining.is_present() else []
                    return
                self._hours.rest(look=self._refuse)
                continue
            self._waiting.while_paused(until=self._hours.are_over)
            self._hours.tell()
            # once in a while too: another worker may have died
            is_due = self._waiting.share_has_failed or (not drain and self._monotonic() >= self._resume_at_s)
            if is_due and not self._turns.waiting():
                self._resume()
            if (claim := self._turns.next_claim() or self._room.next_alone()) is not None:
                self._work(claim)
                continue
            # a step that the share let down may have left a job claimed: looking for one is the last thing done
            if draining is not None and draining.is_over() and not self._waiting.share_has_failed:
                worked = self._resume()
                has_waited = draining.has_waited(is_short=bool(self._room.waiting()), now_s=self._monotonic())
                if worked <= resumed and has_waited and not self._waiting.share_has_failed:
                    self._ends += draining.left(claims=self._ownership.passed_over())
                    return
                resumed |= worked
            self._waiting.idle(reason=self._room.why())

    def _give_all_back(self) -> bool:
        """Whoever may render goes on with all that this worker has claimed; whether there was any."""
        held = {claim.id: claim for claim in (*self._turns.waiting(), *self._room.waiting())}
        held |= {claim.id: claim for claim in self._ownership.leftovers()}
        for claim in held.values():
            self._one_job.give_back(claim)
        self._turns.given_back()
        self._room.given_back()
        return bool(held)

    def _refuse(self) -> None:
        self._queue.ready()
        while (claim := self._turns.next_refused()) is not None and not self._should_stop():
            self._work(claim)

    def _resume(self) -> set[str]:
        """Go on with what a dead worker, or a step that the share let down, has left claimed: the ids of those jobs."""
        self._waiting.share_has_failed = False
        self._resume_at_s = self._monotonic() + self._pace.leftovers_s
        worked: set[str] = set()
        for claim in self._ownership.leftovers():
            if self._should_stop() or self._turns.waiting():
                self._waiting.share_has_failed = True  # the rest of them is looked for again
                break
            waits = self._turns.waits(claim.job_id) or self._room.waits(claim.job_id)
            if claim.job_id not in self._aside and not waits:
                log.info("job.resumed", job=claim.stem, id=claim.job_id, attempt=claim.attempt)
                self._work(claim)
                worked.add(claim.job_id)
        return worked

    def _work(self, claim: Claim) -> None:
        self._room.take_up(claim)
        self._turns.take_up(claim)
        self._queue.served(claim)
        status = self._one_job.work(claim)
        if status is not None:
            self._ends.append(status)
        elif self._hours.are_over():  # a drain leaves it now
            self._ends.append("failed")
