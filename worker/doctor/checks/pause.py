"""Check: whether somebody has asked all workers to wait."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.moments import day_and_hour, moment_of
from worker.translation import gettext


def check(machine: Machine) -> Iterator[Finding]:
    """A warning while the inbox holds a `PAUSE`."""
    seen = machine.overview
    if seen is None or seen.paused_by is None:
        return
    text = gettext(
        "`{file}` lies in the inbox since {moment}, so that every worker waits: take it away.",
        file=seen.paused_by,
        moment=day_and_hour(moment_of(seen.paused_since)),
    )
    yield Finding(mark="warn", what="pause", text=text)
