"""What people ask for by files in the inbox is understood at once, obeyed after the picture in work, and answered."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from house import MODEL, House
from structlog.testing import capture_logs
from told import receipts
from twins import PaintingRenderer

from worker.compose.bootstrap import Worker
from worker.errors import ExitCode
from worker.spool.answers import ANSWERED, KEPT_S, SWEPT_EVERY_S, Answers
from worker.spool.control_words import EXPIRES_S
from worker.spool.controls import MOST_TOLD
from worker.spool.inbox import HEAR_S
from worker.spool.layout import HIDDEN
from worker.spool.readers import Readers
from worker.spool.steering import VERBS, controls_in, is_steering

TWO = "shots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: a vase}\n"
LONG = "prompt: a mug\ncount: 4\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def run(house: House, during: Callable[[Worker], None]) -> tuple[ExitCode, PaintingRenderer]:
    """A drain of a worker that does so while each picture is made."""
    renderer = PaintingRenderer(after=lambda _: during(worker))
    worker = house.worker(renderer)
    with worker.spool.ownership.lock(house.wait):
        return worker.daemon(MODEL).run(drain=True), renderer


def look(house: House, worker_id: str = "w1") -> None:
    spool = house.spool(worker_id)
    spool.inbox.scan()
    spool.inbox.tell({})


@pytest.mark.parametrize(
    "name", ["mugs.cancel", "Autumn.CANCEL.txt", "PAUSE", "pause.TXT", "old.retry", "mugs.approve"]
)
def test_whoever_asks_while_a_picture_is_made_is_understood_before_it_is_done(house: House, name: str) -> None:
    house.drop("old.yaml", "prompt: a bowl\n")
    house.drain(PaintingRenderer(refuses=["shot-01_01.png"]))
    house.drop("mugs.yaml", f"name: Autumn\n{LONG}")
    heard = []

    def ask(worker: Worker) -> None:
        if not heard:
            house.drop(name, "")
            house.spend(HEAR_S)
            worker.spool.inbox.hear()
            heard.append("".join(receipts(house).values()))
            (house.root / "inbox" / name).unlink(missing_ok=True)

    run(house, ask)
    assert f"`{name}` has been read:" in heard[0]
    assert "after the picture in work" in heard[0] or "no worker begins another picture since" in heard[0]


def test_a_share_that_answers_slowly_is_asked_rarely(house: House) -> None:
    worker, looks = house.worker(), []
    names = worker.spool.inbox._names
    really = names.now
    names.now = lambda: (looks.append(house.now_s()), house.spend(0.1), really())[-1]
    for _ in range(100):
        house.spend(0.2)
        worker.spool.inbox.hear()
    assert min(after - before for before, after in itertools.pairwise(looks)) >= 5.0
    assert len(looks) > 2


def test_a_job_is_cancelled_while_its_worker_waits_for_a_pause(house: House) -> None:
    house.drop("mugs.yaml", LONG)
    house.at(100.0, lambda: house.drop("MUGS.cancel", ""))
    house.at(200.0, (house.root / "inbox/PAUSE").unlink)
    seen = []
    house.at(190.0, lambda: seen.append(house.names("outbox")))
    code, renderer = run(house, lambda _: (house.root / "inbox/PAUSE").touch())
    assert (code, len(renderer.painted)) == (ExitCode.JOBS_FAILED, 1)
    assert seen == [{"mugs"}], "nobody had to end the pause first"


def test_a_waiting_job_is_cancelled_after_the_picture_in_work_and_while_others_pause(house: House) -> None:
    house.drop("mugs.yaml", LONG)
    house.drop("vases.yaml", "prompt: a vase\npriority: low\n")
    asked = []

    def ask(worker: Worker) -> None:
        if len(asked) == 1:
            assert house.names("failed") == {"vases"}, "after the picture in work, not at its turn"
        if not asked:
            house.drop("vases.cancel", "")
            house.spend(1.5)
            worker.spool.inbox.hear()
        asked.append(worker)

    with capture_logs() as logs:
        run(house, ask)
    assert len(asked) == 4
    told = [log["event"] for log in logs if log["event"] in ("job.cancelled", "control.obeyed")]
    assert told == ["job.cancelled"], "said once"
    (text,) = receipts(house).values()
    assert "`vases` has ended" in text or "`vases` is cancelled" in text
    assert "failed/vases" in text


@pytest.mark.slow
def test_what_is_asked_of_an_ended_job_is_done_during_a_pause(house: House) -> None:
    house.drop("old.yaml", TWO)
    house.drain(PaintingRenderer(refuses=["b_01.png"]))
    (house.root / "inbox/PAUSE").touch()
    begun_s, seen = house.now_s(), []
    house.at(begun_s + 50.0, lambda: house.drop("old.retry", ""))
    house.at(begun_s + 150.0, lambda: seen.append(house.names("inbox")))
    house.at(begun_s + 200.0, (house.root / "inbox/PAUSE").unlink)
    house.at(begun_s + 1_000.0, house.stop)
    house.drain(drain=False)
    assert seen == [{HIDDEN, "PAUSE", "old"}]
    assert house.manifest("old.2")["status"] == "complete"


def test_a_job_that_is_made_again_is_said_to_be_complete_where_that_is_waited_for(house: House) -> None:
    house.drop("old.yaml", TWO)
    house.drain(PaintingRenderer(refuses=["b_01.png"]))
    house.drop("old.retry", "")
    worker = house.worker(ready_files=True)
    with worker.spool.ownership.lock(house.wait):
        assert worker.daemon(MODEL).run(drain=True) == ExitCode.DONE
    assert house.manifest("old.2")["status"] == "complete"
    assert house.names("inbox") == {HIDDEN}


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("name", ["mugs", "MUGS.yaml", "old"])
def test_nobody_s_approval_is_waited_for_and_that_is_said(house: House, verb: str, name: str) -> None:
    house.drop("old.yaml", "prompt: a bowl\n")
    house.drain()
    house.drop("mugs.yaml", TWO)
    house.drop(f"{name}.{verb}", "")
    look(house)
    (text,) = receipts(house).values()
    assert "waits for nobody's approval" in text
    assert "nothing has changed" in text
    assert house.names("inbox") == {"mugs.yaml", HIDDEN}


@pytest.mark.parametrize("verb", VERBS)
def test_what_means_no_job_is_told_at_once_with_what_may_be_meant_and_expires(house: House, verb: str) -> None:
    house.drop("old-mugs.yaml", "prompt: a bowl\n")
    house.drain()
    house.drop("mugs.yaml", TWO)
    house.drop(f"muggs.{verb}", "")
    spool = house.spool()
    spool.inbox.scan()
    spool.inbox.tell({})
    (text,) = receipts(house).values()
    assert "Did you mean `" in text
    house.spend(EXPIRES_S)
    spool.inbox.scan()
    spool.inbox.tell({})
    (text,) = receipts(house).values()
    assert "matched no job for 10 minutes, and has been removed" in text
    assert house.names("inbox") == {"mugs.yaml", HIDDEN}


def test_a_cancel_of_what_has_ended_and_a_retry_of_what_has_not_are_told_as_such(house: House) -> None:
    house.drop("old.yaml", "prompt: a bowl\n")
    house.drain()
    house.drop("mugs.yaml", TWO)
    house.drop("old.cancel", "")
    house.drop("mugs.retry", "")
    look(house)
    told = receipts(house)
    assert "`old` has ended: it lies in outbox/old" in told["old.cancel.txt"]
    assert "`mugs.yaml` has not ended" in told["mugs.retry.txt"]


def test_two_workers_say_the_same(house: House) -> None:
    house.drop("old.yaml", "prompt: a bowl\n")
    house.drain()
    house.drop("mugs.yaml", TWO)
    for name in ("mugs.cancel", "none.cancel", "none.retry", "mugs.retry", "old.approve"):
        house.drop(name, "")
    look(house, "w1")
    first = receipts(house)
    look(house, "w2")
    assert receipts(house) == first
    assert len(first) == 5


def test_an_answer_stays_for_a_day_whoever_looks_and_goes_then(house: House) -> None:
    now_s = [float(int(time.time()))]
    answers = Answers(house.folders, Readers("auto"), clock=house.now_s, wall=lambda: now_s[0])
    answers.give("mugs.approve", "it waits for nobody")
    answers.give("马克杯.approve", "it waits for nobody")
    (house.folders.receipts / "mine.txt").write_text("a person's own")
    for path in house.folders.receipts.iterdir():
        os.utime(path, (now_s[0], now_s[0]))
    look(house, "w1")
    look(house, "w2")
    now_s[0] += KEPT_S - 1
    answers.sweep()
    assert len(receipts(house)) == 3
    now_s[0] += 2
    house.spend(SWEPT_EVERY_S)
    answers.sweep()
    assert set(receipts(house)) == {"mine.txt"}


@pytest.mark.parametrize("during", [1, 4])
def test_the_answer_is_what_stays_of_a_cancel_in_time_or_not(house: House, during: int) -> None:
    """The job's own receipt goes at its end, when all are written anew."""
    house.drop("mugs.yaml", f"negative_prompt: blur\nguidance: 0\n{LONG}")
    seen = []

    def ask(worker: Worker) -> None:
        seen.append(len(seen) + 1)
        if seen[-1] == during:
            house.drop("mugs.cancel", "")
            house.spend(HEAR_S)
            worker.spool.inbox.hear()
            assert set(receipts(house)) == {"mugs.cancel.txt", "mugs.yaml.txt"}

    run(house, ask)
    assert seen[-1] == during
    look(house, "w2")
    ((name, text),) = receipts(house).items()
    assert name == "mugs.cancel.txt"
    assert text.rstrip().endswith(ANSWERED)
    assert "outbox/mugs" in text


@pytest.mark.slow
def test_a_thousand_files_that_ask_for_nothing_keep_no_job_from_being_done(house: House) -> None:
    for number in range(1_000):
        house.drop(f"none-{number}.{VERBS[number % 4]}", "")
    house.drop("mugs.yaml", TWO)
    assert house.drain() == ExitCode.DONE
    assert len(receipts(house)) <= MOST_TOLD
    spool = house.spool()
    for _ in range(3):
        spool.inbox.scan()
        spool.inbox.tell({})
        house.spend(EXPIRES_S)
    assert house.names("inbox") == {HIDDEN}


def test_links_pipes_and_names_of_any_length_end_nothing(house: House) -> None:
    secret = house.root / "secret"
    secret.write_text("missing failed\n")
    house.drop("old.yaml", TWO)
    house.drain(PaintingRenderer(refuses=["b_01.png"]))
    inbox = house.root / "inbox"
    (inbox / "old.retry").symlink_to(secret)
    os.mkfifo(inbox / "old.approve")
    for verb in VERBS:
        (inbox / f"{'x' * (254 - len(verb))}.{verb}").touch()
    (inbox / ".old.retry.0123456789abcdef.submit").mkdir()
    (inbox / ".retry.0123456789abcdef.submit").symlink_to(secret)
    house.drop("mugs.yaml", TWO)
    renderer = PaintingRenderer()
    assert house.drain(renderer) == ExitCode.DONE
    assert renderer.painted == ["a_01.png", "b_01.png", "b_01.png"] or len(renderer.painted) == 3
    assert secret.read_text() == "missing failed\n"
    assert not (inbox / "old.retry").is_symlink()
    assert not (inbox / "old.approve").exists()


@pytest.mark.parametrize("name", ["mugs.cancel.yaml", "cancel", "mugs.cancelled", "mugs.retry.csv", "PAUSED"])
def test_what_is_only_like_a_control_file_is_none(name: str) -> None:
    assert not controls_in([name])
    assert not is_steering(name)
