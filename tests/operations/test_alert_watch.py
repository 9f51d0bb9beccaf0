"""The watch: events become alerts once each; what lasts is told then and when it is over, also across restarts."""

from __future__ import annotations

from pathlib import Path

import pytest
from alert_night import SETTLED, Night
from pages import page

from worker.operations.alerts.rows import OUTAGE_S, ROWS
from worker.operations.sentences import SENTENCES


def test_every_event_that_is_told_has_a_sentence() -> None:
    logged = set(page("worker/operations/README.md").first_words("## Events in the log"))
    assert (ROWS.keys() & logged) <= SENTENCES.keys()


def test_a_share_that_is_away_for_a_moment_is_nobody_s_business() -> None:
    night = Night()
    night.log("share.away", error="gone", again_s=15)
    night.pass_s(OUTAGE_S - 1)
    night.log("share.back")
    night.pass_s(1e5)
    assert night.titles == []


def test_an_outage_is_told_once_when_it_has_lasted_and_once_when_it_is_over() -> None:
    night = Night()
    for minute in range(180):
        night.log("share.away", error=f"try {minute}", again_s=15)
        night.pass_s(60)
    night.log("share.back")
    night.pass_s(1e5)
    assert [title.split("(")[0] for title in night.titles] == [
        "pc: The share is away ", "pc: Over, after 3 h 00 min: The share is away ",
    ]  # fmt: skip
    assert [letter.severity for _, letter in night.letters] == ["failure", "success"]
    assert night.letters[0][0] < OUTAGE_S + 5


def test_work_that_goes_on_ends_an_outage_whose_end_was_not_logged() -> None:
    night = Night()
    night.log("model.away", error="gone", again_s=15)
    night.pass_s(1_000)
    night.log("worker.ready")
    night.pass_s(100)
    assert len(night.titles) == 2


def test_a_pause_that_somebody_forgot_is_told_after_half_an_hour() -> None:
    night = Night()
    night.log("worker.paused", reason="PAUSE lies in the inbox")
    night.pass_s(1_700)
    assert night.titles == []
    night.pass_s(8 * 3_600)
    assert night.titles == ["pc: Paused: PAUSE lies in the inbox"]
    night.log("worker.resumed")
    night.pass_s(100)
    assert len(night.titles) == 2


def test_jobs_are_told_in_one_message_with_the_sum_of_the_night_once_the_queue_is_empty() -> None:
    night = Night()
    for number in range(12):
        night.log("job.claimed", job=str(number))
        night.pass_s(5)
        night.log("job.settled", **SETTLED | {"job": str(number)})
        night.idle()
        night.pass_s(1)
    night.log("job.settled", **SETTLED | {"job": "bowls", "status": "partial", "failed": 3})
    night.idle()
    night.pass_s(1e5)
    [title] = night.titles
    assert title == "pc: 1 job partial; queue empty: 13 jobs, 104 pictures, 3 pictures failed, 1 min 12 s"
    body = night.letters[0][1].body.splitlines()
    assert body[0] == "partial: bowls, 8 of 11 pictures in 24 s: /out/mugs"
    assert body[-1] == "All of it: /out/index.html"


def test_a_window_is_told_once_although_the_worker_is_started_again_in_it(tmp_path: Path) -> None:
    night = Night(tmp_path / "told.json")
    for _ in range(3):
        for until in ("2026-11-28T07:00:00+00:00", "2026-11-29T07:00:00+00:00"):
            night.log("window.begun", pictures_waiting=9, pictures_fit=9, until=until, left=0, then=until)
        night.pass_s(5_000.0)
        night.restart()
    night.pass_s(50_000.0)
    assert [letter.body.count("The hours have begun") for _, letter in night.letters] == [2]


def test_a_window_in_which_there_is_nothing_to_do_is_not_told() -> None:
    night = Night()
    night.log("window.begun", pictures_waiting=0, pictures_fit=0, until="2026-11-28T07:00:00+00:00", left=0)
    night.log("window.ended", made=0, left=0)
    night.pass_s(5_000.0)
    assert night.letters == []
    night.log("window.ended", made=0, left=3)
    night.pass_s(5_000.0)
    assert len(night.letters) == 1


def test_a_proof_that_nobody_answers_is_recalled_ever_more_seldom() -> None:
    night, days = Night(), []
    for day in range(1, 31):
        night.log("proof.waiting", job="mugs", folder="mugs.proof", days=day, since="2026-11-28T07:00:00+00:00")
        before = len(night.letters)
        night.pass_s(86_400.0)
        days += [day] * (len(night.letters) - before)
    assert days == [1, 3, 7, 14, 21, 28]
    assert "since 2026-11-28 " in night.letters[0][1].body


def test_a_queue_that_fills_again_is_not_called_empty() -> None:
    night = Night()
    night.log("job.settled", **SETTLED)
    night.idle()
    night.log("job.claimed", job="next")
    night.pass_s(1e5)
    assert night.titles == ["pc: finished: mugs, 8 pictures in 24 s: /out/mugs"]


def test_a_job_that_is_cancelled_in_work_is_told_when_it_ends_and_not_twice() -> None:
    night = Night()
    night.log("job.cancelled", job="mugs", by="mugs.cancel", pictures=3, left=5)
    night.log("job.settled", **SETTLED | {"status": "cancelled", "cancelled": 5, "pictures": 3})
    night.pass_s(1e5)
    assert night.titles == ["pc: cancelled: mugs, 3 of 8 pictures were made: /out/mugs"]


@pytest.mark.slow
def test_a_crash_loop_is_told_three_times_in_a_night_although_nothing_outlives_it_but_a_file(tmp_path: Path) -> None:
    night = Night(tmp_path / "told.json")
    for _ in range(0, 12 * 3_600, 60):
        night.restart()
        night.log("worker.unclean_stop", state="starting", job=None, heard_at=None)
        night.watch.ended("the card was lost", night.now_s)
        night.pass_s(60)
    assert len(night.titles) == 3
    assert (tmp_path / "told.json").stat().st_size < 10_000


@pytest.mark.slow
def test_an_outage_in_a_crash_loop_is_told_once_and_once_when_it_is_over(tmp_path: Path) -> None:
    night = Night(tmp_path / "told.json")
    for _ in range(120):
        night.restart()
        night.log("share.away", error="gone", again_s=15)
        night.pass_s(30)
    assert night.titles == ["pc: The share is away (gone); looking again every 15 s."]
    night.restart()
    night.log("worker.ready")
    night.pass_s(100)
    assert night.titles[1:] == ["pc: Over, after 1 h 00 min: The share is away (gone); looking again every 15 s."]


def test_a_trouble_of_a_former_run_is_not_told_unless_it_is_met_again(tmp_path: Path) -> None:
    night = Night(tmp_path / "told.json")
    night.log("share.away", error="gone", again_s=15)
    night.restart()
    night.pass_s(1e5)
    assert night.titles == []


def test_what_was_gathered_when_a_worker_was_killed_is_sent_by_the_next(tmp_path: Path) -> None:
    night = Night(tmp_path / "told.json")
    night.log("job.settled", **SETTLED | {"status": "failed", "pictures": 0, "failed": 8})
    night.restart()
    night.pass_s(100)
    assert night.titles == ["pc: failed: mugs, 0 of 8 pictures could be made: /fail/mugs"]
    night.restart()
    night.pass_s(1e5)
    assert len(night.titles) == 1


def test_a_memory_that_is_odd_is_forgotten(tmp_path: Path) -> None:
    memory = tmp_path / "told.json"
    for text in ("", "{", "[]", '{"saved_s": "x"}', '{"saved_s": 1, "sent": [null], "told": 3}', "{}" * 9):
        memory.write_text(text)
        night = Night(memory)
        night.log("job.settled", **SETTLED)
        night.pass_s(100)
        assert len(night.titles) == 1


@pytest.mark.parametrize("odd", [None, [1], {"a": 1}, float("nan"), float("inf"), -1, True, 10**30, "", "\x1b[2J\n{x}"])
def test_whatever_the_facts_are_every_event_is_told_or_passed_over(odd: object, tmp_path: Path) -> None:
    names = "job file files error reason seconds pictures failed left fits problems first again_s status careful"
    night = Night(tmp_path / "told.json")
    for event in sorted(ROWS):
        for facts in ({}, dict.fromkeys([*names.split(), "temperature_c", "until", "heard_at", "pid"], odd)):
            night.log(event, **facts)
    night.idle()
    night.pass_s(1e5)
    assert night.letters
    assert all(letter.title.isprintable() for _, letter in night.letters)
