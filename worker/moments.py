"""Moments as people read them, to the minute, in this machine's zone unless another is given.

Knows how moments are spelt in records, also in those that anybody may have written. A pure function of values, but for
that zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

NEAR = timedelta(hours=18)
"""Within so long the hour alone tells which day is meant: the night that is, not the next."""
FIRST_YEAR, LAST_YEAR = 1970, 9990
"""Of moments in records: every zone has dates for them, and for the nights around them."""


@lru_cache(maxsize=65_536)
def moment_of(iso: str | None) -> datetime | None:
    """A moment of a record, UTC; one without a zone is taken as UTC. None for what is none, or outside of those years.

    Remembered, as thousands of jobs are looked at again and again.

    Args:
        iso: ISO 8601, or whatever stood there.
    """
    try:
        moment = datetime.fromisoformat(iso or "")
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None
    except (ValueError, OverflowError):
        return None


def day_and_hour(moment: datetime | None, *, zone: tzinfo | None = None, unknown: str = "?") -> str:
    """`2026-11-28 22:10`.

    Args:
        moment: aware.
        zone: of whoever reads it; None: this machine's.
        unknown: said where it is not known.
    """
    return unknown if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def near_hour(moment: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """`22:10` of a moment that is near, else with its day.

    Args:
        moment: aware.
        now: aware.
        zone: of whoever reads it; None: this machine's.
    """
    return f"{moment.astimezone(zone):%H:%M}" if abs(moment - now) < NEAR else day_and_hour(moment, zone=zone)


def later(now: datetime, seconds: float) -> datetime | None:
    """So many seconds later; None for what no calendar has.

    Args:
        now: aware.
        seconds: of a forecast.
    """
    try:
        return now + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def with_zone(seconds: float) -> str:
    """`2026-11-28 22:10 (UTC+08:00)`, for people of several machines; `?` for what no calendar has.

    Args:
        seconds: since 1970.
    """
    try:
        moment = datetime.fromtimestamp(seconds).astimezone()
    except (OverflowError, ValueError, OSError):
        return "?"
    return f"{day_and_hour(moment)} (UTC{moment.isoformat()[-6:]})"
