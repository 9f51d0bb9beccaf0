"""A share that goes away while a worker with hours rests, or just as its window ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from night_house import NightHouse, night_in_berlin

from worker.operations.events import heard_by

pytestmark = pytest.mark.slow

LONG = "prompt: a mug\nsize: 64x64\ncount: 14\n"
HOURS = "22:00-23:00, 23:20-00:20"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[NightHouse]:
    with night_in_berlin(tmp_path) as house:
        yield house


def test_a_share_that_is_away_between_windows_is_told_and_outlasted(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG)
    inbox, away, seen = house.root / "inbox", house.root / "away", []
    house.at_hour("2026-11-28 23:05", lambda: inbox.rename(away))
    house.at_hour("2026-11-28 23:30", lambda: away.rename(inbox))
    house.at_hour("2026-11-29 00:30", house.stop)
    with heard_by(lambda event, _: seen.append(event)):
        house.run(hours=HOURS)
    assert {"share.away", "share.back"} <= {*seen}
    assert house.manifest("mugs")["status"] == "complete"


def test_a_share_that_goes_away_as_the_window_ends_does_not_keep_the_card(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG)
    painter, seen = house.painter(), []
    inbox, away, finish = house.root / "inbox", house.root / "away", painter.finish

    def late() -> None:
        finish()
        inbox.rename(away)

    painter.finish = late  # type: ignore[method-assign]
    house.at_hour("2026-11-28 23:15", lambda: (seen.append(painter.is_up), away.rename(inbox)))
    house.at_hour("2026-11-28 23:50", house.stop)
    house.run(painter, hours=HOURS)
    assert seen == [False]
    assert house.manifest("mugs")["status"] == "complete"
    assert len({file for _, file in house.painted}) == len(house.painted) == 14
