"""Receipts of jobs that wait for their turn or are in work: what they say, how seldom they are written, and by whom."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told import look, receipts

from worker.overview_records import RunningJob, WaitingJob
from worker.spool.progress_receipts import EVERY_S, MOST, TOLD_AFTER_S
from worker.spool.prospects import Prospect, has_moved, stamped
from worker.spool.receipts import PROGRESS, SIGNED, read_receipt, receipt_name
from worker.translation import gettext


def line(*names: str, **changes) -> list[WaitingJob]:
    return [
        WaitingJob(**{"name": name, "state": "waiting", "position": number, "pictures": 40, **changes})
        for number, name in enumerate(names, 1)
    ]


def told(yard, spool, queue: list[WaitingJob]) -> None:
    """Two looks, as far apart as a job must wait before its turn is told."""
    for _ in range(2):
        look(yard, spool)
        spool.inbox.foresee(queue)
        spool.inbox.tell({})
        yard.now_s += max(EVERY_S, TOLD_AFTER_S)
    spool.inbox.foresee(queue)
    spool.inbox.tell({})


def written(yard) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in (yard.folders.outbox / "receipts").glob("*.txt")}


def test_a_job_that_waits_for_its_turn_is_told_when_it_comes(yard) -> None:
    spool = yard.worker()
    yard.drop("mugs.yaml")
    told(yard, spool, line("mugs.yaml", starts_in_s=600.0, ends_in_s=1800.0))
    text = receipts(yard)["mugs.yaml.txt"]
    for said in ("number 1 in line", "40 pictures", "It begins at about", "It is done at about", "index.html"):
        assert said in text
    assert "is not done, because" not in text
    assert text.rstrip().splitlines()[-1].startswith(PROGRESS)


def test_it_is_no_reason_for_whoever_counts_what_is_not_done(yard) -> None:
    spool = yard.worker()
    yard.drop("mugs.yaml")
    told(yard, spool, line("mugs.yaml"))
    said = read_receipt("mugs.yaml.txt", outbox=yard.folders.outbox)
    assert (said.why, said.warnings) == ("", 0)


def test_warnings_stand_before_it_in_the_same_receipt(yard) -> None:
    spool = yard.worker()
    yard.drop("mugs.yaml")
    told(yard, spool, line("mugs.yaml"))
    yard.now_s += EVERY_S
    spool.inbox.tell({"mugs.yaml": gettext("one thing is odd\n* `#N/A` is no title")})
    text = receipts(yard)["mugs.yaml.txt"]
    assert text.index("is no title") < text.index("number 1 in line")
    assert text.rstrip().splitlines()[-1] == SIGNED
    assert read_receipt("mugs.yaml.txt", outbox=yard.folders.outbox).warnings == 1


def test_a_job_that_is_held_is_told_why_and_nothing_else(yard) -> None:
    spool = yard.worker()
    yard.drop("mugs.yaml")
    told(yard, spool, line("mugs.yaml"))
    spool.inbox.tell({"mugs.yaml": gettext("it waits for approval")})
    text = receipts(yard)["mugs.yaml.txt"]
    assert "it waits for approval" in text
    assert "in line" not in text


def test_a_receipt_is_written_anew_only_when_the_forecast_has_moved(yard) -> None:
    spool = yard.worker()
    yard.drop("mugs.yaml")
    told(yard, spool, line("mugs.yaml", starts_in_s=6000.0, ends_in_s=6060.0))
    first = written(yard)
    for starts_in_s, is_anew in ((6200.0, False), (5500.0, False), (3000.0, True)):
        yard.now_s += EVERY_S
        spool.inbox.foresee(line("mugs.yaml", starts_in_s=starts_in_s, ends_in_s=starts_in_s + 60.0))
        spool.inbox.tell({})
        assert (written(yard) != first) == is_anew, starts_in_s


def test_it_goes_when_the_job_is_withdrawn_or_taken(yard) -> None:
    spool = yard.worker()
    path = yard.drop("mugs.yaml")
    told(yard, spool, line("mugs.yaml"))
    assert receipts(yard)
    path.unlink()
    spool.inbox.scan()
    spool.inbox.foresee([])
    spool.inbox.tell({})
    assert receipts(yard) == {}


def test_workers_that_foresee_about_the_same_leave_each_other_s_receipts(yard) -> None:
    first, second = yard.worker("w1"), yard.worker("w2")
    names = [f"mug-{number}.yaml" for number in range(5)]
    for name in names:
        yard.drop(name)
    told(yard, first, line(*names, starts_in_s=600.0))
    made = written(yard)
    assert len(made) == 5
    told(yard, second, line(*names, starts_in_s=700.0))
    told(yard, first, line(*names, starts_in_s=600.0))
    assert written(yard) == made


def test_a_long_line_is_written_by_and_by_the_first_ones_first(yard) -> None:
    spool = yard.worker()
    names = [f"mug-{number:03}.yaml" for number in range(100)]
    for name in names:
        yard.drop(name)
    told(yard, spool, line(*names))
    assert {f"{name}.txt" for name in names[:MOST]} <= set(receipts(yard))
    assert len(receipts(yard)) <= 3 * MOST
    for _ in range(6):
        yard.now_s += EVERY_S
        spool.inbox.foresee(line(*names))
        spool.inbox.tell({})
    assert len(receipts(yard)) == 100


def test_a_slow_share_ends_a_round_early(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool, rename = yard.worker(), os.rename
    names = [f"mug-{number:03}.yaml" for number in range(10)]
    for name in names:
        yard.drop(name)

    def slow(*args, **named) -> None:
        yard.now_s += 0.1
        rename(*args, **named)

    yard.settled(spool)
    spool.inbox.foresee(line(*names))
    yard.now_s += TOLD_AFTER_S
    monkeypatch.setattr(os, "rename", slow)
    spool.inbox.foresee(line(*names))
    began_s = yard.now_s
    spool.inbox.tell({})
    assert yard.now_s - began_s < 0.5


def test_a_job_in_work_is_told_by_who_works_on_it_with_a_link(yard) -> None:
    spool = yard.worker("w1")
    yard.drop("mugs.yaml")
    (candidate,) = yard.settled(spool)
    claim = spool.ownership.begin(spool.ownership.claim(candidate))
    job = RunningJob(name="mugs", worker="w1", folder="mugs.w1-1.partial", pictures=40, made=12, failed=1, left_s=600)
    spool.inbox.foresee_work(claim, job)
    text = receipts(yard)["mugs.yaml.txt"]
    for said in ("w1 works on it: 12 of 40 pictures", "It is done at about", "mugs.w1-1.partial/index.html"):
        assert said in text
    other = yard.worker("w2")
    look(yard, other)
    assert receipts(yard)["mugs.yaml.txt"] == text, "another worker leaves it"
    yard.drop("PAUSE")
    yard.now_s += 2
    assert spool.inbox.is_paused()
    spool.inbox.foresee_work(claim, job)
    assert "Every worker waits while PAUSE lies in the inbox" in receipts(yard)["mugs.yaml.txt"]


def test_what_a_job_in_work_says_of_the_line_keeps_the_warnings_of_those_that_wait(yard) -> None:
    spool = yard.worker()
    yard.drop("bowl.yaml")
    claim = yard.begun(spool, "bowl.yaml")
    yard.drop("mugs.yaml")
    told(yard, spool, line("mugs.yaml"))
    yard.now_s += EVERY_S
    spool.inbox.tell({"mugs.yaml": gettext("one thing is odd\n* `#N/A` is no title")})
    first = receipts(yard)["mugs.yaml.txt"]
    yard.now_s += EVERY_S
    job = RunningJob(name="bowl", worker="w1", folder="bowl.w1-1.partial", pictures=40, made=12, failed=1)
    spool.inbox.foresee_work(claim, job)
    assert set(receipts(yard)) == {"bowl.yaml.txt", "mugs.yaml.txt"}
    assert receipts(yard)["mugs.yaml.txt"] == first
    assert "is no title" in first


def test_a_job_that_rests_is_said_to_be_in_work_by_nobody(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    job = RunningJob(name="mug", worker="w1", folder="mug.w1-1.partial", pictures=40, made=12, failed=1)
    spool.inbox.foresee_work(claim, job)
    spool.inbox.tell_of(claim, gettext("it rests"))
    text = receipts(yard)["mug.yaml.txt"]
    assert "it rests" in text
    assert "works on it" not in text


@pytest.mark.parametrize("name", ["mug\udcff.yaml", "杯 子.yaml", "CON.yaml", "x" * 200 + ".yaml", "mug\u202e.yaml"])
def test_whatever_a_job_is_called_its_receipt_is_one_whole_text(yard, name: str) -> None:
    spool = yard.worker()
    yard.drop(name)
    told(yard, spool, line(name))
    text = (yard.folders.outbox / "receipts" / receipt_name(name)).read_text("utf-8")
    assert stamped(text.rstrip().splitlines()[-1]) is not None
    assert "\u202e" not in text


COUNTS = st.none() | st.integers(0, 10**6)
PROSPECTS = st.builds(
    Prospect, at_s=st.integers(0, 10**10), position=COUNTS, pictures=COUNTS, made=st.integers(0, 10**6),
    starts_s=st.none() | st.integers(0, 10**11), ends_s=st.none() | st.integers(0, 10**11),
)  # fmt: skip


@given(PROSPECTS)
def test_a_stamp_says_what_was_foreseen(prospect: Prospect) -> None:
    assert stamped(prospect.stamp("0123abcd")) == (prospect, "0123abcd")
    assert not has_moved(prospect, prospect)
    assert [str(sentence) for sentence in prospect.lines()]


@given(st.text())
def test_any_other_line_is_no_stamp(text: str) -> None:
    assert stamped(text) is None
