"""Moments and durations as `doctor` says them."""

from __future__ import annotations

from datetime import datetime, timedelta

from worker.translation import Text, gettext


def moment(utc: str | None) -> str:
    """A moment of a record by this machine's clock, to the minute; a dash for what is none.

    Args:
        utc: ISO 8601.
    """
    try:
        found = datetime.fromisoformat(utc or "").astimezone()
    except (ValueError, OverflowError):
        return "-"
    return f"{found:%Y-%m-%d %H:%M}"


def after(seconds: float, now: datetime) -> str:
    """When it will be so many seconds later, to the minute.

    Args:
        seconds: from now.
        now: with its time zone.
    """
    return f"{now + timedelta(seconds=seconds):%Y-%m-%d %H:%M}"


def duration(seconds: float) -> Text:
    """So long, in hours and minutes.

    Args:
        seconds: at least 0.
    """
    minutes = max(round(seconds / 60), 1)
    if minutes < 60:
        return gettext("{minutes} min", minutes=minutes)
    return gettext("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02}")
