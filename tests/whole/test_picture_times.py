"""What a night teaches of the time that pictures take."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.daemon.picture_times import PictureTimes
from worker.operations.recorded_figures import read_learned
from worker.operations.speeds import seconds_of
from worker.records import Picture, PictureKind, PictureResult, Request, Try

KIND = PictureKind(pixels=4096, steps=2, is_guided=True)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.slow
def test_a_night_learns_what_a_picture_of_each_size_takes(house: House) -> None:
    house.drop("small.yaml", "prompt: a mug\ncount: 4\n")
    house.drop("large.yaml", "prompt: a mug\nsize: 128x128\ncount: 4\n")
    house.drain(PaintingRenderer(after=lambda one: house.spend(one.width_px / 32)))
    speeds = read_learned(house.folders.workers / "w1.speed.json")["twin"]
    large = PictureKind(pixels=128 * 128, steps=2, is_guided=True)
    assert (seconds_of(speeds, {KIND: 1}), seconds_of(speeds, {large: 1})) == (2.0, 4.0)


def request(index: int) -> Request:
    return Request(
        shot_id="mug", index=index, file=f"mug_{index}.png", prompt="a mug", seed=1, width_px=64, height_px=64, steps=2,
        guidance=3.0,
    )  # fmt: skip


def result(index: int, *, tries: int = 1, seconds: float = 1.0) -> PictureResult:
    made = Picture(width_px=64, height_px=64, rgb=bytes(3 * 4096))
    return PictureResult(
        request=request(index), picture=made, tries=(Try(rung="first", outcome="ok", seconds=seconds),) * tries
    )


class Heard:
    """A recorder that keeps what it hears, and its clock."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.usual: float | None = None
        self.speeds: list[tuple[float, int]] = []

    def state(self, state: str, **_: object) -> None:
        raise AssertionError(state)

    def queue(self, jobs: object) -> None:
        raise AssertionError(jobs)

    def usual_s(self, model: str, *, kind: PictureKind) -> float | None:
        return self.usual

    def speed(self, model: str, *, kind: PictureKind, seconds: float, pictures: int = 1) -> None:
        assert (model, kind) == ("m", KIND)
        self.speeds.append((seconds, pictures))


def told(arrivals: Iterable[tuple[float, int]], *, try_s: float = 1.0) -> list[tuple[float, int]]:
    """What the recorder hears of results that come at such times, each after so many tries."""
    heard = Heard()
    times = PictureTimes(heard, model="m", worked_s=lambda: heard.now_s)
    with times:
        for index, (at_s, tries) in enumerate(arrivals):
            heard.now_s = at_s
            times.made(result(index, tries=tries, seconds=try_s), job_id="1", job="mugs")
    return heard.speeds


def test_pictures_that_are_made_together_share_their_time() -> None:
    arrivals = [(8.0, 1)] * 4 + [(16.0, 1)] * 4 + [(24.0, 1)] * 4
    first, *others = told(arrivals, try_s=2.0)
    assert first[1] == 1
    assert others == [(2.0, 8), (2.0, 3)]


def test_pictures_that_come_one_late_are_not_told_as_half_as_long() -> None:
    """As on a card: each is decoded while the next one is made, and the last one comes right behind."""
    arrivals = [(2.0, 1), (3.0, 1), (4.0, 1), (4.1, 1)]
    assert told(arrivals) == [(2.0, 1), (1.0, 3)]


def test_what_comes_beside_the_tries_counts() -> None:
    assert told([(5.0, 1), (10.0, 1), (15.0, 1)]) == [(5.0, 1), (5.0, 2)]


def test_a_picture_of_several_tries_teaches_nothing_and_costs_the_next_nothing() -> None:
    assert told([(2.0, 1), (90.0, 3), (92.0, 1)]) == [(2.0, 1), (2.0, 1)]


def slow_ones(
    arrivals: Iterable[tuple[str, float, float]], *, usual_s: float | None = 2.0
) -> list[tuple[str, str, str]]:
    """Job, file and cause of pictures that are told as slow.

    Args:
        arrivals: job, seconds until it comes, seconds of its try.
        usual_s: what pictures of the kind took until now.
    """
    heard = Heard()
    heard.usual = usual_s
    times = PictureTimes(heard, model="m", worked_s=lambda: heard.now_s)
    with capture_logs() as logs, times:
        for index, (job, seconds, try_s) in enumerate(arrivals):
            heard.now_s += seconds
            times.made(result(index, seconds=try_s), job_id=job, job=job)
    return [(str(one["job"]), str(one["file"]), str(one["cause"])) for one in logs if one["event"] == "picture.slow"]


def test_a_picture_far_slower_than_usual_is_told_once_a_job_and_again_only_after_others_were_not() -> None:
    usual, slow = (2.1, 2.0), (30.0, 29.0)
    assert slow_ones([("a", *usual), ("a", *slow), ("a", *slow), ("a", *usual)]) == [("a", "mug_1.png", "making")]
    assert slow_ones([("a", *usual), ("a", *slow), ("b", *slow)]) == [("a", "mug_1.png", "making")]
    told = slow_ones([("a", *usual), ("a", *slow), ("b", *usual), ("b", *slow)])
    assert told == [("a", "mug_1.png", "making"), ("b", "mug_3.png", "making")]


def test_neither_the_first_of_its_kind_nor_a_hiccup_nor_what_has_no_usual_time_is_slow() -> None:
    assert slow_ones([("a", 90.0, 89.0)]) == []
    assert slow_ones([("a", 2.0, 2.0), ("a", 6.5, 6.4)]) == []
    assert slow_ones([("a", 2.0, 2.0), ("a", 90.0, 89.0)], usual_s=None) == []


def test_what_is_slow_beside_the_making_is_told_as_that() -> None:
    assert slow_ones([("a", 2.0, 2.0), *[("a", 20.0, 2.0)] * 8]) == [("a", "mug_8.png", "files")]


@pytest.mark.slow
def test_a_night_tells_of_a_slow_picture_once_it_knows_what_is_usual(house: House) -> None:
    house.drop("mugs.yaml", "prompt: a mug\ncount: 20\n")
    renderer = PaintingRenderer(after=lambda one: house.spend(90.0 if one.index == 14 else 2.0))
    with capture_logs() as logs:
        house.drain(renderer)
    (slow,) = [one for one in logs if one["event"] == "picture.slow"]
    assert (slow["job"], slow["cause"], slow["usual_s"]) == ("mugs", "files", 2.0)
