"""The queue: settled jobs by priority and age.

Knows priorities, age and the grace for what is not valid yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from worker.errors import JobInvalid
from worker.ports import JobReader
from worker.records import Candidate
from worker.spool_ports import Inbox

log = structlog.get_logger()


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
        self._priorities: dict[str, int | None] = {}

    def ready(self) -> list[Candidate]:
        """Look once: what may be claimed now, higher priority first, then the oldest.

        Raises:
            OSError: the share failed; wait and call again.
        """
        candidates = self._inbox.scan()
        known = self._priorities
        self._priorities = {
            candidate.fingerprint: known[candidate.fingerprint]
            if candidate.fingerprint in known
            else self._read_priority(candidate)
            for candidate in candidates
        }
        return by_urgency(candidates, self._priorities, grace_began_s=self._clock() - self._grace_s)

    def _read_priority(self, candidate: Candidate) -> int | None:
        """The job's priority, or None when it has problems."""
        try:
            return self._jobs.read(candidate.path, stem=candidate.stem).priority
        except JobInvalid as invalid:
            first = invalid.problems[0].message if invalid.problems else ""
            log.warning(
                "job.invalid", job=candidate.stem, problems=len(invalid.problems), first=first, grace_s=self._grace_s
            )
            return None


def by_urgency(
    candidates: Sequence[Candidate], priorities: dict[str, int | None], *, grace_began_s: float
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
