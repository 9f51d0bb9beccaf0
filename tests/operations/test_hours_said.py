"""What is said of a worker's hours in `status`, on the page of everything and in the log."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from night_house import NightHouse, zone
from written import faults

from worker.compose.status import statuses
from worker.delivery.pages.night_page import Places
from worker.delivery.pages.overview_page import FrontPage, front_page
from worker.operations.sentences import said
from worker.operations.status import hours_line
from worker.operations.status_json import status_json
from worker.overview_records import Overview, WorkerLine
from worker.spool.overview.workers import _outlook
from worker.window_outlook import WindowOutlook

NIGHT = WindowOutlook(
    is_on=True, begins_at="2026-11-28T22:00:00+00:00", ends_at="2026-11-29T07:00:00+00:00",
    then_at="2026-11-29T22:00:00+00:00", pictures=900, fit=588,
)  # fmt: skip
WORKER = WorkerLine(id="w<1>", host="pc", state="rendering", hours=NIGHT)
NOW = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "It may render until 07:00. 588 of 900 pictures by 07:00, the rest from 2026-11-29 22:00 on."),
        ({"fit": 900}, "It may render until 07:00. All 900 pictures that wait are made by 07:00."),
        ({"fit": None}, "until 07:00. 900 pictures wait; how many of them are made by 07:00 is not known yet."),
        ({"pictures": 1, "fit": 1}, "It may render until 07:00. The 1 picture that waits is made by 07:00."),
        ({"pictures": 0, "fit": 0}, "It may render until 07:00."),
        ({"is_on": False, "pictures": 0}, "It rests outside its hours; it renders from 22:00 until 07:00."),
    ],
)
def test_status_and_the_page_say_what_fits(change: dict[str, object], told: str) -> None:
    worker = replace(WORKER, hours=replace(NIGHT, **change))  # type: ignore[arg-type]
    (line,) = hours_line(worker, now=NOW)
    assert line.startswith("  hours: ")
    assert line.endswith(told)
    seen = Overview(as_of=NOW.isoformat(), workers=[worker])
    page = FrontPage(overview=seen, found=(), as_of=seen.as_of, places=Places(), zone=UTC)
    html = b"".join(front_page(page)).decode()
    assert told in html
    assert "w<1>" not in html
    assert html.index(told) < html.index("</main>")
    assert not faults("status", json.loads(status_json(seen)))


def test_one_without_hours_has_no_such_line() -> None:
    assert [*hours_line(replace(WORKER, hours=None), now=NOW)] == []


def test_the_log_says_it_in_sentences() -> None:
    facts = {"pictures_waiting": 900, "pictures_fit": 588, "until": NIGHT.ends_at, "left": 312, "then": NIGHT.then_at}
    with zone("UTC"):
        assert said("window.begun", facts) == (
            "The hours have begun. 588 of 900 pictures by 2026-11-29 07:00, the rest from 2026-11-29 22:00 on."
        )
        assert said("window.begun", {**facts, "pictures_waiting": 0, "pictures_fit": 0}) == "The hours have begun."
        assert said("window.ended", {"made": 588, "left": 312}) == (
            "The hours are over: 588 pictures were made. Left for later: 312."
        )
        assert said("window.awaited", {"begins": NIGHT.then_at}) == (
            "Outside the hours: rendering begins at 2026-11-29 22:00."
        )


KEYS = {"is_on": True, "begins_at": NIGHT.begins_at, "ends_at": NIGHT.ends_at, "then_at": NIGHT.then_at, "pictures": 3}


@pytest.mark.parametrize(
    ("record", "read"),
    [
        (KEYS | {"fit": 2}, True),
        (KEYS, True),
        (KEYS | {"fit": 10**30, "pictures": -1}, True),
        (KEYS | {"ends_at": "9999-12-31T23:59:59+00:00"}, False),
        (KEYS | {"begins_at": "0001-01-01T00:00:00+00:00"}, False),
        (KEYS | {"then_at": "soon"}, False),
        ({}, False),
    ],
)
def test_a_record_that_anybody_may_have_written_breaks_no_page(record: dict[str, object], read: bool) -> None:
    outlook = _outlook(record)
    assert (outlook is not None) == read
    if outlook is not None:
        assert outlook.fit is None or 0 <= outlook.fit <= outlook.pictures
        assert [*hours_line(replace(WORKER, hours=outlook), now=NOW)]


def test_a_worker_that_rests_is_seen_so_by_whoever_looks_at_the_folders(tmp_path: Path) -> None:
    with zone("UTC"):
        begins = datetime.now().replace(hour=12, minute=0, second=0, microsecond=0)
        house = NightHouse(tmp_path, begins=begins.isoformat())
        house.drop("mugs.yaml", "prompt: a mug\nsize: 64x64\n")
        seen: list[str] = []
        house.at(120.0, lambda: seen.append(statuses(house.settings())().text))
        house.at(120.0, house.stop)
        house.run()
        (text,) = seen
        assert "worker w1: paused  it may not render at this hour (setting `hours`); it goes on by itself at" in text
        assert "  hours: It rests outside its hours; it renders from" in text
        receipts = (house.root / "outbox/receipts").iterdir()
        assert {path.name for path in receipts} >= {"hours-w1.txt"}
