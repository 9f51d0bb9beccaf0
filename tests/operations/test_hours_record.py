"""Hours in forecasts: who works when, what fits, and what a record that anybody may have written is taken for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import faults

from worker.hours import Calendar, Hours, WeekdayWindow, every_week
from worker.operations.hours_record import calendar_in, rests
from worker.operations.queue_forecast import InWork, forecast, made_by
from worker.operations.queue_record import living_records, queue_ahead
from worker.operations.record import FolderRecorder, WorkerFiles
from worker.operations.recorded_figures import read_worker_file
from worker.operations.speeds import learned
from worker.queued_job import QueuedJob
from worker.records import PictureKind

ONE = PictureKind(pixels=4096, steps=2, is_guided=False)
SPEEDS = learned((), ONE, seconds=10.0)
NOW = "2026-11-28T20:00:00+00:00"
NIGHTS = Hours(
    windows=tuple(WeekdayWindow(weekday=day, begins_min=22 * 60, ends_min=31 * 60) for day in range(7)), zone=UTC
)
HOUR_S = 3_600.0


def nightly() -> Calendar:
    """A window of a hundred seconds every thousand, a thousand times."""
    return Calendar(windows=iter([(1_000.0 * night, 1_000.0 * night + 100.0) for night in range(1_000)]))


def jobs(*pictures: int) -> list[QueuedJob]:
    return [QueuedJob(name=str(number), work={ONE: count}) for number, count in enumerate(pictures)]


def test_a_job_goes_on_in_the_next_window_and_one_that_begins_at_an_end_begins_then() -> None:
    told = forecast(jobs(6, 4, 8, 1), SPEEDS, free_in_s=[0.0], calendars=[nightly()])
    assert [(one.starts_in_s, one.ends_in_s) for one in told.turns] == [
        (0.0, 60.0), (60.0, 100.0), (1_000.0, 1_080.0), (1_080.0, 1_090.0)
    ]  # fmt: skip
    assert told.ends_in_s == 1_090.0
    parted = forecast(jobs(15), SPEEDS, free_in_s=[0.0], calendars=[nightly()])
    assert (parted.turns[0].ends_in_s, parted.turns[0].takes_s) == (1_050.0, 150.0)


def test_what_is_in_work_is_gone_on_with_in_the_next_window_too() -> None:
    in_work = InWork(priority=0, left_s=150.0)
    told = forecast(jobs(1), SPEEDS, free_in_s=[0.0], in_work=in_work, calendars=[nightly()])
    assert told.turns[0].starts_in_s == 1_050.0


def test_a_worker_without_hours_takes_what_the_other_cannot_do_now() -> None:
    told = forecast(jobs(10, 10, 10), SPEEDS, free_in_s=[0.0, 0.0], calendars=[nightly(), Calendar()])
    assert [one.starts_in_s for one in told.turns] == [0.0, 0.0, 100.0]
    assert told.ends_in_s == 200.0


def test_what_is_not_foreseen_within_a_thousand_windows_is_not_told() -> None:
    told = forecast(jobs(20_000, 1), SPEEDS, free_in_s=[0.0], calendars=[nightly()])
    assert [(one.starts_in_s, one.ends_in_s) for one in told.turns] == [(0.0, None), (None, None)]
    assert told.ends_in_s is None


def test_how_many_pictures_fit_is_counted_to_the_picture() -> None:
    turns = forecast(jobs(6, 9, 3), SPEEDS, free_in_s=[0.0], calendars=[nightly()]).turns
    assert [made_by(turns, SPEEDS, until_s) for until_s in (0.0, 59.0, 100.0, 1_100.0)] == [0, 5, 10, 18]
    assert made_by(forecast(jobs(1), (), free_in_s=[0.0]).turns, (), 100.0) is None


class Desk:
    """A recorder with hours, at eight in the evening."""

    def __init__(self, root: Path, name: str = "w1", hours: Hours | None = NIGHTS) -> None:
        self.now_s = 0.0
        self.files = WorkerFiles(root=root, state=root / "workers" / f"{name}.json", speed=root / f"{name}.speed.json")
        about = {"id": name, "host": "studio", "version": "0.1.0"}
        self.recorder = FolderRecorder(
            self.files, about=about, now=self.now, monotonic=lambda: self.now_s, hours=hours, lives=tuple
        )
        self.recorder.use("twin")
        for _ in range(3):
            self.recorder.speed("twin", kind=ONE, seconds=100.0)

    def now(self) -> str:
        return (datetime.fromisoformat(NOW) + timedelta(seconds=self.now_s)).isoformat(timespec="milliseconds")

    def record(self) -> dict:
        return dict(read_worker_file(self.files.state))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_resting_worker_foresees_its_next_night_and_writes_down_what_fits(desk: Desk) -> None:
    desk.recorder.state("paused", reason="its hours are over")
    desk.recorder.queue(jobs(300, 100))
    desk.now_s += 3.0
    desk.recorder.state("paused", reason="its hours are over")
    record = desk.record()
    assert not faults("worker", record)
    assert record["hours"]["windows"][0] == ["2026-11-28T22:00:00+00:00", "2026-11-29T07:00:00+00:00"]
    assert len(record["hours"]["windows"]) == 7
    told = {key: value for key, value in record["hours"].items() if key != "windows"}
    assert told == {
        "is_on": False, "begins_at": "2026-11-28T22:00:00+00:00", "ends_at": "2026-11-29T07:00:00+00:00",
        "then_at": "2026-11-29T22:00:00+00:00", "pictures": 400, "fit": 324,
    }  # fmt: skip
    assert [one["starts_in_s"] for one in record["queue"]] == [pytest.approx(2 * HOUR_S - 3), pytest.approx(37_197.0)]
    assert record["queue"][1]["ends_in_s"] == pytest.approx(26 * HOUR_S + 7_600 - 3)
    assert rests(record)


def test_what_fits_corrects_itself_as_the_speed_changes_and_with_the_job_in_work(desk: Desk) -> None:
    desk.now_s = 2 * HOUR_S
    desk.recorder.queue(jobs(300))
    seen = []
    for seconds in (100.0, 200.0):
        for _ in range(30):
            desk.recorder.speed("twin", kind=ONE, seconds=seconds)
        desk.now_s += 100.0
        progress = {"done": 0, "total": 50, "failed": 0, "left": {ONE: 50}}
        desk.recorder.state("rendering", job="mugs", **progress)
        outlook = desk.recorder.outlook()
        assert outlook is not None
        seen.append((outlook.pictures, outlook.fit))
    assert seen[0] == (350, 323), "what is left of nine hours"
    assert seen[1][0] == 350
    assert 155 <= (seen[1][1] or 0) <= 170


def test_pictures_that_are_made_are_counted_over_jobs(desk: Desk) -> None:
    for job in ("a", "b"):
        desk.recorder.state("rendering", job=job, done=0, total=3, failed=0, left={ONE: 3})
        for done, failed in ((1, 0), (2, 1), (3, 1)):
            desk.recorder.settled(done=done, failed=failed)
        desk.recorder.state("idle")
    assert desk.recorder.made() == 4


def test_one_without_hours_writes_nothing_of_them(tmp_path: Path) -> None:
    desk = Desk(tmp_path, hours=None)
    desk.recorder.state("idle")
    assert "hours" not in desk.record()
    assert desk.recorder.outlook() is None


def test_a_resting_worker_takes_jobs_at_its_hour_and_one_that_is_paused_does_not(tmp_path: Path) -> None:
    resting, paused = Desk(tmp_path, "w1"), Desk(tmp_path, "w2", hours=None)
    resting.recorder.state("paused", reason="its hours are over")
    paused.recorder.state("paused", reason="PAUSE lies in the inbox")
    records = living_records(tmp_path / "workers", lives=tuple)
    assert [record["id"] for record in records] == ["w1"]
    ahead = queue_ahead(records, now=NOW)
    told = forecast(jobs(6), SPEEDS, free_in_s=ahead.free_in_s, calendars=ahead.calendars)
    assert told.turns[0].starts_in_s == 2 * HOUR_S


ODD = [None, 3, "x", [], {}, [[]], [["a", "b"]], [[NOW]], [[NOW, NOW]], [["2026-11-28T22:00:00+00:00"] * 2], [[NOW, 5]]]


@pytest.mark.parametrize("windows", [*ODD, [["0001-01-01T00:00:00+00:00", "9999-12-31T00:00:00+00:00"]] * 60])
def test_windows_that_make_no_sense_mean_at_any_time(windows: object) -> None:
    assert calendar_in({"hours": {"windows": windows}}, now=NOW).begins(5.0) == 5.0
    assert calendar_in({"hours": windows}, now=NOW).begins(5.0) == 5.0


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(-700_000, 700_000), st.integers(1, 700_000)), max_size=60))
def test_whatever_windows_a_record_has_a_forecast_comes_to_an_end(spans: list[tuple[int, int]]) -> None:
    start = datetime.fromisoformat(NOW)
    windows = [
        [(start + timedelta(seconds=begins)).isoformat(), (start + timedelta(seconds=begins + length)).isoformat()]
        for begins, length in spans
    ]
    calendar = calendar_in({"hours": {"windows": windows}}, now=NOW)
    begins_s = calendar.begins(0.0)
    assert 0.0 <= begins_s <= calendar.ends(begins_s, 1_000.0)


def test_the_same_hours_come_every_week() -> None:
    assert every_week([(0.0, 100.0)]).ends(0.0, 150.0) == 7 * 86_400.0 + 50.0
