"""Steps that take long on a slow share: no living worker loses its job to another one by them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from house import House
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.records import Claim
from worker.spool.alive.beating import by_its_callers
from worker.spool.alive.heartbeats import Heartbeats


class Killed(BaseException):
    """Nothing of the program runs any more."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def watched(house: House, taken: list[Claim]) -> None:
    """Another machine's idle worker looks every 20 s for what the dead have left, once this one is up again."""
    other = house.spool("other", state="elsewhere")
    other.ownership.lock().__enter__()
    file = next(house.folders.claims.glob("w1/*/claim.json"), None)

    def look() -> None:
        if file is None or not file.exists() or json.loads(file.read_text())["attempt"] > 1:
            taken.extend(other.ownership.leftovers())
        house.at(house.now_s() + 20.0, look)

    house.at(house.now_s(), look)


SLOW = [
    pytest.param(40, {"sync_s": 1.2}, id="1,500 pictures, 30 ms a sync"),
    pytest.param(25, {"read_s": 40.0, "sync_s": 0.0}, id="10,000 pictures, 100 ms a read"),
    pytest.param(25, {"sync_s": 40.0, "read_s": 40.0, "rename_s": 40.0}, id="10,000 pictures, 100 ms a call"),
    pytest.param(
        1_500, {"sync_s": 0.03, "read_s": 0.03, "rename_s": 0.03}, id="unscaled", marks=pytest.mark.slow
    ),
]  # fmt: skip
"""Fewer pictures, each as much slower, take as long in every step that goes over all of them."""


@pytest.mark.slow
@pytest.mark.parametrize(("count", "costs"), SLOW)
def test_a_job_that_takes_long_to_resume_to_close_and_to_read_back_stays_its_worker_s(
    house: House, count: int, costs: dict[str, float]
) -> None:
    house.drop("cups.yaml", f"count: {count}\nshots:\n  - {{id: cups, prompt: a mug}}\n")
    last = f"cups_{count - 2:0{len(str(count))}}.png"

    def kill(request) -> None:
        if request.file == last:
            raise Killed

    with house.charging(sync_s=0.0), pytest.raises(Killed):
        house.drain(PaintingRenderer(after=kill))
    taken: list[Claim] = []
    begun_s = house.now_s()
    with house.charging(**costs):
        watched(house, taken)
        assert house.drain() == ExitCode.DONE
    assert house.now_s() - begun_s > 120.0
    assert taken == []
    assert house.manifest("cups")["status"] == "complete"
    assert {len(shot["attempts"]) for shot in house.manifest("cups")["shots"]} == {1}


def test_a_worker_that_beats_only_when_it_is_called_loses_its_job(house: House, monkeypatch) -> None:
    """The mutant: what the test above asks for is not there without a heart of its own."""
    monkeypatch.setattr(House, "beating", lambda self, pulse: by_its_callers(pulse))
    house.drop("cups.yaml", "count: 5\nshots:\n  - {id: cups, prompt: a mug}\n")
    taken: list[Claim] = []
    with house.charging(sync_s=15.0):
        watched(house, taken)
        house.drain()
    assert taken


def test_a_worker_that_lost_its_job_renders_no_picture_more(house: House, monkeypatch) -> None:
    """Its network was cut for longer than the lease: r04."""
    house.drop("cups.yaml", "count: 5\nshots:\n  - {id: cups, prompt: a mug}\n")
    other, real = house.spool("other", state="elsewhere"), Heartbeats._write
    renderer = PaintingRenderer(after=lambda _: cut() if len(renderer.painted) == 2 else None)

    def silent(self: Heartbeats, *, is_stopped: bool) -> None:
        if self._worker_id == "w1":
            raise OSError(5, "Input/output error")
        real(self, is_stopped=is_stopped)

    def cut() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Heartbeats, "_write", silent)
            other.ownership.leftovers()
            house.wait(130.0)
            assert len(other.ownership.leftovers()) == 1

    with other.ownership.lock():
        house.drain(renderer)
    assert len(renderer.painted) == 2
