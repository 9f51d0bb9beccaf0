"""Waiting: nothing goes faster than its own pace, and a reason that stays is told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs

from worker.daemon.told_once import ToldOnce
from worker.daemon.waiting import SLICE_S, Waiting


class Restless:
    """An inbox in which something changes all the time, and a recorder that counts; pauses move the clock."""

    def __init__(self, *, stops_at_s: float = float("inf")) -> None:
        self.now_s = 0.0
        self.wakes = 0
        self.states: list[str] = []
        self.beats = 0
        self.waiting = Waiting(
            inbox=self, ownership=self, recorder=self, wakeup=self, pause=self.pause, scan_s=300.0,
            monotonic=lambda: self.now_s, should_stop=lambda: self.now_s >= stops_at_s,
        )  # fmt: skip

    def pause(self, seconds: float) -> None:
        self.now_s += seconds

    def wait(self, timeout_s: float) -> bool:
        self.wakes += 1
        return True

    def state(self, state: str, *, job: str | None = None, **facts: object) -> None:
        self.states.append(state)

    def beat(self) -> None:
        self.beats += 1


def test_a_share_is_waited_for_whatever_happens_in_the_inbox() -> None:
    restless = Restless()
    restless.waiting.for_share(15.0, reason="full")
    assert (restless.now_s, restless.wakes) == (15.0, 0)


def test_a_change_in_the_inbox_ends_an_idle_wait() -> None:
    restless = Restless()
    restless.waiting.idle()
    assert (restless.now_s, restless.wakes) == (0.0, 1)


def test_a_long_wait_gives_signs_of_life_and_hears_a_stop() -> None:
    restless = Restless()
    restless.waiting.for_share(3600.0, reason="full")
    assert restless.now_s == 3600.0
    assert restless.beats == len(restless.states) == 3600.0 / SLICE_S
    restless = Restless(stops_at_s=45.0)
    restless.waiting.for_share(3600.0, reason="full")
    assert restless.now_s == 60.0


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_pause_is_told_once_and_so_is_its_end(house: House) -> None:
    house.drop("mugs.yaml", "prompt: a mug\n")
    house.drop("PAUSE", "")
    house.at(500.0, (house.root / "inbox/PAUSE").unlink)
    with capture_logs() as logs:
        house.drain()
    told = [entry["event"] for entry in logs if entry["event"].startswith("worker.")]
    assert told == ["worker.paused", "worker.resumed"]
    assert house.names("outbox") == {"mugs"}


def test_a_reason_is_new_until_it_is_told_and_again_once_it_was_over() -> None:
    told = ToldOnce()
    assert not told.is_over()
    assert [told.is_new(reason) for reason in ("full", "full", "away", "full")] == [True, False, True, True]
    assert told.is_over()
    assert not told.is_over()
    assert told.is_new("full")
