"""Check: what became of the jobs of the last day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from worker.doctor.check import Finding, Machine
from worker.moments import moment_of
from worker.overview_records import EndedJob
from worker.translation import enumerated, gettext, ngettext

DAY = timedelta(days=1)
MOST_NAMED = 3


def check(machine: Machine) -> Iterator[Finding]:
    """A line where jobs ended; a warning that names those of which pictures are missing."""
    seen = machine.overview
    if seen is None:
        return
    ended = [job for job in seen.ended if _is_of_last_day(job, machine.now())]
    if whole := sum(job.state == "complete" for job in ended):
        text = ngettext(
            "{count} job was finished since yesterday.", "{count} jobs were finished since yesterday.", whole
        )
        yield Finding(mark="ok", what="results", text=text)
    if partial := [job for job in ended if job.state == "partial"]:
        text = gettext("pictures are missing of {jobs}: see the page in each folder.", jobs=_names(partial))
        yield Finding(mark="warn", what="results", text=text)
    if failed := [job for job in ended if job.state in ("failed", "refused")]:
        text = gettext("nothing was made of {jobs}: see error.txt in each folder.", jobs=_names(failed))
        yield Finding(mark="warn", what="results", text=text)


def _names(jobs: Sequence[EndedJob]) -> str:
    named = [f"`{job.name}`" for job in jobs]
    if len(named) <= MOST_NAMED:
        return enumerated(named)
    return gettext("{names} and {count} more", names=enumerated(named[:MOST_NAMED]), count=len(named) - MOST_NAMED)


def _is_of_last_day(job: EndedJob, now: datetime) -> bool:
    ended = moment_of(job.ended_at)
    return ended is not None and now - ended <= DAY
