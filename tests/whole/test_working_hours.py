"""A worker that has hours: what it does at their end, between them, and at their beginning."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from night_house import PICTURE_S, NightHouse, zone
from twins import PaintingRenderer
from written import faults

from worker.errors import ExitCode
from worker.operations.events import configure

pytestmark = pytest.mark.slow

LONG = "prompt: a mug\nsize: 64x64\ncount: {}\n"
HOURS = "22:00-23:00, 23:20-00:20, 00:40-01:00"
"""Twelve pictures, twelve pictures, four."""


@pytest.fixture(autouse=True)
def berlin() -> Iterator[None]:
    configure("json", io.StringIO())
    with zone("Europe/Berlin"):
        yield


@pytest.fixture
def house(tmp_path: Path) -> NightHouse:
    return NightHouse(tmp_path, begins="2026-11-28 21:58")


def spent(house: NightHouse, *windows: tuple[str, str]) -> None:
    """Every picture was begun within one of these."""
    for when, _ in house.painted:
        begun_s = datetime.fromisoformat(when).timestamp() - PICTURE_S
        assert any(
            datetime.fromisoformat(begins).timestamp() <= begun_s < datetime.fromisoformat(ends).timestamp()
            for begins, ends in windows
        ), when


def test_a_job_goes_on_over_the_windows_where_it_was_and_no_picture_is_made_twice(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(26))
    house.at_hour("2026-11-29 01:20", house.stop)
    painter = house.painter()
    assert house.run(painter, hours=HOURS) == ExitCode.DONE
    assert len(house.painted) == len({file for _, file in house.painted}) == 26
    spent(
        house,
        ("2026-11-28 22:00", "2026-11-28 23:00"),
        ("2026-11-28 23:20", "2026-11-29 00:20"),
        ("2026-11-29 00:40", "2026-11-29 01:00"),
    )
    assert (house.manifest("mugs")["status"], painter.starts) == ("complete", 3)
    assert house.is_swept()
    claim = house.manifest("mugs")["shots"][0]
    assert claim["status"] == "ok"


def test_a_window_says_at_its_beginning_what_fits_and_at_its_end_what_was_made(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(26))
    house.at_hour("2026-11-29 01:20", house.stop)
    house.run(hours=HOURS)
    begun = [(one["pictures_waiting"], one["pictures_fit"], one["left"]) for one in house.told("window.begun")]
    assert begun == [(26, None, None), (14, 12, 2), (2, 2, 0)], "nothing is known before the first picture"
    assert house.told("window.begun")[0]["until"] == "2026-11-28T22:00:00+00:00"
    assert [(one["made"], one["left"]) for one in house.told("window.ended")] == [(12, 14), (12, 2), (2, 0)]
    awaited = ["21:58 begins 22:00", "23:00 begins 23:20", "00:20 begins 00:40", "01:00 begins 22:00"]
    told = [
        f"{when[11:]} begins {datetime.fromisoformat(str(facts['begins'])).astimezone():%H:%M}"
        for when, event, facts in house.heard
        if event == "window.awaited"
    ]
    assert told == awaited


def test_a_worker_that_starts_within_a_window_says_what_fits_too(tmp_path: Path) -> None:
    house = NightHouse(tmp_path, begins="2026-11-28 22:30")
    house.drop("mugs.yaml", LONG.format(3))
    house.at_hour("2026-11-28 23:10", house.stop)
    house.run(hours=HOURS)
    assert len(house.told("window.begun")) == 1
    assert house.told("window.ended") == [{"made": 3, "left": 0, "level": "info"}]


def test_outside_the_hours_the_card_is_free_and_nothing_is_held(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(20))
    painter, seen = house.painter(), {}

    def look() -> None:
        seen["up"] = painter.is_up
        seen["claims"] = [*house.folders.claims.glob("*/*")]
        seen["inbox"] = house.names("inbox") - {".zimage-worker"}
        note = json.loads(next(house.folders.returned.glob("*.json")).read_text("utf-8"))
        seen["attempt"] = note["attempt"]
        seen["record"] = house.record()
        seen["page"] = next((house.root / "outbox").glob("mugs*.partial")).joinpath("index.html").read_text("utf-8")
        house.stop()

    house.at_hour("2026-11-28 23:10", look)
    assert house.run(painter, hours=HOURS) == ExitCode.DONE
    assert (seen["up"], seen["claims"], seen["inbox"], seen["attempt"]) == (False, [], {"mugs.yaml"}, 0)
    assert "it may not render at this hour" in seen["page"]
    assert "as soon as another worker takes it" in seen["page"]
    record = seen["record"]
    assert record["state"] == "paused"
    assert "goes on by itself at 2026-11-28 23:20" in record["reason"]
    assert not faults("worker", record)
    assert {key: record["hours"][key] for key in ("is_on", "pictures", "fit")} == {
        "is_on": False, "pictures": 8, "fit": 8,
    }  # fmt: skip
    assert [(one["name"], one["pictures"]) for one in record["queue"]] == [("mugs.yaml", 8)]


def test_a_job_that_does_not_fit_ends_after_the_gap_in_the_record(house: NightHouse) -> None:
    house.drop("first.yaml", LONG.format(14))
    house.drop("mugs.yaml", LONG.format(4))
    seen: list[dict] = []
    house.at_hour("2026-11-28 22:32", lambda: seen.append(house.record()))
    house.at_hour("2026-11-28 22:40", house.stop)
    house.run(hours=HOURS)
    (record,) = seen
    left = 14 - record["done"]
    assert record["left_s"] == pytest.approx(PICTURE_S * left + 1_200, abs=PICTURE_S), "the gap is counted"
    (queued,) = record["queue"]
    assert queued["ends_in_s"] == pytest.approx(record["left_s"] + queued["takes_s"], abs=5)
    assert record["hours"]["fit"] == pytest.approx(12 - record["done"], abs=1)
    assert record["hours"]["pictures"] == left + 4


def test_an_urgent_job_waits_like_any_other_and_is_first_in_the_next_window(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(20))
    house.at_hour("2026-11-28 23:02", lambda: house.drop("urgent.yaml", LONG.format(2) + "priority: high\n"))
    house.at_hour("2026-11-29 00:30", house.stop)
    house.run(hours=HOURS)
    after = [file for when, file in house.painted if when > "2026-11-28 23:10"]
    assert len(after) == 10
    assert (house.root / "outbox/urgent/manifest.json").exists()
    urgent = house.manifest("urgent")
    assert urgent["finished_at"] < house.manifest("mugs")["finished_at"]
    assert urgent["started_at"] >= "2026-11-28T22:20"


def test_a_job_that_gave_way_and_the_urgent_one_go_back_at_the_end(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(20))
    house.at_hour("2026-11-28 22:40", lambda: house.drop("urgent.yaml", LONG.format(20) + "priority: high\n"))
    seen: list[set[str]] = []
    house.at_hour("2026-11-28 23:10", lambda: seen.append(house.names("inbox")))
    house.at_hour("2026-11-28 23:10", house.stop)
    house.run(hours=HOURS)
    assert seen == [{"mugs.yaml", "urgent.yaml", ".zimage-worker"}]
    assert not [*house.folders.claims.glob("*/*")]
    assert house.told("window.ended")[0]["left"] == 40 - house.told("window.ended")[0]["made"]  # type: ignore[operator]


def test_a_worker_without_hours_takes_what_was_given_back_and_keeps_its_pictures(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(14))
    other = PaintingRenderer()
    house.at_hour("2026-11-28 23:10", lambda: house.drain(other, worker_id="w2"))
    house.at_hour("2026-11-28 23:40", house.stop)
    house.run(hours=HOURS)
    assert len(other.painted) == 2
    assert len(house.painted) == 12
    assert house.manifest("mugs")["status"] == "complete"
    assert not house.told("window.begun")[1]["pictures_waiting"]


def test_between_windows_people_are_heard_and_what_is_invalid_is_refused(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(14))
    house.drop("vases.yaml", LONG.format(3))

    def at_three() -> None:
        house.drop("vases.cancel", "")
        house.drop("bad.yaml", "promt: a mug\n")

    def look() -> None:
        assert house.names("failed") == {"vases", "bad"}
        assert json.loads((house.root / "failed/vases/error.json").read_bytes())["status"] == "cancelled"
        assert len(house.painted) == 12
        house.stop()

    house.at_hour("2026-11-28 23:03", at_three)
    house.at_hour("2026-11-28 23:18", look)
    house.run(hours=HOURS)
    assert house.names("failed") == {"vases", "bad"}


def test_a_job_that_is_cancelled_between_windows_ends_then_with_the_pictures_that_it_has(house: NightHouse) -> None:
    house.drop("mugs.yaml", "name: Becher\n" + LONG.format(14))
    painter, seen = house.painter(), []
    house.at_hour("2026-11-28 23:05", lambda: house.drop("Becher.cancel", ""))
    house.at_hour("2026-11-28 23:18", lambda: seen.append((house.names("outbox"), painter.is_up)))
    house.at_hour("2026-11-28 23:18", house.stop)
    house.run(painter, hours=HOURS)
    assert seen == [({"Becher"}, False)]
    assert house.manifest("Becher")["status"] == "cancelled"
    assert len([*(house.root / "outbox/Becher").glob("*.png")]) == 12
    assert house.is_swept()


def test_a_pause_over_the_end_of_a_window_holds_neither_the_card_nor_the_job(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(14))
    painter, seen = house.painter(), []
    house.at_hour("2026-11-28 22:50", lambda: house.drop("PAUSE", ""))
    house.at_hour("2026-11-28 23:10", lambda: seen.append((painter.is_up, house.names("inbox"))))
    house.at_hour("2026-11-28 23:30", lambda: seen.append(("paused", house.record()["reason"])))
    house.at_hour("2026-11-28 23:40", (house.root / "inbox/PAUSE").unlink)
    house.at_hour("2026-11-29 00:30", house.stop)
    house.run(painter, hours=HOURS)
    assert seen[0] == (False, {"mugs.yaml", "PAUSE", ".zimage-worker"})
    assert "PAUSE lies in the inbox" in seen[1][1]
    assert house.manifest("mugs")["status"] == "complete"
    assert not [when for when, _ in house.painted if "2026-11-28 22:55" < when < "2026-11-28 23:40"]


@pytest.mark.parametrize("jobs", [0, 2])
def test_a_drain_outside_the_hours_says_so_and_ends_at_once(house: NightHouse, jobs: int) -> None:
    for number in range(jobs):
        house.drop(f"mugs{number}.yaml", LONG.format(2))
    painter = house.painter()
    assert house.run(painter, drain=True, hours=HOURS) == (ExitCode.JOBS_FAILED if jobs else ExitCode.DONE)
    assert (house.now_s() < 60, painter.starts, house.painted) == (True, 0, [])
    assert [event for _, event, _ in house.heard] == ["window.awaited"]


@pytest.mark.parametrize(("pictures", "code"), [(14, ExitCode.JOBS_FAILED), (5, ExitCode.DONE)])
def test_a_drain_ends_at_the_end_of_the_window_and_gives_back_what_is_left(
    tmp_path: Path, pictures: int, code: ExitCode
) -> None:
    house = NightHouse(tmp_path, begins="2026-11-28 22:00")
    house.drop("mugs.yaml", LONG.format(pictures))
    assert house.run(drain=True, hours=HOURS) == code
    assert house.shown() <= "2026-11-28 23:06"
    assert house.names("inbox") - {".zimage-worker"} == ({"mugs.yaml"} if code else set())
    assert not [*house.folders.claims.glob("*/*")]


def test_a_worker_killed_in_a_window_and_started_outside_gives_back_what_it_left(house: NightHouse) -> None:
    class Killed(BaseException):
        pass

    def die(_: object) -> None:
        if len(house.painted) == 3:
            raise Killed
        house.painted.append(("", "x"))

    house.drop("mugs.yaml", LONG.format(5))
    with pytest.raises(Killed):
        house.run(PaintingRenderer(after=die))
    assert [*house.folders.claims.glob("*/*")]
    house.spend(datetime.fromisoformat("2026-11-29 12:00").timestamp() - house.wall_s())
    house.at_hour("2026-11-29 12:10", house.stop)
    house.run()
    assert not [*house.folders.claims.glob("*/*")]
    note = json.loads(next(house.folders.returned.glob("*.json")).read_text("utf-8"))
    assert note["deaths"], "the death still counts"
    other = PaintingRenderer()
    house.resume()
    house.drain(other, worker_id="w2")
    assert len(other.painted) == 2
    assert house.manifest("mugs")["status"] == "complete"


def test_a_clock_that_is_set_is_obeyed_at_once(house: NightHouse) -> None:
    house.drop("mugs.yaml", LONG.format(20))

    def set_clock(by_s: float) -> None:
        house.set_by_s += by_s

    house.at(3_000.0, lambda: set_clock(-7_200.0))  # 22:48 becomes 20:48
    house.at(4_000.0, lambda: set_clock(7_200.0))  # 21:04 becomes 23:04
    house.at(4_500.0, lambda: set_clock(600.0))  # 23:13 becomes 23:23
    house.at(6_500.0, house.stop)
    house.run(hours=HOURS)
    made = house.hours_painted()
    assert len([when for when in made if "20:48" < when[11:] < "21:10"]) == 1, "the one in work is finished"
    assert any(when > "2026-11-28 23:23" for when in made)
    assert len(set(house.painted)) == len({file for _, file in house.painted})
