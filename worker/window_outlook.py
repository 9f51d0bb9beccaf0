"""What fits into the hours of a worker: how many of the pictures that wait are made by the end of a window.

Knows values, and the words for them; also when the rest is gone on with. Moments are ISO 8601, UTC, as in all records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from worker.moments import moment_of, near_hour
from worker.translation import Text, gettext, ngettext


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowOutlook:
    """Of one worker, as it was foreseen last."""

    is_on: bool
    """Whether the window is on now."""
    begins_at: str
    """The window that is on, or else the next one."""
    ends_at: str
    then_at: str
    """When the window after that begins."""
    pictures: int
    """That wait, or are left of the job in work."""
    fit: int | None = None
    """How many of them are made by `ends_at`; None where that is not known yet, as no speed is."""

    @property
    def left(self) -> int | None:
        """Pictures that are left at the end; None where that is not known."""
        return None if self.fit is None else self.pictures - self.fit


def outlook_lines(outlook: WindowOutlook, *, now: datetime, zone: tzinfo | None = None) -> Iterator[Text]:
    """Sentences for a person: when the worker renders, and what fits.

    Args:
        outlook: of a worker.
        now: aware.
        zone: of whoever reads it; None: this machine's.
    """
    begins, ends, then = (moment_of(iso) or now for iso in (outlook.begins_at, outlook.ends_at, outlook.then_at))
    ends_at = near_hour(ends, now=max(now, begins), zone=zone)
    if outlook.is_on:
        yield gettext("It may render until {ends}.", ends=ends_at)
    else:
        yield gettext(
            "It rests outside its hours; it renders from {begins} until {ends}.",
            begins=near_hour(begins, now=now, zone=zone),
            ends=ends_at,
        )
    if outlook.pictures:
        yield what_fits(outlook, ends=ends_at, then=near_hour(then, now=now, zone=zone))


def what_fits(outlook: WindowOutlook, *, ends: str, then: str) -> Text:
    """One sentence, such as `588 of 900 pictures by 07:00, the rest from 2026-11-29 22:00 on`.

    Args:
        outlook: with pictures.
        ends: the end of the window, as people say it.
        then: likewise the next beginning.
    """
    if outlook.fit is None:
        return ngettext(
            "{count} picture waits; whether it is made by {ends} is not known yet.",
            "{count} pictures wait; how many of them are made by {ends} is not known yet.",
            outlook.pictures,
            ends=ends,
        )
    if outlook.fit >= outlook.pictures:
        return ngettext(
            "The {count} picture that waits is made by {ends}.",
            "All {count} pictures that wait are made by {ends}.",
            outlook.pictures,
            ends=ends,
        )
    return gettext(
        "{fit} of {pictures} pictures by {ends}, the rest from {then} on.",
        fit=outlook.fit,
        pictures=outlook.pictures,
        ends=ends,
        then=then,
    )
