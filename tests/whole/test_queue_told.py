"""While a job is in work, its worker's record says who comes next, and when."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from house import MODEL, House
from twins import PaintingRenderer

from worker.records import Request

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class Onlooker:
    """Reads the worker's record after each picture; a picture takes ten seconds."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.seen: dict[str, dict] = {}
        self.at: dict[str, Callable[[], None]] = {}
        """What happens at a picture."""

    def look(self, request: Request) -> None:
        self.house.spend(10.0)
        record = json.loads((self.house.folders.workers / "w1.json").read_text("utf-8"))
        key = f"{record['job']} {request.index}"
        self.seen[key] = record
        self.at.get(key, lambda: None)()

    def watch(self, **settings: object) -> None:
        worker = self.house.worker(PaintingRenderer(after=self.look), **settings)
        with worker.spool.ownership.lock(self.house.wait):
            assert worker.daemon(MODEL).run(drain=True) == 0


def drop(house: House, name: str, text: str, *, age: int) -> None:
    house.drop(name, text)
    os.utime(house.folders.inbox / name, (1_000 + age, 1_000 + age))


def test_the_first_in_work_is_no_more_in_the_queue_and_the_others_begin_after_it(house: House) -> None:
    for age, count in enumerate([3, 2, 4]):
        drop(house, f"job{age}.yaml", f"prompt: a mug\ncount: {count}\n", age=age)
    drop(house, "urgent.yaml", "prompt: a mug\npriority: high\n", age=9)
    onlooker = Onlooker(house)
    onlooker.watch()
    first = onlooker.seen["urgent 1"]
    assert [entry["name"] for entry in first["queue"]] == ["job0.yaml", "job1.yaml", "job2.yaml"]
    assert [entry["starts_in_s"] for entry in first["queue"]][1:] == [None, None], "nobody has made a picture yet"
    third = onlooker.seen["job0 3"]
    assert (third["job"], third["left_s"]) == ("job0", 10.0)
    assert [(one["name"], one["position"], one["starts_in_s"], one["takes_s"]) for one in third["queue"]] == [
        ("job1.yaml", 1, 10.0, 20.0), ("job2.yaml", 2, 30.0, 40.0)
    ]  # fmt: skip
    assert third["queue_all"] == {"jobs": 2, "pictures": 6, "ends_in_s": 70.0}
    assert onlooker.seen["job2 4"]["queue"] == []


def test_a_job_that_gave_way_comes_before_others_of_its_priority_and_its_time_counts(house: House) -> None:
    drop(house, "first.yaml", "prompt: a mug\ncount: 2\n", age=0)
    drop(house, "long.yaml", "prompt: a mug\ncount: 6\n", age=1)
    drop(house, "later.yaml", "prompt: a mug\ncount: 2\n", age=2)
    onlooker = Onlooker(house)
    onlooker.at["long 1"] = lambda: drop(house, "now.yaml", "prompt: a mug\ncount: 3\npriority: high\n", age=9)
    onlooker.watch()
    record = onlooker.seen["now 2"]
    made = len([key for key, seen in onlooker.seen.items() if seen["job"] == "long"])
    assert made == 6, "all of it was made in the end"
    queue = [(one["name"], one["position"], one["starts_in_s"]) for one in record["queue"]]
    left = record["queue"][0]["pictures"]
    assert 0 < left < 6
    assert queue == [("long.yaml", 1, 20.0), ("later.yaml", 2, 20.0 + 10 * left)]
    assert record["queue_all"] == {"jobs": 2, "pictures": left + 2, "ends_in_s": 20.0 + 10 * left + 20}
    assert [one["name"] for one in onlooker.seen["long 6"]["queue"]] == ["later.yaml"]


def test_a_job_beyond_the_quota_is_held_in_the_record(house: House) -> None:
    drop(house, "small.yaml", "prompt: a mug\n", age=0)
    drop(house, "more.yaml", "prompt: a mug\ncount: 3\n", age=1)
    drop(house, "catalogue.yaml", "prompt: a mug\ncount: 5\n", age=2)
    onlooker = Onlooker(house)
    onlooker.watch(quota=4)
    assert {one["name"]: one["state"] for one in onlooker.seen["small 1"]["queue"]} == {
        "more.yaml": "waiting", "catalogue.yaml": "held",
    }  # fmt: skip
    assert (house.root / "outbox/catalogue/manifest.json").exists()


def test_a_job_that_is_to_be_refused_is_so_before_the_next_is_begun_and_has_no_number_in_line(house: House) -> None:
    drop(house, "bad.yaml", "promt: a mug\n", age=3)
    for age, name in enumerate(["first.yaml", "second.yaml"]):
        drop(house, name, "prompt: a mug\ncount: 8\n", age=age)
    onlooker = Onlooker(house)
    worker = house.worker(PaintingRenderer(after=onlooker.look), grace_s=60.0)
    with worker.spool.ownership.lock(house.wait):
        worker.daemon(MODEL).run(drain=True)
    assert [one["name"] for one in onlooker.seen["first 8"]["queue"]] == ["second.yaml"]
    assert onlooker.seen["second 1"]["queue"] == []
    failed, second = house.root / "failed/bad/error.json", house.root / "outbox/second/shot-01_01.png"
    assert failed.stat().st_mtime_ns < second.stat().st_mtime_ns
