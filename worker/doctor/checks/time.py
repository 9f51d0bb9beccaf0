"""Check: how long the pictures that wait will take."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.moments import day_and_hour, later
from worker.progress_words import rough_duration
from worker.translation import gettext

NIGHT_S = 14 * 3600.0
"""From 18:00 to 08:00."""


def check(machine: Machine) -> Iterator[Finding]:
    """A line where pictures wait; a warning where they are more than a night's work."""
    if machine.overview is None or not machine.waiting.pictures:
        return
    seconds = machine.waiting.seconds
    if seconds is None:
        text = gettext("how long the pictures take that wait is not known: no speed has been recorded here yet.")
        yield Finding(mark="ok", what="time", text=text)
        return
    text = gettext(
        "about {duration} for all pictures that wait: begun now and by one worker, done at {moment}.",
        duration=rough_duration(seconds),
        moment=day_and_hour(later(machine.now(), seconds)),
    )
    yield Finding(mark="warn" if seconds > NIGHT_S else "ok", what="time", text=text)
