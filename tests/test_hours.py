"""Which window is on, and when the next begins: from any moment, in any zone, through every change of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from night_house import zone

from worker.hours import Calendar, Hours, WeekdayWindow, Window, calendar_of, every_week, of_a_week

ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai")]
YEARS = [datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2024, 2034)]
CHANGES = [
    datetime(*day, tzinfo=UTC).timestamp()
    for day in ((2026, 3, 29), (2026, 10, 25), (2026, 3, 8), (2026, 11, 1), (2026, 4, 4), (2026, 10, 3))
]
"""Days on which clocks are changed in those zones."""
DAY_S = 86_400.0

moments = st.one_of(
    st.floats(*YEARS).map(round),
    st.builds(lambda day, off: day + off, st.sampled_from(CHANGES), st.integers(0, 172_800)),
)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    def window(day: int) -> WeekdayWindow:
        begins = draw(st.one_of(st.integers(0, 1439), st.integers(90, 210)))
        return WeekdayWindow(weekday=day, begins_min=begins, ends_min=begins + draw(st.integers(1, 1440)))

    days = draw(st.lists(st.integers(0, 6), min_size=1, max_size=8))
    return Hours(windows=tuple(map(window, days)), zone=draw(st.sampled_from(ZONES)))


def daily(begins: str, ends: str, zone: str = "Europe/Berlin") -> Hours:
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in (begins, ends))
    windows = tuple(
        WeekdayWindow(weekday=day, begins_min=begin, ends_min=end + 1440 * (end < begin)) for day in range(7)
    )
    return Hours(windows=windows, zone=ZoneInfo(zone))


def at(text: str, zone: str = "Europe/Berlin", *, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def shown(seconds: float, asked: Hours) -> datetime:
    return datetime.fromtimestamp(seconds, asked.zone).replace(tzinfo=None)


@pytest.mark.slow
@given(hours(), moments)
@settings(deadline=None)
def test_from_any_moment_the_window_is_found_that_is_on_or_else_the_next_and_no_two_touch(
    asked: Hours, now_s: float
) -> None:
    if asked.is_whole_week:
        return
    coming = [*islice(asked.windows_from(now_s), 6)]
    assert coming[0].ends_s > now_s
    assert all(one.begins_s < one.ends_s for one in coming)
    assert all(one.ends_s < after.begins_s for one, after in pairwise(coming))
    assert asked.next_window(now_s) == coming[0]
    for one, after in pairwise(coming):
        for inside in (one.begins_s, (one.begins_s + one.ends_s) // 2, one.ends_s - 1):
            assert asked.window_at(inside) == one, "no moment of it is lost, and from each it is the same"
        assert asked.window_at(one.ends_s) is None
        assert asked.window_at(one.begins_s - 1) is None
        assert asked.next_window((one.ends_s + after.begins_s) // 2) == after


@pytest.mark.slow
@given(hours(), moments)
@settings(deadline=None)
def test_a_window_begins_and_ends_when_the_clock_first_shows_that_time_or_a_later_one(
    asked: Hours, now_s: float
) -> None:
    """By a walk in minutes over the clock on the wall, which knows nothing of folds."""
    window = asked.windows[0]
    alone = Hours(windows=(window,), zone=asked.zone)
    day = shown(now_s, asked).date()
    midnight = datetime(day.year, day.month, day.day) + timedelta(days=(window.weekday - day.weekday()) % 7)
    wanted = [midnight + timedelta(minutes=minutes) for minutes in (window.begins_min, window.ends_min)]
    first = datetime.combine(midnight, datetime.min.time(), tzinfo=UTC).timestamp() - DAY_S
    seen = [
        next(second for minute in range(5 * 1440) if shown(second := first + 60.0 * minute, asked) >= one)
        for one in wanted
    ]
    found = [one for one in islice(alone.windows_from(first - DAY_S), 2) if one.begins_s >= first]
    if seen[0] == seen[1]:
        assert all(one.begins_s != seen[0] for one in found), "skipped as a whole: it does not come"
    else:
        assert Window(begins_s=seen[0], ends_s=seen[1]) in found


@pytest.mark.parametrize(
    ("begins", "ends", "day", "expected"),
    [
        ("22:00", "07:00", "2026-03-28", ("2026-03-28 22:00", "2026-03-29 07:00", 8)),
        ("22:00", "07:00", "2026-10-24", ("2026-10-24 22:00", "2026-10-25 07:00", 10)),
        ("02:30", "05:00", "2026-03-29", ("2026-03-29 03:00", "2026-03-29 05:00", 2)),
        ("22:00", "02:30", "2026-03-28", ("2026-03-28 22:00", "2026-03-29 03:00", 4)),
        ("02:10", "02:50", "2026-03-29", ("2026-03-30 02:10", "2026-03-30 02:50", 2 / 3)),
        ("02:30", "05:00", "2026-10-25", ("2026-10-25 02:30", "2026-10-25 05:00", 3.5)),
        ("22:00", "02:30", "2026-10-24", ("2026-10-24 22:00", "2026-10-25 02:30", 4.5)),
        ("02:10", "02:50", "2026-10-25", ("2026-10-25 02:10", "2026-10-25 02:50", 2 / 3)),
    ],
)
def test_a_night_in_which_clocks_are_changed(
    begins: str, ends: str, day: str, expected: tuple[str, str, float]
) -> None:
    found = daily(begins, ends).next_window(at(f"{day} 00:00") if begins < ends else at(f"{day} 12:00"))
    assert (found.begins_s, found.ends_s) == (at(expected[0]), at(expected[1]))
    assert (found.ends_s - found.begins_s) / 3600 == pytest.approx(expected[2])


def test_half_an_hour_is_changed_on_lord_howe() -> None:
    found = daily("02:15", "04:00", "Australia/Lord_Howe").next_window(at("2026-10-04 00:00", "Australia/Lord_Howe"))
    assert found.begins_s == at("2026-10-04 02:30", "Australia/Lord_Howe")


@pytest.mark.parametrize("name", [one.key for one in ZONES])
def test_this_machines_own_zone_is_computed_like_any_other(name: str) -> None:
    with zone(name):
        here, there = daily("02:30", "05:00", name), daily("22:15", "02:15", name)
        for asked in (here, there):
            own = Hours(windows=asked.windows)
            year = [*islice(own.windows_from(YEARS[0]), 400)]
            assert year == [*islice(asked.windows_from(YEARS[0]), 400)]


def test_a_clock_that_shows_anything_is_answered() -> None:
    for now_s in (-1e12, 0.0, 1e11, 1e15):
        assert daily("22:00", "07:00").next_window(now_s).begins_s > 0


def test_windows_that_overlap_or_touch_are_one_and_a_whole_week_is_none() -> None:
    week = [WeekdayWindow(weekday=day, begins_min=0, ends_min=1440) for day in range(7)]
    assert Hours(windows=tuple(week)).is_whole_week
    assert not Hours(windows=tuple(week[:6])).is_whole_week
    six = Hours(windows=tuple(week[:6]), zone=ZoneInfo("Asia/Shanghai"))
    found = six.next_window(at("2026-11-25 12:00", "Asia/Shanghai"))
    assert (found.begins_s, found.ends_s) == (
        at("2026-11-23 00:00", "Asia/Shanghai"),
        at("2026-11-29 00:00", "Asia/Shanghai"),
    )


def test_the_one_gap_of_a_week_that_a_change_hides_makes_one_window_of_two() -> None:
    gap = [
        WeekdayWindow(weekday=6, begins_min=180, ends_min=1440),
        WeekdayWindow(weekday=6, begins_min=0, ends_min=120),
    ]
    week = [WeekdayWindow(weekday=day, begins_min=0, ends_min=1440) for day in range(6)]
    found = Hours(windows=(*gap, *week), zone=ZoneInfo("Europe/Berlin")).window_at(at("2026-04-04 12:00"))
    assert found == Window(begins_s=at("2026-03-22 03:00"), ends_s=at("2026-04-05 02:00"))


@pytest.mark.slow
@given(hours(), moments, st.floats(0, 3 * DAY_S), st.floats(0, 3 * DAY_S))
@settings(deadline=None)
def test_work_takes_the_time_of_the_windows_alone(asked: Hours, now_s: float, from_s: float, work_s: float) -> None:
    if asked.is_whole_week:
        return
    calendar = calendar_of(asked, now_s=now_s)
    begins_s = calendar.begins(from_s)
    ends_s = calendar.ends(begins_s, work_s)
    assert asked.window_at(now_s + begins_s + 1e-3) is not None
    assert begins_s >= from_s
    shared = (
        min(ends_s, one.ends_s - now_s) - max(begins_s, one.begins_s - now_s)
        for one in islice(asked.windows_from(now_s), 1_000)
        if one.begins_s - now_s < ends_s
    )
    if ends_s != float("inf"):
        assert sum(max(0.0, one) for one in shared) == pytest.approx(work_s, abs=0.01)


def test_what_takes_years_is_not_foreseen_and_who_may_always_work_needs_no_window() -> None:
    short = Hours(windows=(WeekdayWindow(weekday=0, begins_min=0, ends_min=1),), zone=ZoneInfo("Asia/Shanghai"))
    assert calendar_of(short, now_s=YEARS[0]).ends(0.0, 1e6) == float("inf")
    assert Calendar().ends(5.0, 10.0) == 15.0
    assert calendar_of(None, now_s=0.0).begins(7.0) == 7.0


def test_the_windows_of_one_week_come_again_every_week() -> None:
    calendar = every_week([(100.0, 200.0), (300.0, 400.0)])
    assert [calendar.begins(at_s) for at_s in (0.0, 150.0, 250.0, 400.0)] == [100.0, 150.0, 300.0, 7 * DAY_S + 100.0]
    assert every_week([]).begins(5.0) == 5.0
    assert len(of_a_week(daily("22:00", "07:00"), now_s=at("2026-11-28 12:00"), most=50)) == 7
