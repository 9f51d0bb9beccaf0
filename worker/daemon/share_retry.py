"""Retrying on a share: inbox, ownership and publishing that wait where the share fails, and go on.

Knows what an error of the file system means: the share is away, or one job is in trouble. Who uses these ports sees
neither; a call returns once it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from worker.daemon.queue import JobQueue
from worker.daemon.waiting import Waiting
from worker.errors import ClaimLost, JobInTrouble, StopAsked
from worker.ports import JobReader
from worker.records import Candidate, Claim, Job, JobStatus, StagedFile
from worker.spool_ports import Inbox, Ownership, Publishing, Share, Staging
from worker.translation import gettext

log = structlog.get_logger()

Value = TypeVar("Value")

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
    ) -> None:
        """Keep the parts.

        Args:
            share: tells whether the folders work.
            holds: whether a claim is still this worker's.
            waiting: waits.
            away_s: seconds between two tries while the share fails.
            should_stop: whether the worker is asked to stop.
        """
        self._share = share
        self._holds = holds
        self._waiting = waiting
        self._away_s = away_s
        self._should_stop = should_stop

    def until_done(self, step: Callable[[], Value], *, claim: Claim | None = None) -> Value:
        """Do a step until it succeeds.

        Args:
            step: can be repeated.
            claim: of the job that the step is about; None for a step about all of them.

        Raises:
            StopAsked: the worker was asked to stop while it waited.
            ClaimLost: the claim is another worker's now.
            JobInTrouble: the folders work, and the job's step fails all the same.
        """
        tries = 0
        while True:
            try:
                return step()
            except OSError as error:
                failed = error
            reason = self._fault()
            if reason is None and claim is not None:
                self._require(claim)
                tries += 1
                if tries >= TRIES:
                    raise JobInTrouble(str(failed)) from failed
            log.warning("share.away", error=reason or str(failed), again_s=self._away_s)
            self._waiting.for_share(self._away_s, reason=reason or str(failed))
            if self._should_stop():
                raise StopAsked

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
            raise ClaimLost(gettext("The claim of {job} is not there any more.", job=claim.stem))


class RetryingInbox:
    """Satisfies `spool_ports.Inbox`: no OSError, but StopAsked while it waits."""

    def __init__(self, inbox: Inbox, retry: ShareRetry) -> None:
        """Wrap one."""
        self._inbox = inbox
        self._retry = retry

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox, once the share works."""
        return self._retry.until_done(self._inbox.waiting)

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs, once the share works."""
        return self._retry.until_done(self._inbox.scan)

    def is_paused(self) -> bool:
        """Whether a person has asked all workers to wait; asked once."""
        return self._inbox.is_paused()

    def cancelled_by(self, claim: Claim) -> str | None:
        """Name of the file by which a person cancels this job; asked once."""
        return self._inbox.cancelled_by(claim)


class RetryingQueue:
    """Satisfies `ports.ReadyJobs`: no OSError, but StopAsked while it waits."""

    def __init__(self, backlog: JobQueue, retry: ShareRetry) -> None:
        """Wrap one."""
        self._backlog = backlog
        self._retry = retry

    def ready(self) -> list[Candidate]:
        """What may be claimed now; all of the look again where a part of it failed."""
        return self._retry.until_done(self._backlog.ready)


class RetryingJobs:
    """Satisfies `ports.ClaimedJobs`: no OSError, but ClaimLost, JobInTrouble or StopAsked while it waits."""

    def __init__(self, jobs: JobReader, retry: ShareRetry) -> None:
        """Wrap a reader."""
        self._jobs = jobs
        self._retry = retry

    def read(self, claim: Claim) -> Job:
        """The job in a claim.

        Raises:
            JobInvalid: with every problem at once.
        """
        return self._retry.until_done(lambda: self._jobs.read(claim.dropped, stem=claim.stem), claim=claim)


class RetryingOwnership:
    """Satisfies `spool_ports.Ownership`: no OSError but from `holds`; StopAsked while it waits.

    What is about one claim may raise ClaimLost and JobInTrouble too.
    """

    def __init__(self, ownership: Ownership, retry: ShareRetry) -> None:
        """Wrap one."""
        self._ownership = ownership
        self._retry = retry

    def lock(self) -> AbstractContextManager[None]:
        """As the ownership has it: who cannot begin has nothing to retry."""
        return self._ownership.lock()

    def beat(self) -> None:
        """Say that this worker lives."""
        self._ownership.beat()

    def claim(self, candidate: Candidate) -> Claim | None:
        """Make the job this worker's; one that a failing share left half-claimed is found by `leftovers`."""
        return self._retry.until_done(lambda: self._ownership.claim(candidate))

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims to go on with, once the share works."""
        return self._retry.until_done(self._ownership.leftovers)

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this worker's."""
        return self._ownership.holds(claim)

    def begin(self, claim: Claim) -> Claim:
        """Count one more attempt."""
        return self._retry.until_done(lambda: self._ownership.begin(claim), claim=claim)

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again; False where its name is taken there."""
        return self._retry.until_done(lambda: self._ownership.give_back(claim), claim=claim)


class RetryingStaging:
    """Satisfies `spool_ports.Staging`: no OSError but FileNotFoundError from reading.

    While it waits for the share, ClaimLost, JobInTrouble and StopAsked may come in its place.
    """

    def __init__(self, staging: Staging, retry: ShareRetry, *, claim: Claim) -> None:
        """Wrap one.

        Args:
            staging: writes once.
            retry: repeats.
            claim: whose folder it is.
        """
        self.once = staging
        self._until_done = partial(retry.until_done, claim=claim)

    @property
    def path(self) -> Path:
        """The folder."""
        return self.once.path

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 by name of everything written."""
        return self.once.hashes

    def write(self, file: StagedFile) -> None:
        """Write whole."""
        self._until_done(lambda: self.once.write(file))

    def copy(self, name: str, pieces: Callable[[], Iterable[bytes]]) -> None:
        """Write whole, a piece at a time; the pieces are made anew for each try."""
        self._until_done(lambda: self.once.copy(name, pieces))

    def read(self, name: str) -> bytes:
        """The bytes of a staged file."""
        data = self._until_done(lambda: _if_there(self.once.read, name))
        if data is None:
            raise FileNotFoundError(name)
        return data

    def read_hash(self, name: str) -> str:
        """SHA-256 of a staged file, hex."""
        found = self._until_done(lambda: _if_there(self.once.read_hash, name))
        if found is None:
            raise FileNotFoundError(name)
        return found

    def earlier(self, name: str) -> bytes | None:
        """The bytes of that file in a former claim's folder."""
        return self._until_done(lambda: self.once.earlier(name))


def _if_there(read: Callable[[str], Value], name: str) -> Value | None:
    try:
        return read(name)
    except FileNotFoundError:
        return None


class RetryingPublishing:
    """Satisfies `spool_ports.Publishing`: no OSError, but ClaimLost, JobInTrouble or StopAsked while it waits."""

    def __init__(self, publishing: Publishing, retry: ShareRetry) -> None:
        """Wrap one."""
        self._publishing = publishing
        self._retry = retry

    def stage(self, claim: Claim, *, name: str) -> RetryingStaging:
        """The claim's folder, whose every write waits for the share too."""
        staging = self._retry.until_done(lambda: self._publishing.stage(claim, name=name), claim=claim)
        return RetryingStaging(staging, self._retry, claim=claim)

    def publish(self, claim: Claim, staging: Staging, *, name: str) -> Path:
        """All of it again where one step of it failed."""
        once = _once(staging)
        return self._retry.until_done(lambda: self._publishing.publish(claim, once, name=name), claim=claim)

    def fail(self, claim: Claim, files: tuple[StagedFile, ...], *, name: str, staging: Staging | None) -> Path:
        """Into `failed/`, likewise."""
        once = None if staging is None else _once(staging)
        return self._retry.until_done(lambda: self._publishing.fail(claim, files, name=name, staging=once), claim=claim)

    def ended(self, claim: Claim) -> JobStatus | None:
        """How a job ended that had appeared."""
        return self._retry.until_done(lambda: self._publishing.ended(claim), claim=claim)


def _once(staging: Staging) -> Staging:
    return staging.once if isinstance(staging, RetryingStaging) else staging
