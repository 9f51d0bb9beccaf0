"""The watch over a card, on a stand-in for the driver: what it tells is read, and nothing it does holds anybody."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fake_card import NEEDS_COMPILER, OURS, UUID, FakeCard, program
from waiting_for import wait_for

from worker.card_readings import CardReading, users
from worker.studio.card.watch import CardWatch

pytestmark = [NEEDS_COMPILER, pytest.mark.slow]


@pytest.fixture
def card(tmp_path: Path) -> Iterator[FakeCard]:
    made = FakeCard(tmp_path)
    with made.driven():
        yield made


def reading_where(watch: CardWatch, is_so: Callable[[CardReading], bool] = lambda _: True) -> CardReading:
    """The first reading of which that is so."""

    def newest() -> CardReading | None:
        return next((one.reading for one in reversed(watch.recent()) if is_so(one.reading)), None)

    found = wait_for(newest, within_s=30.0)
    assert found is not None
    return found


def test_what_the_driver_tells_is_read_and_who_is_ours_is_known(card: FakeCard) -> None:
    with program(OURS) as ours, program("blender") as other, closing(CardWatch()) as watch:
        card.says(
            f"program {ours} 20000", f"program {other} 300", "program 0 5", f"use {ours} 90", f"use {other} 40",
            "use 4000000 250", temperature=61, slowdown=93, utilisation=97, power=412_500,
        )  # fmt: skip
        watch.follow(UUID)
        told = reading_where(watch, lambda one: bool(users(one)))
    assert (told.temperature_c, told.slowdown_c, told.used_percent, told.power_w) == (61, 93, 97, 412.5)
    assert told.tells_users
    assert [(one.pid, one.used_percent, one.memory_mib) for one in users(told)] == [(other, 40, 300.0)]
    assert users(told)[0].name.startswith("python")
    assert {one.pid: one.is_ours for one in told.programs} == {ours: True, other: False}


def test_a_program_that_only_holds_memory_uses_nothing(card: FakeCard) -> None:
    with program(OURS) as ours, program("browser") as other, closing(CardWatch()) as watch:
        card.says(f"program {ours} 20000", f"program {other} 3000", f"use {ours} 99", temperature=61)
        watch.follow(UUID)
        told = reading_where(watch, lambda one: bool(one.programs))
    assert users(told) == ()
    assert told.tells_users


def test_what_a_card_does_not_tell_is_none_and_the_rest_is_read(card: FakeCard) -> None:
    card.says("no use_of_programs", "no programs", "no temperature", utilisation=12)
    with closing(CardWatch()) as watch:
        watch.follow(UUID)
        told = reading_where(watch)
    assert told == CardReading(used_percent=12)
    assert not told.tells_users


def test_a_driver_that_hangs_keeps_nobody_waiting_and_is_told(card: FakeCard) -> None:
    with closing(CardWatch(silent_s=3.0, again_s=0.05)) as watch:
        watch.follow(UUID)
        reading_where(watch)
        card.says("hang")
        wait_for(lambda: watch.problem or None, within_s=30.0)
        begun_s = time.monotonic()
        watch.recent()
        assert time.monotonic() - begun_s < 1.0
        assert watch.problem == "the driver does not answer"
        card.says(temperature=44)
        assert reading_where(watch, lambda one: one.temperature_c == 44)
        assert watch.problem == ""


def test_a_card_that_is_lost_is_told_and_read_again_once_it_is_back(card: FakeCard) -> None:
    with closing(CardWatch(again_s=0.05)) as watch:
        watch.follow(UUID)
        reading_where(watch)
        card.says("lost")
        assert wait_for(lambda: watch.problem or None, within_s=30.0)
        card.says(temperature=45)
        assert reading_where(watch, lambda one: one.temperature_c == 45)


def test_the_highest_temperature_is_kept_until_it_is_taken(card: FakeCard) -> None:
    card.says(temperature=81)
    with closing(CardWatch()) as watch:
        watch.follow(UUID)
        reading_where(watch, lambda one: one.temperature_c == 81)
        card.says(temperature=60)
        reading_where(watch, lambda one: one.temperature_c == 60)
        assert watch.take_hottest_c() == 81
        assert watch.take_hottest_c() in (None, 60)


def test_a_part_of_a_card_is_found_by_its_own_name(card: FakeCard) -> None:
    card.says(uuid=f"MIG-{UUID}", temperature=39)
    with closing(CardWatch()) as watch:
        watch.follow(UUID)
        assert reading_where(watch).temperature_c == 39


def test_without_a_driver_it_says_why_and_gives_up() -> None:
    with closing(CardWatch(again_s=0.01)) as watch:
        watch.follow(UUID)
        problem = wait_for(lambda: watch.problem or None, within_s=30.0)
        assert "Library Not Found" in str(problem) or "not found" in str(problem).lower()
        assert watch.recent() == ()


@pytest.mark.parametrize("lines", ["nonsense", "[1]", '{"programs": 3, "surprise": 1}', "{" * 200_000, "", '"x"'])
def test_whatever_a_reader_prints_it_is_no_reading_and_no_error(lines: str) -> None:
    command = [sys.executable, "-c", f"print({lines[:70_000]!r} * {max(1, len(lines) // 70_000)})"]
    with closing(CardWatch(command=lambda _: command, again_s=0.01)) as watch:
        assert watch._hear_one(UUID) is False
        assert watch.recent() == ()


def test_nothing_is_started_for_what_is_no_card_of_nvidia() -> None:
    with closing(CardWatch(command=lambda _: ["/nonexistent"])) as watch:
        watch.follow(None)
        assert (watch.recent(), watch.problem) == ((), "")


def test_a_reader_ends_with_its_worker(card: FakeCard) -> None:
    watch = CardWatch()
    watch.follow(UUID)
    reading_where(watch)
    process = watch._process
    assert process is not None
    watch.close()
    watch.close()
    assert process.poll() is not None
