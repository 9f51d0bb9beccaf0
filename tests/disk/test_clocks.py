"""Times that shares hold and no calendar has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from worker.clocks import utc_text


@pytest.mark.parametrize("seconds", [-70_000_000_000, -1, 400_000_000_000, 2.0**60, float("inf")])
def test_a_file_time_that_no_calendar_has_is_told_as_the_nearest_one(seconds: float) -> None:
    moment = datetime.fromisoformat(utc_text(seconds))
    assert moment in (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
    assert moment.astimezone(timezone(timedelta(hours=14))).astimezone(timezone(timedelta(hours=-14))) == moment
