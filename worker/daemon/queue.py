"""The queue: settled jobs in fair turns, by priority, owner and age.

Knows what each job asks for, the grace for what is not valid yet, and why a job waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import structlog

from worker.daemon.fair_turns import Served, in_fair_order, why_held
from worker.daemon.given_back import GivenBack
from worker.daemon.proof import asked_now
from worker.daemon.warned import warned, with_warnings
from worker.errors import JobInvalid
from worker.overview_records import WaitingJob
from worker.ports import JobReader
from worker.problem import errors_in, warnings_in
from worker.queued_job import QueuedJob
from worker.records import Candidate, Claim, PictureKind
from worker.spool_ports import Inbox
from worker.translation import Text, gettext, ngettext

log = structlog.get_logger()

MOST_WARNED = 200
"""Waiting jobs whose warnings are told: a receipt costs a share some tenths of a second."""
MOST_HELD = 200
"""Held jobs of which that is told, for the same reason: the first ones."""
READ_AGAIN_S = 15.0
"""Between two tries to read a waiting job of which reading failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is known of a waiting job."""

    priority: int | None = None
    """None where it cannot be rendered as it is."""
    shown: str | None = None
    """The job's name, where it could be read."""
    work: Mapping[PictureKind, int] = field(default_factory=dict)
    """How many pictures of each kind it asks for."""
    why: Text | None = None
    """Why it waits, where it does not only wait for its turn."""
    warned: Text | None = None
    """Its warnings, where it has any."""
    again_s: float | None = None
    """When to try again, where reading it failed: until then it is not taken."""


class JobQueue:
    """Orders what waits; remembers what it read, so that a waiting job is read once and not at every scan."""

    def __init__(
        self,
        inbox: Inbox,
        jobs: JobReader,
        *,
        grace_s: float,
        clock: Callable[[], float],
        quota: int | None = None,
        droppers: Callable[[], Mapping[str, str | None]] = dict,
        told: Callable[[Sequence[QueuedJob]], Sequence[WaitingJob]] = lambda _: (),
    ) -> None:
        """Keep the parts.

        Args:
            inbox: where jobs wait.
            jobs: reads what a person dropped.
            grace_s: seconds an invalid job may stay unchanged before it is taken, to be refused.
            clock: the one that candidates' times are of.
            quota: pictures that one owner may have waiting before more is held; None for any number.
            droppers: tells who dropped each job that any worker has claimed now, by job id; may raise OSError.
            told: hears in which order jobs would be taken now, whenever that is looked at; says when turns come.
        """
        self._inbox = inbox
        self._jobs = jobs
        self._grace_s = grace_s
        self._clock = clock
        self._readings: dict[tuple[str, str], Reading] = {}
        """By name in the inbox and fingerprint: of two jobs with the same text each has its own name."""
        self._cancelled: list[tuple[Candidate, str | None]] = []
        self._urgent: list[tuple[int, Candidate]] = []
        """What may be claimed, is valid and not cancelled, with its priority; the most urgent first."""
        self._refused: list[Candidate] = []
        """What is cancelled, and what is invalid and has had its grace."""
        self._unread_since_s: dict[str, float] = {}
        """Since when reading fails, by name in the inbox."""
        self._quota = quota
        self._told = told
        self._served = Served()
        self._order: list[QueuedJob] = []
        self._gave_way: list[QueuedJob] = []
        self._given_back = GivenBack()
        self._droppers = droppers
        self._counted: set[str] = set()
        """Ids of claimed jobs by which their owners have had a turn."""

    def take(self, *, grace_s: float, quota: int | None) -> None:
        """From now on go by these, and read all that waits anew; both as in the constructor.

        Args:
            grace_s: seconds.
            quota: pictures.
        """
        self._grace_s, self._quota, self._readings = grace_s, quota, {}

    def ready(self) -> list[Candidate]:
        """Look once: what may be claimed now, by falling priority, owners by turns; first what makes no picture.

        That is what a person cancels, and what is to be refused: neither waits for its turn behind a long night.

        Raises:
            OSError: the share failed; wait and call again.
        """
        candidates, now_s, known = self._inbox.scan(), self._clock(), self._readings
        self._readings = {}
        self._given_back.seen(one.path.name for one in candidates)
        for one in candidates:
            reading = known.get((one.path.name, one.fingerprint))
            if reading is None or (reading.again_s is not None and reading.again_s <= now_s):
                reading = self._read(one, reading, now_s=now_s)
            self._readings[one.path.name, one.fingerprint] = reading
        cancels = {one.path.name: cancel for one in candidates if (cancel := self._cancelled_by(one)) is not None}
        readable = [one for one in candidates if self._reading(one).again_s is None]
        self._cancelled = [(one, self._reading(one).shown) for one in readable if one.path.name in cancels]
        due = {one.path.name: one for one in readable if self._is_due(one, now_s=now_s)}
        asked = {name: one for name, one in due.items() if name not in cancels}
        refused = [one for one in asked.values() if self._reading(one).priority is None]
        queued = [self._queued(one) for one in asked.values() if self._reading(one).priority is not None]
        self._count_others({job.dropped_by for job in queued})
        self._order = in_fair_order(queued, self._served, quota=self._quota)
        if not any(job.is_held for job in self._order):
            self._served = replace(self._served, passed=0)
        waiting = {job.name: job for job in self._order}
        self._urgent = [(job.priority, due[name]) for name, job in waiting.items() if not job.is_held]
        self._inbox.foresee([one for one in self._told(self._line()) if one.name in waiting])
        self._inbox.tell(self._waits(candidates, cancels, now_s=now_s))
        self._refused = [*(one for one, _ in self._cancelled), *refused]
        return [*self._refused, *(due[job.name] for job in self._order)]

    def pop_above(self, priority: int) -> Candidate | None:
        """A job of a higher priority that may be claimed, as of the last look; each is given once a look.

        Args:
            priority: of the job that would give way.
        """
        higher = next((one for one in self._urgent if one[0] > priority), None)
        if higher is None:
            return None
        self._urgent.remove(higher)
        return higher[1]

    def served(self, claim: Claim) -> None:
        """A job is worked on: its owner has had a turn.

        Args:
            claim: of the job.
        """
        job = next((job for job in self._order if job.name == claim.dropped.name), None)
        pictures, is_held = (job.pictures, job.is_held) if job is not None else (0, False)
        if claim.job_id not in self._counted:  # one that gave way, or rested, has had its turn
            self._served = self._served.after(claim.dropped_by, pictures=pictures, is_held=is_held)
        self._counted.add(claim.job_id)
        self._given_back.taken(claim.dropped.name)
        if job is not None:
            self._order = [one for one in self._order if one is not job]
        self._told(self._line())

    def gave_way(self, jobs: Sequence[QueuedJob]) -> None:
        """Claimed jobs that gave way and are gone on with later: they count in what is foreseen.

        Args:
            jobs: all of them, each with what is left of it.
        """
        self._gave_way = [*jobs]

    def gave_back(self, jobs: Sequence[QueuedJob]) -> None:
        """Jobs of this worker lie in the inbox again.

        Args:
            jobs: each with what is left of it.
        """
        for job in jobs:
            self._given_back.add(job)

    def cancelled(self) -> list[tuple[Candidate, str | None]]:
        """Jobs that a person cancels while they wait, each with its shown name where known; as of the last look."""
        return self._cancelled

    def pop_refused(self) -> Candidate | None:
        """A job that makes no picture: it is cancelled, or invalid and has had its grace; each is given once a look."""
        return self._refused.pop(0) if self._refused else None

    def given_up(self) -> frozenset[str]:
        """Names in the inbox that can never be taken as they are: by their nature, or for the whole grace by now."""
        now_s = self._clock()
        passed_over = self._inbox.passed_over().items()
        left = {name for name, one in passed_over if one.is_final or now_s - one.since_s >= self._grace_s}
        return frozenset(
            left | {name for name, since_s in self._unread_since_s.items() if now_s - since_s >= self._grace_s}
        )

    def _line(self) -> list[QueuedJob]:
        """All that is to be worked on after the job in work: what gave way before all others of its priority."""
        line = [*self._order]
        for job in self._gave_way:
            after = (number for number, one in enumerate(line) if one.priority <= job.priority)
            line.insert(next(after, len(line)), job)
        return line

    def _count_others(self, owners: set[str | None]) -> None:
        """What other workers have taken since the last look was its owner's turn, too."""
        if len(owners) < 2:
            return
        claimed = self._droppers()
        for job_id in claimed.keys() - self._counted:
            self._served = self._served.after(claimed[job_id])
        self._counted = set(claimed)

    def _is_due(self, candidate: Candidate, *, now_s: float) -> bool:
        """Whether it is valid, or has lain unchanged for the whole grace: then it is taken, to be refused."""
        return self._reading(candidate).priority is not None or candidate.since_s <= now_s - self._grace_s

    def _queued(self, candidate: Candidate) -> QueuedJob:
        reading = self._reading(candidate)
        return QueuedJob(
            name=candidate.path.name,
            work=self._given_back.left(candidate.path.name, reading.work),
            priority=reading.priority or 0,
            dropped_by=candidate.dropped_by,
        )

    def _reading(self, candidate: Candidate) -> Reading:
        return self._readings[candidate.path.name, candidate.fingerprint]

    def _cancelled_by(self, candidate: Candidate) -> str | None:
        return self._inbox.cancelled_by(candidate, shown=self._reading(candidate).shown)

    def _waits(self, candidates: Sequence[Candidate], cancels: Mapping[str, str], *, now_s: float) -> dict[str, Text]:
        """Why jobs wait, by name, of those that do not only wait for their turn; and the warnings of the others."""
        warned = ((one.path.name, self._reading(one).warned) for one in candidates)
        why = dict(islice(((name, text) for name, text in warned if text is not None), MOST_WARNED))
        held = [job for job in self._order if job.is_held][:MOST_HELD]
        why |= {job.name: why_held(job, why.get(job.name), quota=self._quota or 0) for job in held}
        unread = {}
        for one in candidates:
            reading = self._reading(one)
            if reading.why is not None:
                why[one.path.name] = reading.why
            if reading.again_s is not None:
                unread[one.path.name] = self._unread_since_s.get(one.path.name, now_s)
        self._unread_since_s = unread
        for name, cancel in cancels.items():
            why[name] = gettext("{file} cancels it: it ends as cancelled after the picture in work", file=cancel)
        return why

    def _read(self, candidate: Candidate, known: Reading | None, *, now_s: float) -> Reading:
        """The job as it reads now."""
        try:
            job = self._jobs.read(candidate.path, stem=candidate.stem)
        except JobInvalid as invalid:
            return self._invalid(candidate, invalid)
        except OSError as error:
            if known is None and isinstance(error, FileNotFoundError):
                return Reading(again_s=now_s)  # another worker took it since the look: then it is not seen again
            why = gettext(
                "it cannot be read ({why}): close the program that has it open, or check its owner and rights",
                why=error.strerror or str(error),
            )
            if known is None or known.why != why:
                log.warning("job.unread", job=candidate.stem, error=str(error), again_s=READ_AGAIN_S)
            return Reading(why=why, again_s=now_s + READ_AGAIN_S)
        except Exception as error:  # whatever one job does to its reader keeps no other from being done
            log.exception("job.unread", job=candidate.stem, error=str(error), again_s=None)
            return Reading(why=gettext("reading it failed ({error}); it is taken all the same", error=str(error)))
        job = asked_now(job, is_approved=candidate.is_approved)
        kept = min(candidate.kept, len(job.requests) - 1)  # of kinds that differ it is not known which
        work = Counter(request.kind for request in job.requests[kept:])
        return Reading(priority=job.priority, shown=job.name, work=work, warned=warned(job.warnings))

    def _invalid(self, candidate: Candidate, invalid: JobInvalid) -> Reading:
        count = len(errors_in(invalid.problems))
        first = invalid.problems[0].text if invalid.problems else gettext("it cannot be read")
        log.warning(
            "job.invalid", job=candidate.stem, problems=count, grace_s=self._grace_s,
            first=invalid.problems[0].message if invalid.problems else "",
        )  # fmt: skip
        why = ngettext(
            "{count} problem: {first}\nIt is refused once it has lain unchanged for {grace} s: mend it before.",
            "{count} problems, first: {first}\nIt is refused once it has lain unchanged for {grace} s: mend it before.",
            count, first=first, grace=f"{self._grace_s:g}",
        )  # fmt: skip
        return Reading(why=with_warnings(why, warnings_in(invalid.problems)))
