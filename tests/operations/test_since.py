"""Since when: what people write, in English and Chinese, and what means no moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.operations.since import moment_meant, night_before

ZONE = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 28, 8, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("today", "2026-11-28T00:00"), ("今天", "2026-11-28T00:00"),
        ("yesterday", "2026-11-27T00:00"), (" Yesterday ", "2026-11-27T00:00"), ("昨天", "2026-11-27T00:00"),
        ("前天", "2026-11-26T00:00"), ("last night", "2026-11-27T12:00"), ("昨晚", "2026-11-27T12:00"),
        ("2h", "2026-11-28T06:30"), ("2 hours", "2026-11-28T06:30"), ("2 hours ago", "2026-11-28T06:30"),
        ("2小时", "2026-11-28T06:30"), ("2 小时前", "2026-11-28T06:30"), ("30m", "2026-11-28T08:00"),
        ("30分钟", "2026-11-28T08:00"), ("7d", "2026-11-21T08:30"), ("7天", "2026-11-21T08:30"),
        ("最近7天", "2026-11-21T08:30"), ("last 7 days", "2026-11-21T08:30"), ("2w", "2026-11-14T08:30"),
        ("两周", "2026-11-14T08:30"), ("三天前", "2026-11-25T08:30"), ("上周", "2026-11-21T00:00"),
        ("last week", "2026-11-21T00:00"),
        ("2026-11-20", "2026-11-20T00:00"), ("2026-11-20 22:00", "2026-11-20T22:00"),
        ("2026-11-20t22:00", "2026-11-20T22:00"), ("2026/11/2", "2026-11-02T00:00"),
        ("2026年11月2日", "2026-11-02T00:00"), ("2026-11-20T22:00:00Z", "2026-11-21T06:00"),
        ("", None), ("soon", None), ("7", None), ("7x", None), ("-3d", None), ("2027-01-01", None),
        ("2026-13-01", None), ("9999w", "2000-01-01T08:00"), ("0000-00-00", None),
    ],
)  # fmt: skip
def test_a_moment_is_what_a_person_means_by_it(words: str, meant: str | None) -> None:
    found = moment_meant(words, now=NOW)
    assert (found and f"{found:%Y-%m-%dT%H:%M}") == meant


@given(st.text(max_size=40))
def test_any_text_is_a_moment_that_has_passed_or_none(words: str) -> None:
    found = moment_meant(words, now=NOW)
    assert found is None or (found.tzinfo is not None and found <= NOW)


@pytest.mark.parametrize(
    ("now", "begins"),
    [("2026-11-28T08:00", "2026-11-27"), ("2026-11-28T17:59", "2026-11-27"), ("2026-11-28T18:00", "2026-11-28"),
     ("2026-11-28T23:59", "2026-11-28"), ("2026-11-29T03:00", "2026-11-28")],
)  # fmt: skip
def test_by_day_the_night_before_is_meant_and_in_the_evening_the_one_that_begins(now: str, begins: str) -> None:
    found = night_before(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (f"{found:%Y-%m-%d}", found.hour) == (begins, 12)
