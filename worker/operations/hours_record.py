"""The hours in a worker's record: its windows of the week that comes, and what fits into the one that is on, or next.

Knows how such a record is read, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import islice

from worker.clocks import utc_text
from worker.disk.record_fields import inner, moment_in
from worker.hours import Calendar, Hours, calendar_of, every_week, of_a_week
from worker.window_outlook import WindowOutlook

MOST_WINDOWS = 50
"""Of a week, in a record."""
LONGEST_S = 8 * 86_400.0
"""From now to the end of a window in a record: what lies beyond is no window of that week."""


class HoursRecord:
    """Of one worker."""

    def __init__(self, hours: Hours | None, *, now: Callable[[], str]) -> None:
        """Keep the hours.

        Args:
            hours: its own; None: it may always work.
            now: ISO 8601, UTC.
        """
        self.hours = hours  # may be replaced at any time
        self._now = now

    @property
    def is_kept(self) -> bool:
        """Whether there are any hours to keep."""
        return self.hours is not None

    @property
    def are_over(self) -> bool:
        """Whether the worker may not render now."""
        return self.hours is not None and self.hours.window_at(_seconds(self._now())) is None

    def calendar(self) -> Calendar:
        """When it may work, from now on."""
        return Calendar() if self.hours is None else calendar_of(self.hours, now_s=_seconds(self._now()))

    def outlook(self, *, pictures: int, made_by: Callable[[float], int | None]) -> WindowOutlook | None:
        """What fits into the window that is on, or else the next one; None without hours.

        Args:
            pictures: that wait, or are left of the job in work.
            made_by: how many of them are made by the end of the window, so many seconds from now.
        """
        if self.hours is None:
            return None
        now_s = _seconds(self._now())
        window, then = islice(self.hours.windows_from(now_s), 2)
        fit = made_by(window.ends_s - now_s) if pictures else 0
        return WindowOutlook(
            is_on=window.begins_s <= now_s,
            begins_at=utc_text(window.begins_s),
            ends_at=utc_text(window.ends_s),
            then_at=utc_text(then.begins_s),
            pictures=pictures,
            fit=None if fit is None else min(fit, pictures),
        )

    def told(self, outlook: WindowOutlook | None) -> Mapping[str, object]:
        """The key of the record; none without hours.

        Args:
            outlook: as of now.
        """
        if self.hours is None or outlook is None:
            return {}
        week = of_a_week(self.hours, now_s=_seconds(self._now()), most=MOST_WINDOWS)
        windows = [[utc_text(one.begins_s), utc_text(one.ends_s)] for one in week]
        return {"hours": {**asdict(outlook), "windows": windows}}


def calendar_in(record: Mapping[str, object], *, now: str) -> Calendar:
    """When a worker may work, as its record says, from now on; what makes no sense there means at any time.

    Args:
        record: of any worker.
        now: ISO 8601, UTC.
    """
    listed = inner(record, "hours").get("windows")
    if not isinstance(listed, list):
        return Calendar()
    now_s, windows = _seconds(now), list[tuple[float, float]]()
    for one in listed[:MOST_WINDOWS]:
        begins_at, ends_at = (moment_in({"at": at}, "at") for at in one) if _is_pair(one) else (None, None)
        if begins_at is None or ends_at is None:
            return Calendar()
        begins_s, ends_s = _seconds(begins_at) - now_s, _seconds(ends_at) - now_s
        if not -2 * LONGEST_S < begins_s < ends_s < LONGEST_S or (windows and begins_s < windows[-1][1]):
            return Calendar()
        windows.append((begins_s, ends_s))
    return every_week(windows)


def rests(record: Mapping[str, object]) -> bool:
    """Whether a worker waits for its hours alone.

    Args:
        record: as it wrote it.
    """
    return record.get("state") == "paused" and inner(record, "hours").get("is_on") is False


def _is_pair(one: object) -> bool:
    return isinstance(one, list) and len(one) == 2


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()
