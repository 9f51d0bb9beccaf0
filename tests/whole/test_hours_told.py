"""What a worker that has hours tells of them: what fits once that is known, and between windows no job in hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from night_house import NightHouse, night_in_berlin

from worker.daemon.working_hours import WorkingHours
from worker.operations.events import heard_by

pytestmark = pytest.mark.slow

LONG = "prompt: a mug\nsize: 64x64\ncount: {}\n"
HOURS = "22:00-23:00, 23:20-00:20"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[NightHouse]:
    with night_in_berlin(tmp_path) as house:
        yield house


def test_between_windows_nothing_is_told_to_be_in_hand(house: NightHouse) -> None:
    """The job was given back: another worker may have it, and a death then is none in the middle of it."""
    house.drop("mugs.yaml", LONG.format(20))
    records: list[dict] = []
    house.at_hour("2026-11-28 23:10", lambda: records.append(house.record()))
    house.at_hour("2026-11-28 23:15", house.stop)
    house.run(hours=HOURS)
    [record] = records
    assert (record["state"], record["job"], record.get("interrupted")) == ("paused", None, None)
    assert record["queue_all"]["pictures"] == 8


def test_what_fits_is_told_once_what_was_copied_can_have_settled_since_the_first_look(house: NightHouse) -> None:
    """What was submitted is taken at once, and has a picture long before a copied night is met; a model loads first."""
    worker = house.worker(hours="20:00-07:00")
    hours = WorkingHours(
        house.settings(hours="20:00-07:00").working_hours, clocks=worker.clock, waiting=None, recorder=worker.recorder,
        renderer=None, settle_s=2.0,
    )  # fmt: skip
    told = []
    for seconds in (60.0, 5.0, 13.0):
        house.spend(seconds)
        with heard_by(house.hear):
            hours.tell()
        told.append(len(house.told("window.begun")))
    assert told == [0, 0, 1]
