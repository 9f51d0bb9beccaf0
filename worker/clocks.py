"""Clocks: wall time for records, monotonic and boot time for decisions.

Tests pass their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

UTC_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([+]00:00|Z)$"
"""Of every time in a file that the program writes, as a regular expression of JSON Schema."""


FIRST_S, LAST_S = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1970, 9999))
"""First and last seconds that a record says; every zone of the earth has a date for both."""


def utc_now() -> str:
    """ISO 8601 with milliseconds, UTC: `2026-11-23T22:05:00.123+00:00`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def utc_text(seconds: float) -> str:
    """A file's time as ISO 8601, UTC; one that no calendar has, as shares can hold them, as the nearest that has.

    Args:
        seconds: since 1970.
    """
    moment = datetime.fromtimestamp(min(max(seconds, FIRST_S), LAST_S), UTC)
    return moment.isoformat(timespec="seconds")


def boottime() -> float:
    """Seconds that nobody sets and that go on while the machine sleeps: a lease must not outlive a nap."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The wall clock for records, two others for every decision."""

    now: Callable[[], str] = utc_now
    """ISO 8601, UTC."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds; stands still while the machine sleeps."""
    boottime: Callable[[], float] = boottime
    """Seconds; goes on while the machine sleeps."""
