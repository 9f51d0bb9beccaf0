"""Moments are read whoever wrote them, and said to the minute in one way everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from worker.moments import day_and_hour, later, moment_of, near_hour, with_zone

NOW = datetime(2026, 11, 28, 22, 10, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "iso",
    [None, "", "yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
)
def test_what_is_no_moment_is_none(iso: str | None) -> None:
    assert moment_of(iso) is None
    assert day_and_hour(moment_of(iso)) == "?"


def test_a_moment_without_a_zone_is_utc_and_one_with_a_zone_is_made_it() -> None:
    assert moment_of("2026-11-28T22:10") == moment_of("2026-11-29T06:10:00+08:00") == NOW


def test_a_near_moment_is_said_by_its_hour_and_another_with_its_day_in_the_readers_zone() -> None:
    assert near_hour(NOW + timedelta(hours=17), now=NOW, zone=UTC) == "15:10"
    assert near_hour(NOW - timedelta(hours=17), now=NOW, zone=BEIJING) == "13:10"
    assert near_hour(NOW + timedelta(hours=18), now=NOW, zone=UTC) == "2026-11-29 16:10"
    assert day_and_hour(NOW, zone=BEIJING) == "2026-11-29 06:10"


def test_what_no_calendar_has_is_not_known() -> None:
    assert (later(NOW, 1e12), later(NOW, float("nan"))) == (None, None)
    assert with_zone(1e18) == "?"
    assert with_zone(NOW.timestamp()).startswith(day_and_hour(NOW))
