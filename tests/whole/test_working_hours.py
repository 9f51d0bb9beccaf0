"""A worker that has hours: what it does at their end, between them, and at their beginning, over nights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from night_house import NightHouse, zone
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.operations.events import configure

LONG = "prompt: a mug\ncount: {}\n"


@pytest.fixture(autouse=True)
def berlin() -> Iterator[None]:
    configure("json")
    with zone("Europe/Berlin"):
        yield


@pytest.fixture
def house(tmp_path: Path) -> NightHouse:
    return NightHouse(tmp_path, begins="2026-11-28 21:00")


def test_two_nights(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(700))
    house.at_hour("2026-11-30 12:00", house.stop)
    painter = house.painter()
    house.run(painter)
    for one in house.heard: print(one)
    print(len(house.painted), house.painted[0], house.painted[-1])
    print(json.dumps(house.record(), indent=0)[:3000])
    print(house.manifest("mugs")["status"])
