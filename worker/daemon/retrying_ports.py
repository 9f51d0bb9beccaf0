"""The retrying ports: inbox, queue, jobs and ownership that wait where the share fails, and go on.

Who uses them sees no failing share: a call returns once it is done, and the run of a job whose staged files are lost is
repeated as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.daemon.share_retry import ShareRetry
from worker.manifest_records import JobStatus
from worker.overview_records import RunningJob, WaitingJob
from worker.ports import JobReader, LooksOnce, RunsJobs
from worker.queued_job import QueuedJob
from worker.records import Candidate, Claim, Job
from worker.spool_ports import Inbox, Ownership, PassedOver
from worker.translation import Text


class RetryingRunner:
    """Runs jobs; no OSError, but ClaimLost, JobInTrouble or StopAsked.

    A run begins anew where staged files are lost, or where the trouble is this machine's; finished pictures are kept.
    """

    def __init__(self, runner: RunsJobs, retry: ShareRetry) -> None:
        """Wrap a runner.

        Args:
            runner: renders a job; its run is repeated as a whole.
            retry: repeats a call until the share works.
        """
        self._runner = runner
        self._retry = retry

    def run(self, claim: Claim, job: Job, refused: Mapping[str, Text]) -> JobStatus | None:
        """Render what is missing and publish; see `ports.RunsJobs`."""
        return self._retry.until_done(lambda: self._runner.run(claim, job, refused), claim=claim)


class RetryingInbox:
    """Satisfies `spool_ports.Inbox`: no OSError, but StopAsked while it waits."""

    def __init__(self, inbox: Inbox, retry: ShareRetry) -> None:
        """Wrap one.

        Args:
            inbox: looks once.
            retry: repeats a call until the share works.
        """
        self._inbox = inbox
        self._retry = retry

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox, once the share works."""
        return self._retry.until_done(self._inbox.waiting)

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs, once the share works."""
        return self._retry.until_done(self._inbox.scan)

    def held(self) -> int:
        """How many jobs wait for a person's word on their proof."""
        return self._inbox.held()

    def passed_over(self) -> Mapping[str, PassedOver]:
        """Why names are left where they lie, as of the last scan."""
        return self._inbox.passed_over()

    def tell(self, waits: Mapping[str, Text]) -> None:
        """Say why names wait; tried once."""
        self._inbox.tell(waits)

    def tell_of(self, claim: Claim, why: str | None) -> None:
        """Say why a claimed job rests or waits; tried once."""
        self._inbox.tell_of(claim, why)

    def hear(self) -> bool:
        """Tell people that they were understood; tried once."""
        return self._inbox.hear()

    def foresee(self, queue: Sequence[WaitingJob]) -> None:
        """Take down when turns come; tried once."""
        self._inbox.foresee(queue)

    def foresee_work(self, claim: Claim, job: RunningJob) -> None:
        """Say how a job in work goes; tried once."""
        self._inbox.foresee_work(claim, job)

    def is_paused(self) -> bool:
        """Whether a person has asked all workers to wait; asked once."""
        return self._inbox.is_paused()

    def cancelled_by(self, job: Claim | Candidate, *, shown: str | None = None) -> str | None:
        """Name of the file by which a person cancels this job; asked once."""
        return self._inbox.cancelled_by(job, shown=shown)


class RetryingQueue:
    """Satisfies `ports.ReadyJobs`: no OSError, but StopAsked while it waits."""

    def __init__(self, queue: LooksOnce, retry: ShareRetry) -> None:
        """Wrap one.

        Args:
            queue: looks once, and keeps what it read.
            retry: repeats a call until the share works.
        """
        self._queue = queue
        self._retry = retry

    def ready(self) -> list[Candidate]:
        """What may be claimed now; all of the look again where a part of it failed."""
        return self._retry.until_done(self._queue.ready)

    def pop_above(self, priority: int) -> Candidate | None:
        """A more urgent job, as of the last look."""
        return self._queue.pop_above(priority)

    def served(self, claim: Claim) -> None:
        """A job is worked on: its owner has had a turn."""
        self._queue.served(claim)

    def gave_way(self, jobs: Sequence[QueuedJob]) -> None:
        """They count in what is foreseen."""
        self._queue.gave_way(jobs)

    def gave_back(self, jobs: Sequence[QueuedJob]) -> None:
        """What is left of them counts, once they wait again."""
        self._queue.gave_back(jobs)

    def pop_refused(self) -> Candidate | None:
        """A job that is to be refused, as of the last look."""
        return self._queue.pop_refused()

    def given_up(self) -> frozenset[str]:
        """What can never be taken, as of the last look."""
        return self._queue.given_up()


class RetryingJobs:
    """Satisfies `ports.ClaimedJobs`: no OSError, but ClaimLost, JobInTrouble or StopAsked while it waits."""

    def __init__(self, jobs: JobReader, retry: ShareRetry) -> None:
        """Wrap a reader.

        Args:
            jobs: reads a dropped job once.
            retry: repeats a call until the share works.
        """
        self._jobs = jobs
        self._retry = retry

    def read(self, claim: Claim) -> Job:
        """The job in a claim.

        Raises:
            JobInvalid: with every problem at once.
        """
        return self._retry.until_done(lambda: self._jobs.read(claim.dropped, stem=claim.stem), claim=claim)


class RetryingOwnership:
    """Satisfies `spool_ports.Ownership`: no OSError, but StopAsked while it waits.

    What is about one claim may raise ClaimLost and JobInTrouble too.
    """

    def __init__(self, ownership: Ownership, retry: ShareRetry) -> None:
        """Wrap one.

        Args:
            ownership: does each step once.
            retry: repeats a call until the share works.
        """
        self._ownership = ownership
        self._retry = retry

    def beat(self) -> None:
        """Say that this worker lives."""
        self._ownership.beat()

    def claim(self, candidate: Candidate) -> Claim | None:
        """Make the job this worker's; what fails although the folders work is not tried again.

        Returns:
            None also where the job was moved and its claim cannot be read: `leftovers` goes on with it, or tells of it.
        """
        try:
            return self._retry.until_done(lambda: self._ownership.claim(candidate), passes=(OSError,))
        except OSError as error:
            self._retry.leave_half_done(candidate.stem, error)
            return None

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims to go on with, once the share works."""
        return self._retry.until_done(self._ownership.leftovers)

    def passed_over(self) -> int:
        """How many of this worker's claims cannot be dealt with, as of the last look."""
        return self._ownership.passed_over()

    def begin(self, claim: Claim) -> Claim:
        """Count one more attempt."""
        return self._retry.until_done(lambda: self._ownership.begin(claim), claim=claim)

    def working(self, claim: Claim, files: Sequence[str], *, has_made: bool) -> None:
        """Write down which pictures are in work."""
        self._retry.until_done(lambda: self._ownership.working(claim, files, has_made=has_made), claim=claim)

    def rest(self, claim: Claim) -> None:
        """Write down that nothing of it is in work."""
        self._retry.until_done(lambda: self._ownership.rest(claim), claim=claim)

    def prove(self, claim: Claim) -> None:
        """After a long silence, look whether the claim still stands."""
        self._retry.until_done(lambda: self._ownership.prove(claim), claim=claim)

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again; False where its name is taken there."""
        return self._retry.until_done(lambda: self._ownership.give_back(claim), claim=claim)
