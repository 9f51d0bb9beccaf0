"""Ten days of a worker with hours, through a change of clocks: windows, stops, a kill and a share that is away."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from night_house import NightHouse, zone
from twins import PaintingRenderer

from worker.operations.events import configure

PICTURE_S = 3_600.0
HOURS = "02:30-02:00"
"""Half an hour of rest a day; on the day that has no 02:00 to 03:00 none is left of it."""


class Killed(BaseException):
    """In place of SIGKILL."""


class Days:
    """Lives until each stop, and is started again."""

    def __init__(self, root: Path) -> None:
        self.house = NightHouse(root, begins="2026-03-24 12:00")
        self.begun: list[datetime] = []
        self.painted: list[str] = []
        self.dies_at = -1
        self.counts: list[int] = []

    def after(self, _: object) -> None:
        self.begun.append(datetime.fromtimestamp(self.house.wall_s()))
        self.house.spend(PICTURE_S)
        if len(self.begun) == self.dies_at:
            raise Killed
        self.painted.append(self.painter.painted[-1])

    def live(self, *, until: str) -> None:
        self.house.at_hour(until, self.house.stop)
        self.painter = PaintingRenderer(after=self.after)
        with suppress(Killed):
            self.house.run(self.painter, hours=HOURS)
        self.house.resume()
        self.counts.append(sum(1 for path in self.house.folders.hidden.rglob("*") if path.is_file()))


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    configure("json", io.StringIO())
    with zone("Europe/Berlin"):
        made = Days(tmp_path_factory.mktemp("days"))
        house = made.house
        for day in (0, 4):
            at = datetime(2026, 3, 24, 13, 0) + timedelta(days=day)
            house.at_hour(at.isoformat(), lambda day=day: house.drop(f"job{day}.yaml", one_job(day)))
        inbox, away = house.root / "inbox", house.root / "away"
        house.at_hour("2026-03-27 01:50", lambda: inbox.rename(away))
        house.at_hour("2026-03-27 02:10", lambda: away.rename(inbox))
        made.dies_at = 40
        for until in ("2026-03-25 02:15", "2026-03-28 01:55", "2026-03-30 02:00", "2026-04-02 12:00"):
            made.live(until=until)
        house.spend(200.0)  # of the one that was killed: the others take it for dead
        made.live(until="2026-04-03 12:00")
    return made


def one_job(day: int) -> str:
    return f"prompt: mug {day}\nsize: 64x64\ncount: 90\nfile_name: d{day}_{{index:03}}\n"


@pytest.mark.slow
def test_every_picture_is_made_once_and_within_the_hours(days: Days) -> None:
    assert not [when for when in days.begun if when.hour == 2 and when.minute < 30]
    twice = {file for file, count in Counter(days.painted).items() if count > 1}
    assert not twice, "what a kill destroyed was never finished"
    assert len(days.painted) == 2 * 90
    house = days.house
    assert {house.manifest(f"job{day}")["status"] for day in (0, 4)} == {"complete"}  # type: ignore[comparison-overlap]
    assert house.is_swept()


@pytest.mark.slow
def test_each_window_is_told_once_but_by_each_worker_that_lives_in_it(days: Days) -> None:
    begun = Counter(str(facts["until"]) for facts in days.house.told("window.begun"))
    assert set(begun.values()) <= {1, 2}
    assert sum(count == 2 for count in begun.values()) <= 5, "where a stop or a kill lies within it"
    ends = sorted(map(datetime.fromisoformat, begun))
    gaps = Counter((after - one).total_seconds() / 3600 for one, after in pairwise(ends))
    assert set(gaps) <= {24.0, 47.0}, "the night of the change has no rest, and its window is one with the next"


@pytest.mark.slow
def test_nothing_grows(days: Days) -> None:
    assert max(days.counts[1:]) <= min(days.counts[1:]) + 8, days.counts
    receipts = {path.name for path in (days.house.root / "outbox/receipts").glob("*.txt")}
    assert receipts <= {"hours-w1.txt"}
