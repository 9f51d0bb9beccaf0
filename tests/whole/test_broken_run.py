"""A run in which picture after picture fails: it ends with 13, keeps the claim and what is made, and is not endless."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.compose import run_worker
from worker.compose.broken_runs import LONGEST_REST_S, BrokenRuns, rest_s
from worker.compose.passing_trouble import PassingTrouble
from worker.compose.reloading import Reloading
from worker.demo import weights_dir
from worker.errors import ExitCode, RendererBroken, StopAsked
from worker.studio.model_files.inspect import inspect_model

FIVE = "count: 5\nshots:\n  - {id: cups, prompt: a mug}\n"
WHY = "The renderer failed 3 times without a good picture between them."


class BrokenFrom(PaintingRenderer):
    """Paints what comes before a picture; from that one on nothing helps."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def render(self, requests, *, on_progress):
        for result in super().render(requests, on_progress=on_progress):
            if result.request.index >= self.number and result.request.shot_id == "cups":
                self.is_up = False
                raise RendererBroken(WHY)
            yield result


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def broken(house: House, number: int) -> RendererBroken:
    with pytest.raises(RendererBroken) as told:
        house.drain(BrokenFrom(number))
    return told.value


def receipts(house: House) -> str:
    return "\n".join(path.read_text("utf-8") for path in (house.root / "outbox" / "receipts").glob("*.txt"))


def test_it_ends_with_13_and_keeps_the_claim_and_what_is_made(house: House) -> None:
    house.drop("cups.yaml", FIVE)
    with capture_logs() as logs:
        assert broken(house, 3).exit_code == ExitCode.DEVICE_UNAVAILABLE
    assert [event["reason"] for event in logs if event["event"] == "run.broken"] == [WHY]
    assert house.names("inbox") == {".zimage-worker"}
    (staging,) = house.root.glob("outbox/cups.*.partial")
    assert {path.name for path in staging.glob("*.png")} == {"cups_01.png", "cups_02.png"}
    assert WHY in receipts(house)
    renderer = PaintingRenderer()  # the next start goes on, and blames no picture
    assert house.drain(renderer) == ExitCode.DONE
    assert renderer.painted == ["cups_03.png", "cups_04.png", "cups_05.png"]
    assert WHY not in receipts(house)


def test_no_other_worker_takes_it_for_a_stop(house: House) -> None:
    house.drop("cups.yaml", FIVE)
    broken(house, 3)
    (beat,) = house.root.glob("inbox/.zimage-worker/workers/*.beat")
    assert json.loads(beat.read_text())["stopped"] is False


def test_a_job_that_breaks_every_run_is_given_up_with_its_pictures_and_the_others_are_made(house: House) -> None:
    house.drop("cups.yaml", FIVE)
    for _ in range(3):
        broken(house, 3)
    house.drop("bowls.yaml", "prompt: a bowl\n")
    assert house.drain(BrokenFrom(3)) == ExitCode.JOBS_FAILED
    shots = house.manifest("cups")["shots"]
    assert [shot["status"] for shot in shots] == ["ok", "ok", "failed", "failed", "failed"]
    assert "the worker died every time" in str(shots[4]["error"])
    assert house.names("outbox") >= {"cups", "bowls"}
    assert house.is_swept()


def test_runs_that_break_one_after_the_other_rest_longer_and_one_that_made_pictures_begins_anew(tmp_path) -> None:
    runs = BrokenRuns(tmp_path / "state" / "broken.json")
    assert runs.read() == (0, "")
    rests = []
    for _ in range(6):
        runs.add(RendererBroken(WHY))
        rests.append(rest_s(runs.read()[0]))
    assert rests == [0.0, 120.0, 480.0, 1920.0, LONGEST_REST_S, LONGEST_REST_S]
    assert runs.read() == (6, WHY)
    assert rest_s(100_000) == LONGEST_REST_S
    os.utime(tmp_path / "state" / "broken.json", (0, 0))  # the run after it lasted
    assert runs.read() == (0, "")
    runs.add(RendererBroken(WHY))
    assert runs.read() == (1, WHY)
    runs.add(RendererBroken(WHY, has_made=True))
    assert runs.read()[0] == 1
    runs.forget()
    runs.forget()
    assert runs.read() == (0, "")


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"count": "many"}), json.dumps({"count": -1})])
def test_a_damaged_note_counts_for_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.json").write_text(content)
    assert BrokenRuns(tmp_path / "broken.json").read()[0] == 0


def test_a_stop_is_heard_while_it_rests_and_people_are_told(tmp_path: Path) -> None:
    now_s, told = [0.0], []

    def pause(seconds: float) -> None:
        now_s[0] += seconds

    trouble = PassingTrouble(
        should_stop=lambda: now_s[0] >= 60.0, pause=pause, monotonic=lambda: now_s[0], again_s=15.0, most_s=None
    )
    trouble.on_wait = told.append
    with pytest.raises(StopAsked):
        trouble.rest(480.0, WHY)
    assert now_s[0] < 65.0
    assert set(told) == {WHY}


def test_a_worker_counts_its_broken_runs_says_why_it_stopped_and_rests_before_it_loads_again(house: House) -> None:
    house.drop("cups.yaml", FIVE)
    found, rested = inspect_model(weights_dir()), []

    def start(renderer: PaintingRenderer) -> None:
        worker, waits = house.worker(renderer, attempts=9), []
        trouble = PassingTrouble(
            should_stop=house.is_stopped, pause=waits.append, monotonic=house.now_s, again_s=15.0, most_s=None
        )
        with worker.spool.ownership.lock(house.wait):
            try:
                run_worker._work_locked(worker, found, trouble, Reloading(house.settings), drain=False)
            finally:
                rested.append((sum(waits), renderer.starts))

    for _ in range(4):
        with pytest.raises(RendererBroken):
            start(BrokenFrom(1))
    assert [seconds for seconds, _ in rested] == [0.0, 0.0, 120.0, 480.0]
    assert {starts for _, starts in rested} == {1}
    (record,) = house.folders.workers.glob("w1.json")
    assert json.loads(record.read_text("utf-8"))["reason"] == WHY
    house.at(house.now_s() + 60.0, house.stop)
    start(PaintingRenderer())
    assert {str(shot["status"]) for shot in house.manifest("cups")["shots"]} == {"ok"}
    assert not [*(house.root / "state").glob("*broken-runs*")]
