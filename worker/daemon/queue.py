"""The queue: settled jobs by priority and age.

Knows priorities, age, the grace for what is not valid yet, and why a job waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import structlog

from worker.daemon.warned import warned, with_warnings
from worker.errors import JobInvalid
from worker.overview_records import WaitingJob
from worker.ports import JobReader
from worker.problem import errors_in, warnings_in
from worker.records import Candidate
from worker.spool_ports import Inbox
from worker.translation import Text, gettext, ngettext

log = structlog.get_logger()

MOST_WARNED = 200
"""Waiting jobs whose warnings are told: a receipt costs a share some tenths of a second."""
READ_AGAIN_S = 15.0
"""Between two tries to read a waiting job of which reading failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is known of a waiting job."""

    priority: int | None = None
    """None where it cannot be rendered as it is."""
    shown: str | None = None
    """The job's name, where it could be read."""
    pictures: int | None = None
    """How many it asks for."""
    why: Text | None = None
    """Why it waits, where it does not only wait for its turn."""
    warned: Text | None = None
    """Its warnings, where it has any."""
    again_s: float | None = None
    """When to try again, where reading it failed: until then it is not taken."""


class JobQueue:
    """Orders what waits; remembers what it read, so that a waiting job is read once and not at every scan."""

    def __init__(self, inbox: Inbox, jobs: JobReader, *, grace_s: float, clock: Callable[[], float]) -> None:
        """Keep the parts.

        Args:
            inbox: where jobs wait.
            jobs: reads what a person dropped.
            grace_s: seconds an invalid job may stay unchanged before it is taken, to be refused.
            clock: the one that candidates' times are of.
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
        self._unread_since_s: dict[str, float] = {}
        """Since when reading fails, by name in the inbox."""

    def ready(self) -> list[Candidate]:
        """Look once: what may be claimed now; cancelled jobs first, then by falling priority, then the oldest.

        Raises:
            OSError: the share failed; wait and call again.
        """
        candidates, now_s, known = self._inbox.scan(), self._clock(), self._readings
        self._readings = {}
        for one in candidates:
            reading = known.get((one.path.name, one.fingerprint))
            if reading is None or (reading.again_s is not None and reading.again_s <= now_s):
                reading = self._read(one, reading, now_s=now_s)
            self._readings[one.path.name, one.fingerprint] = reading
        cancels = {one.path.name: cancel for one in candidates if (cancel := self._cancelled_by(one)) is not None}
        readable = [one for one in candidates if self._reading(one).again_s is None]
        priorities = {fingerprint: reading.priority for (_, fingerprint), reading in self._readings.items()}
        urgent = by_urgency(readable, priorities, grace_began_s=now_s - self._grace_s)
        self._inbox.foresee(self._line(one for one in urgent if one.path.name not in cancels))
        self._inbox.tell(self._waits(candidates, cancels, now_s=now_s))
        self._cancelled = [(one, self._reading(one).shown) for one in readable if one.path.name in cancels]
        if cancels:
            urgent = [one for one in urgent if one.path.name not in cancels]
        read = ((self._reading(one).priority, one) for one in urgent)
        self._urgent = [(priority, one) for priority, one in read if priority is not None]
        return [*(one for one, _ in self._cancelled), *urgent]

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

    def cancelled(self) -> list[tuple[Candidate, str | None]]:
        """Jobs that a person cancels while they wait, each with its shown name where known; as of the last look."""
        return self._cancelled

    def given_up(self) -> frozenset[str]:
        """Names in the inbox that can never be taken as they are: by their nature, or for the whole grace by now."""
        now_s = self._clock()
        passed_over = self._inbox.passed_over().items()
        left = {name for name, one in passed_over if one.is_final or now_s - one.since_s >= self._grace_s}
        return frozenset(
            left | {name for name, since_s in self._unread_since_s.items() if now_s - since_s >= self._grace_s}
        )

    def _reading(self, candidate: Candidate) -> Reading:
        return self._readings[candidate.path.name, candidate.fingerprint]

    def _cancelled_by(self, candidate: Candidate) -> str | None:
        return self._inbox.cancelled_by(candidate, shown=self._reading(candidate).shown)

    def _waits(self, candidates: Sequence[Candidate], cancels: Mapping[str, str], *, now_s: float) -> dict[str, Text]:
        """Why jobs wait, by name, of those that do not only wait for their turn; and the warnings of the others."""
        warned = ((one.path.name, self._reading(one).warned) for one in candidates)
        why = dict(islice(((name, text) for name, text in warned if text is not None), MOST_WARNED))
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

    def _line(self, urgent: Iterable[Candidate]) -> list[WaitingJob]:
        """The first of what waits for its turn alone, by number; when it comes is foreseen elsewhere."""
        valid = (one for one in urgent if self._reading(one).priority is not None)
        return [
            WaitingJob(name=one.path.name, state="waiting", position=number, pictures=self._reading(one).pictures)
            for number, one in enumerate(islice(valid, MOST_WARNED), 1)
        ]

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
        return Reading(priority=job.priority, shown=job.name, pictures=len(job.requests), warned=warned(job.warnings))

    def _invalid(self, candidate: Candidate, invalid: JobInvalid) -> Reading:
        count = len(errors_in(invalid.problems))
        first = invalid.problems[0].text if invalid.problems else gettext("it cannot be read")
        log.warning(
            "job.invalid",
            job=candidate.stem,
            problems=count,
            first=invalid.problems[0].message if invalid.problems else "",
            grace_s=self._grace_s,
        )
        why = ngettext(
            "{count} problem: {first}\nIt is refused once it has lain unchanged for {grace} s: mend it before.",
            "{count} problems, first: {first}\nIt is refused once it has lain unchanged for {grace} s: mend it before.",
            count,
            first=first,
            grace=f"{self._grace_s:g}",
        )
        return Reading(why=with_warnings(why, warnings_in(invalid.problems)))


def by_urgency(
    candidates: Iterable[Candidate], priorities: Mapping[str, int | None], *, grace_began_s: float
) -> list[Candidate]:
    """Valid jobs by falling priority, and invalid ones (priority None, taken as 0) once their grace is over.

    Args:
        candidates: oldest first.
        priorities: by fingerprint.
        grace_began_s: when a grace that is over now began, by the clock of `since_s`: an invalid job that has not
            changed since is taken.
    """
    ready = [
        candidate
        for candidate in candidates
        if priorities[candidate.fingerprint] is not None or candidate.since_s <= grace_began_s
    ]
    return sorted(ready, key=lambda candidate: -(priorities[candidate.fingerprint] or 0))
