"""The receipt of a worker's hours: written where it says something new, in its readers' language, by nobody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from night_house import zone

from worker.spool import init_folders
from worker.spool.answers import Answers
from worker.spool.hours_receipts import HoursReceipt
from worker.spool.readers import Readers
from worker.spool.receipts import FOR_A_DAY
from worker.translation import translated
from worker.window_outlook import WindowOutlook

BEGINS_S = 1_795_899_600.0
"""2026-11-28 22:00 in Berlin."""
NIGHT = WindowOutlook(
    is_on=True, begins_at="2026-11-28T21:00:00+00:00", ends_at="2026-11-29T06:00:00+00:00",
    then_at="2026-11-29T21:00:00+00:00", pictures=900, fit=588,
)  # fmt: skip


class Desk:
    def __init__(self, root: Path) -> None:
        self.folders = init_folders(root)
        self.now_s = 0.0
        self.readers = Readers("auto")
        self.receipt = HoursReceipt(
            self.folders, self.readers, worker_id="w1", clock=lambda: self.now_s, wall=lambda: BEGINS_S + self.now_s
        )
        self.file = self.folders.receipts / "hours-w1.txt"

    def says(self) -> str:
        return self.file.read_text("utf-8").replace("\r\n", "\n")

    def later(self, seconds: float, **changed: object) -> bool:
        """Whether it is written anew."""
        self.now_s += seconds
        before = self.file.stat().st_mtime_ns, self.file.stat().st_ino
        self.receipt.show(replace(NIGHT, **changed))  # type: ignore[arg-type]
        return (self.file.stat().st_mtime_ns, self.file.stat().st_ino) != before


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    with zone("Europe/Berlin"):
        made.receipt.show(NIGHT)
    return made


def test_it_says_what_fits_and_when_the_rest_is_made(desk: Desk) -> None:
    assert desk.says().splitlines()[:5:2] == [
        "Hours of the worker w1, as of 2026-11-28 22:00 (UTC+01:00):",
        "It may render until 07:00.",
        "588 of 900 pictures by 07:00, the rest from 2026-11-29 22:00 on.",
    ]


def test_it_is_in_chinese_where_chinese_jobs_lie(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.folders.inbox / "mugs.yaml").write_text("prompt: 白色陶瓷马克杯\n", "utf-8")
    desk.receipt.show(NIGHT)
    assert translated(FOR_A_DAY, "zh") in desk.says()


def test_it_is_written_anew_only_where_it_says_something_else(desk: Desk) -> None:
    assert not desk.later(3_600.0), "the same"
    assert not desk.later(60.0, fit=580, pictures=890), "soon, and little"
    assert not desk.later(3_600.0, fit=585), "little"
    assert desk.later(3_600.0, fit=500), "the speed has changed"
    assert not desk.later(300.0, fit=400), "not at every picture"
    assert desk.later(1.0, is_on=False, begins_at=NIGHT.then_at), "the window is over"


def test_the_first_forecast_of_a_window_is_written_at_once(desk: Desk) -> None:
    assert desk.later(0.0, is_on=False, begins_at=NIGHT.then_at), "the window before"
    assert desk.later(0.0, fit=None), "nothing is known yet"
    assert desk.later(30.0), "its first picture is made"


def test_what_is_not_known_and_what_fits_whole_is_said_so(desk: Desk) -> None:
    with zone("Europe/Berlin"):
        desk.later(700.0, fit=None)
        assert "900 pictures wait; how many of them are made by 07:00 is not known yet." in desk.says()
        desk.later(700.0, fit=900)
        assert "All 900 pictures that wait are made by 07:00." in desk.says()
        desk.later(700.0, is_on=False, fit=0, pictures=0)
        assert "It rests outside its hours; it renders from 22:00 until 07:00." in desk.says()


def test_what_somebody_else_wrote_under_that_name_is_left_alone(desk: Desk) -> None:
    desk.file.write_text("mine", "utf-8")
    desk.later(3_600.0, fit=1)
    assert desk.file.read_text("utf-8") == "mine"


def test_it_goes_away_a_day_after_its_last_word(desk: Desk) -> None:
    now_s = desk.file.stat().st_mtime
    answers = Answers(desk.folders, desk.readers, clock=lambda: desk.now_s, wall=lambda: now_s)
    answers.sweep()
    assert desk.file.exists()
    desk.now_s, now_s = 700.0, now_s + 86_401.0
    answers.sweep()
    assert not desk.file.exists()
