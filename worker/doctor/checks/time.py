"""Check: how long the pictures that wait will take, and how many of them are made in the worker's next hours."""

from __future__ import annotations

from collections.abc import Iterator

from worker.clocks import utc_text
from worker.doctor.check import Finding, Machine
from worker.hours import Hours
from worker.moments import day_and_hour, later, moment_of
from worker.progress_words import rough_duration
from worker.translation import gettext, sentences
from worker.window_outlook import WindowOutlook, what_fits

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
    hours = machine.settings.working_hours
    if hours is not None:
        yield _in_hours(machine, hours, seconds)
        return
    text = gettext(
        "about {duration} for all pictures that wait: begun now and by one worker, done at {moment}.",
        duration=rough_duration(seconds),
        moment=day_and_hour(later(machine.now(), seconds)),
    )
    yield Finding(mark="warn" if seconds > NIGHT_S else "ok", what="time", text=text)


def _in_hours(machine: Machine, hours: Hours, seconds: float) -> Finding:
    """What of it one worker makes in the hours that are on, or come next: a warning where some is left."""
    now_s, pictures = machine.now().timestamp(), machine.waiting.pictures
    coming = hours.windows_from(now_s)
    window, then = next(coming), next(coming)
    begins, ends, goes_on = (
        day_and_hour(moment_of(utc_text(moment_s))) for moment_s in (window.begins_s, window.ends_s, then.begins_s)
    )
    room_s = window.ends_s - max(now_s, window.begins_s)
    outlook = WindowOutlook(
        is_on=window.begins_s <= now_s, begins_at=begins, ends_at=ends, then_at=goes_on, pictures=pictures,
        fit=pictures if seconds <= room_s else int(pictures * room_s / seconds),
    )  # fmt: skip
    took = gettext(
        "about {duration} of work for all pictures that wait, in hours from {begins} until {ends}.",
        duration=rough_duration(seconds),
        begins=begins,
        ends=ends,
    )
    text = sentences([took, what_fits(outlook, ends=ends, then=goes_on)])
    return Finding(mark="warn" if seconds > room_s else "ok", what="time", text=text)
