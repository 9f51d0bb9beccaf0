"""What waits in the inbox, as a worker will read it: how many pictures, how large, for how long, and what is wrong.

Knows no folder: a job is read by whoever is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from worker.errors import JobInvalid
from worker.overview_records import WaitingJob
from worker.problem import errors_in
from worker.records import Job, Request
from worker.translation import Text, ngettext

MOST_READ = 200
"""Jobs that are read: on a share each takes some tens of milliseconds."""

ReadJob = Callable[[str], Job]
"""By its name in the inbox. Raises JobInvalid, or OSError where the share fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits."""

    jobs: int = 0
    """That can be made."""
    pictures: int = 0
    """Of those that were read."""
    unread: int = 0
    """Jobs of which the number of pictures is not known."""
    size_bytes: float = 0.0
    """What these pictures will take in the outbox."""
    seconds: float | None = None
    """How long they will take; None where no speed is known."""
    invalid: Sequence[tuple[str, str]] = ()
    """Names of jobs that cannot be read, each with what is wrong."""
    rules: Mapping[str, int] = field(default_factory=dict)
    """How often each rule was broken, of errors and warnings."""


def waiting_in(
    jobs: Iterable[WaitingJob],
    *,
    read_job: ReadJob,
    forecast_s: Callable[[Job], float | None],
    expected_bytes: Callable[[Request], float],
) -> Waiting:
    """Read what waits, the first MOST_READ of it.

    Args:
        jobs: of an overview.
        read_job: reads one.
        forecast_s: how long it takes; None where that is not known.
        expected_bytes: what a picture takes.
    """
    names = [job.name for job in jobs if job.state in ("waiting", "invalid")]
    found: list[Job] = []
    invalid: list[tuple[str, str]] = []
    rules: Counter[str] = Counter()
    unread = max(len(names) - MOST_READ, 0)
    for name in names[:MOST_READ]:
        try:
            job = read_job(name)
        except JobInvalid as refusal:
            rules.update(problem.rule for problem in refusal.problems)
            invalid.append((name, _in_short(refusal)))
        except OSError:
            unread += 1
        else:
            rules.update(warning.rule for warning in job.warnings)
            found.append(job)
    times = [forecast_s(job) for job in found]
    known = [seconds for seconds in times if seconds is not None]
    return Waiting(
        jobs=len(found) + unread,
        pictures=sum(len(job.requests) for job in found),
        unread=unread,
        size_bytes=sum(expected_bytes(request) for job in found for request in job.requests),
        seconds=sum(known) if known and len(known) == len(times) else None,
        invalid=invalid,
        rules={rule: count for rule, count in sorted(rules.items()) if rule},
    )


def _in_short(refusal: JobInvalid) -> Text | str:
    """The first error, and how many more there are."""
    errors = errors_in(refusal.problems)
    first = errors[0].text
    if len(errors) < 2:
        return first
    return ngettext(
        "{first} (and {count} more problem)", "{first} (and {count} more problems)", len(errors) - 1, first=first
    )
