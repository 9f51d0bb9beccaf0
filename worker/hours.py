"""Hours of the week in which a worker may render: which window is on at a moment, and when the next one begins.

Knows the clock on the wall of a zone, through its changes; `now` always comes in. Every window comes once and in one
piece: it begins when that clock first shows its beginning or later, and ends when it first shows its end or later. So
one whose beginning is skipped begins at the change, one that is skipped whole does not come, and of an hour that comes
twice the first counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import count, islice

DAY_MIN = 24 * 60
DAY_S = DAY_MIN * 60.0
BEFORE = 16
"""Days before a moment in which its window may have begun: a change of clocks may hide the one gap of a week."""
FIRST_S, LAST_S = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1971, 9900))
"""Moments are taken as within these: a machine's clock may show anything, and every zone has dates for them."""
MOST_DAYS = 2_000
"""That are remembered."""
MOST_WINDOWS = 1_000
"""That are looked through for the end of some work; what takes longer is not foreseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayWindow:
    """A window that comes every week."""

    weekday: int
    """On which it begins: 0 is Monday."""
    begins_min: int
    """Minutes after midnight, by the clock on the wall: 0 to 1439."""
    ends_min: int
    """After the same midnight: up to a day after its beginning; more than 1440 lies on the next day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window, as it comes; seconds since 1970."""

    begins_s: float
    ends_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a worker may render. They leave some gap in the week: who may always render has none."""

    windows: tuple[WeekdayWindow, ...]
    """At least one; they may overlap."""
    zone: tzinfo | None = None
    """Of the clock on the wall; None: this machine's."""
    _known: dict[date, tuple[Window, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The windows of days that were asked for: they are asked for again at every picture."""

    @property
    def is_whole_week(self) -> bool:
        """Whether no gap is left."""
        return len(self._minutes()) == 7 * DAY_MIN

    def window_at(self, now_s: float) -> Window | None:
        """The window that is on; None between two.

        Args:
            now_s: seconds since 1970.
        """
        first = self.next_window(now_s)
        return first if first.begins_s <= now_s else None

    def next_window(self, now_s: float) -> Window:
        """The window that is on, else the next one.

        Args:
            now_s: seconds since 1970.
        """
        return next(self.windows_from(now_s))

    def windows_from(self, now_s: float) -> Iterator[Window]:
        """Yield the window that is on, if one is, and all that come after it; no two of them touch.

        Args:
            now_s: seconds since 1970.
        """
        now_s = min(max(now_s, FIRST_S), LAST_S)
        begun: Window | None = None
        for one in self._days_from(now_s):
            if begun is not None and one.begins_s <= begun.ends_s:
                begun = Window(begins_s=begun.begins_s, ends_s=max(begun.ends_s, one.ends_s))
                continue
            if begun is not None and begun.ends_s > now_s:
                yield begun
            begun = one

    def _days_from(self, now_s: float) -> Iterator[Window]:
        """Yield each day's windows in the order of their beginnings, those of some days before first."""
        today = _on_the_wall(now_s, self.zone).date()
        for day in (today + timedelta(days=number) for number in count(-BEFORE)):
            if day not in self._known:
                if len(self._known) >= MOST_DAYS:
                    self._known.clear()
                self._known[day] = tuple(self._of_day(day))
            yield from self._known[day]

    def _of_day(self, day: date) -> Iterator[Window]:
        """The windows that begin on a day."""
        midnight = datetime(day.year, day.month, day.day)
        for one in sorted(self.windows, key=lambda one: (one.begins_min, one.ends_min)):
            if one.weekday != day.weekday():
                continue
            begins_s, ends_s = (
                _first_shown(midnight + timedelta(minutes=minutes), self.zone)
                for minutes in (one.begins_min, one.ends_min)
            )
            if begins_s < ends_s:
                yield Window(begins_s=begins_s, ends_s=ends_s)

    def _minutes(self) -> set[int]:
        """Minutes of the week on which a window is on."""
        begins = ((one.weekday * DAY_MIN, one) for one in self.windows)
        return {
            (midnight + minute) % (7 * DAY_MIN)
            for midnight, one in begins
            for minute in range(one.begins_min, one.ends_min)
        }


def _on_the_wall(seconds: float, zone: tzinfo | None) -> datetime:
    """What the clock shows then, without a zone."""
    return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None, fold=0)


def _first_shown(shown: datetime, zone: tzinfo | None) -> float:
    """When the clock first shows that time or a later one: seconds since 1970.

    Args:
        shown: on the wall, without a zone.
        zone: of the clock.
    """
    early_s, late_s = sorted(shown.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    if _on_the_wall(early_s, zone) == shown:
        return early_s
    while late_s - early_s > 1:  # it is skipped: the change lies between the two
        middle_s = (early_s + late_s) // 2
        early_s, late_s = (early_s, middle_s) if _on_the_wall(middle_s, zone) >= shown else (middle_s, late_s)
    return late_s


@dataclass(slots=True, kw_only=True)
class Calendar:
    """When somebody may work, as seconds from a moment on: at any time, or in windows."""

    windows: Iterator[tuple[float, float]] | None = None
    """Their beginnings and ends, rising, taken as they are needed; None: at any time."""
    _begins_s: list[float] = field(default_factory=list)
    _ends_s: list[float] = field(default_factory=list)

    def begins(self, at_s: float) -> float:
        """When work may begin at that time or after it; infinite where that is not foreseen.

        Args:
            at_s: seconds from the moment on.
        """
        if self.windows is None:
            return at_s
        number = self._window(at_s)
        return max(at_s, self._begins_s[number]) if number is not None else float("inf")

    def ends(self, at_s: float, work_s: float) -> float:
        """When work is done that begins at a time; infinite where that is not foreseen.

        Args:
            at_s: seconds from the moment on.
            work_s: that it takes, at any time.
        """
        while self.windows is not None:
            number = self._window(at_s)
            if number is None:
                return float("inf")
            begins_s = max(at_s, self._begins_s[number])
            if begins_s + work_s <= self._ends_s[number]:
                return begins_s + work_s
            work_s -= self._ends_s[number] - begins_s
            at_s = self._ends_s[number]
        return at_s + work_s

    def _window(self, at_s: float) -> int | None:
        """Number of the one that is on, or next; None beyond the last that is looked through."""
        number = bisect_right(self._ends_s, at_s)
        assert self.windows is not None
        while number >= len(self._ends_s):
            window = next(self.windows, None) if len(self._ends_s) < MOST_WINDOWS else None
            if window is None:
                return None
            self._begins_s.append(window[0])
            self._ends_s.append(window[1])
            number = bisect_right(self._ends_s, at_s)
        return number


def calendar_of(hours: Hours | None, *, now_s: float) -> Calendar:
    """The calendar of a worker from now on.

    Args:
        hours: its own; None: it may always work.
        now_s: seconds since 1970.
    """
    if hours is None:
        return Calendar()
    return Calendar(windows=((one.begins_s - now_s, one.ends_s - now_s) for one in hours.windows_from(now_s)))


def every_week(windows: Sequence[tuple[float, float]]) -> Calendar:
    """A calendar of the windows of one week, which come again every week.

    Args:
        windows: seconds from now, rising, each with its end; none: it may always work.
    """
    if not windows:
        return Calendar()
    weeks = (
        (begins_s + 7 * DAY_S * week, ends_s + 7 * DAY_S * week) for week in count() for begins_s, ends_s in windows
    )
    return Calendar(windows=weeks)


def of_a_week(hours: Hours, *, now_s: float, most: int) -> list[Window]:
    """The windows that begin within a week from now.

    Args:
        hours: of a worker.
        now_s: seconds since 1970.
        most: windows.
    """
    coming = islice(hours.windows_from(now_s), most)
    return [one for one in coming if one.begins_s < now_s + 7 * DAY_S]
