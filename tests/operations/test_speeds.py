"""How long pictures take: what was made is known, what was not is told from it, and odd pictures lead nobody astray."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.operations.speeds import (
    MOST_KINDS,
    USUAL_PICTURES,
    Measured,
    Speeds,
    learned,
    seconds_each,
    seconds_of,
    usual_of,
)  # fmt: skip
from worker.records import PictureKind

TAKEN = {
    (256, 4, False): 0.532, (256, 4, True): 0.737, (256, 8, False): 0.806, (256, 8, True): 1.204,
    (256, 12, False): 1.051, (256, 12, True): 1.615, (384, 4, False): 1.212, (384, 4, True): 1.858,
    (384, 8, False): 1.788, (384, 8, True): 2.687, (384, 12, False): 2.288, (384, 12, True): 3.742,
    (512, 4, False): 2.354, (512, 4, True): 3.559, (512, 8, False): 3.458, (512, 8, True): 5.620,
    (512, 12, False): 4.934, (512, 12, True): 8.373,
}  # fmt: skip
"""Seconds of the processor a picture, by size, steps and whether it is guided: measured by `forecast_table.py` with the
embedded model."""
SIX = [(256, 4, False), (256, 12, True), (384, 8, False), (384, 4, True), (512, 12, False), (512, 8, True)]


def kind(size: int, steps: int, guided: bool) -> PictureKind:
    return PictureKind(pixels=size * size, steps=steps, is_guided=guided)


def taught(kinds: list[tuple[int, int, bool]]) -> Speeds:
    speeds: Speeds = ()
    for one in kinds:
        speeds = learned(speeds, kind(*one), seconds=TAKEN[one])
    return speeds


def errors(kinds: list[tuple[int, int, bool]]) -> list[float]:
    others = [one for one in TAKEN if one not in kinds]
    each = seconds_each(taught(kinds), [kind(*one) for one in others])
    return [abs(each[kind(*one)] / TAKEN[one] - 1) for one in others]


def test_what_was_made_takes_as_long_again() -> None:
    assert seconds_of(taught([*TAKEN]), {kind(512, 8, True): 2, kind(256, 4, False): 1}) == pytest.approx(11.772)


def test_six_kinds_tell_the_other_twelve_within_ten_percent() -> None:
    assert max(errors(SIX)) < 0.10
    assert statistics.median(errors(SIX)) < 0.06


def test_one_mean_for_all_was_four_times_as_far_off() -> None:
    """What was done before: one figure a pixel-step."""
    rate = statistics.mean(TAKEN[one] / kind(*one).pixel_steps for one in SIX)
    off = [abs(rate * kind(*one).pixel_steps / seconds - 1) for one, seconds in TAKEN.items() if one not in SIX]
    assert max(off) > 4 * max(errors(SIX))


def test_nothing_is_told_where_nothing_was_made() -> None:
    assert seconds_of((), {kind(256, 8, True): 1}) is None
    assert seconds_of((), {}) == 0


def test_the_first_picture_of_a_process_counts_only_until_there_is_another() -> None:
    one = kind(256, 8, True)
    speeds = learned((), one, seconds=60.0, is_first=True)
    assert seconds_of(speeds, {one: 1}) == 60.0
    speeds = learned(speeds, one, seconds=1.0)
    assert seconds_of(speeds, {one: 1}) == 1.0
    assert learned(speeds, one, seconds=60.0, is_first=True) == speeds


def test_a_first_picture_spoils_no_line() -> None:
    slowed = learned(taught(SIX), kind(384, 12, True), seconds=90.0, is_first=True)
    assert seconds_of(slowed, {kind(512, 12, True): 1}) == pytest.approx(8.373, rel=0.15)


def test_one_slow_picture_among_many_moves_the_mean_little_and_a_slower_card_is_learned() -> None:
    one, speeds = kind(256, 8, True), ()
    for _ in range(10):
        speeds = learned(speeds, one, seconds=1.0)
    assert seconds_of(learned(speeds, one, seconds=100.0), {one: 1}) < 1.5
    for _ in range(30):
        speeds = learned(speeds, one, seconds=10.0)
    assert seconds_of(speeds, {one: 1}) == pytest.approx(10.0, rel=0.05)


def test_pictures_made_together_weigh_as_many() -> None:
    one = kind(256, 8, True)
    speeds = learned(learned((), one, seconds=1.0), one, seconds=2.0, pictures=3)
    assert seconds_of(speeds, {one: 1}) == pytest.approx(1.75)


def test_kinds_met_long_ago_are_forgotten() -> None:
    speeds: Speeds = ()
    for steps in range(1, MOST_KINDS + 10):
        speeds = learned(speeds, kind(256, steps, True), seconds=float(steps))
    assert len(speeds) == MOST_KINDS
    assert speeds[-1].kind.steps == MOST_KINDS + 9


kinds = st.builds(
    PictureKind, pixels=st.integers(1, 10**9), steps=st.integers(1, 10**5), is_guided=st.booleans()
)  # fmt: skip
rows = st.builds(Measured, kind=kinds, seconds=st.floats(1e-4, 1e7), pictures=st.integers(0, 10**9))


@given(speeds=st.lists(rows, max_size=12, unique_by=lambda one: one.kind), asked=kinds)
def test_whatever_was_learned_every_answer_is_a_time(speeds: list[Measured], asked: PictureKind) -> None:
    for seconds in seconds_each(tuple(speeds), [asked]).values():
        assert 0 < seconds < float("inf")


def test_there_is_a_usual_time_once_enough_pictures_of_that_very_kind_were_made() -> None:
    one, other = kind(256, 8, False), kind(256, 8, True)
    speeds = learned((), one, seconds=9.0, is_first=True)
    speeds = learned(speeds, one, seconds=2.0, pictures=USUAL_PICTURES - 1)
    assert usual_of(speeds, one) is None
    speeds = learned(speeds, one, seconds=2.0)
    assert usual_of(speeds, one) == 2.0
    assert usual_of(speeds, other) is None
