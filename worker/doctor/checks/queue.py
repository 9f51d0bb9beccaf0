"""Check: what waits, and what of it will not be made as it lies there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.doctor.check import Finding, Machine
from worker.overview_records import RunningJob
from worker.translation import Text, gettext, ngettext

MOST_NAMED = 5
"""Names of a kind that are told one by one."""


def check(machine: Machine) -> Iterator[Finding]:
    """A line for what can be made; a warning for each job that cannot, and for names that are no job's."""
    seen = machine.overview
    if seen is None:
        return
    waiting = machine.waiting
    if waiting.jobs:
        pictures = ngettext("{count} picture", "{count} pictures", waiting.pictures)
        text = ngettext(
            "{count} job waits: {pictures}.", "{count} jobs wait: {pictures}.", waiting.jobs, pictures=pictures
        )
        if waiting.unread:
            text = ngettext(
                "{text} {count} of them was not read here.",
                "{text} {count} of them were not read here.",
                waiting.unread,
                text=text,
            )
        yield Finding(mark="ok", what="queue", text=text)
    elif not (waiting.invalid or seen.running):
        yield Finding(mark="ok", what="queue", text=gettext("no job waits."))
    yield from (Finding(mark="ok", what="queue", text=_begun(job)) for job in seen.running)
    yield from _each(
        [gettext("`{name}` cannot be made as it is: {why}", name=name, why=why) for name, why in waiting.invalid]
    )
    yield from _each(
        [
            gettext("`{name}` is held back: {why}", name=job.name, why=job.reason)
            for job in seen.waiting
            if job.state in ("resting", "held")
        ]
    )
    yield from _each([gettext("`{name}`: {why}", name=name, why=why) for name, why in seen.ignored])


def _begun(job: RunningJob) -> Text:
    return gettext(
        "`{name}` is begun: {made} of {pictures} pictures are made.",
        name=job.name, made=job.made, pictures=job.pictures,
    )  # fmt: skip


def _each(texts: Sequence[Text]) -> Iterator[Finding]:
    for text in texts[:MOST_NAMED]:
        yield Finding(mark="warn", what="queue", text=text)
    if len(texts) > MOST_NAMED:
        more = ngettext(
            "and {count} more of that kind: see `zimage-worker status`.",
            "and {count} more of that kind: see `zimage-worker status`.",
            len(texts) - MOST_NAMED,
        )
        yield Finding(mark="warn", what="queue", text=more)
