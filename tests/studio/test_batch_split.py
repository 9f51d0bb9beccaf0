"""What is done next with the pictures of a batch that failed, as values."""

from __future__ import annotations

import pytest

from worker.studio.retry.batch_split import FailedTry, next_steps
from worker.studio.retry.fallback import fall_back
from worker.studio.retry.history import NEW_PROCESS
from worker.studio.retry.ladders import MEMORY_LADDER, PICTURE_LADDER

PLAIN = frozenset({"process", "batched"})


def failed(item: int = 0, *, outcome="oom", stage="denoise", tried=("first",), given=PLAIN, fault=None) -> FailedTry:
    return FailedTry(
        item=item, outcome=outcome, stage=stage, tried=frozenset(tried), given=frozenset(given), fault=fault
    )


def steps(*tries: FailedTry, batch_size: int) -> list[tuple[tuple[int, ...], str | None]]:
    """Each step's pictures, and the name of its rung."""
    return [
        (step.items, step.fallback.rung.name if step.fallback.rung else None)
        for step in next_steps(tries, batch_size=batch_size)
    ]


def test_nothing_that_failed_has_no_next_step() -> None:
    assert steps(batch_size=3) == []


@pytest.mark.parametrize(
    ("tried", "groups", "rung"),
    [
        (("first",), [(0, 1, 2, 3, 4)], "free_cache"),
        (("first", "free_cache"), [(0, 1, 2), (3, 4)], "half_batch"),
        (("first", "free_cache", "half_batch"), [(0,), (1,), (2,), (3,), (4,)], "batch_of_one"),
    ],
)
def test_memory_that_runs_out_concerns_the_whole_batch(tried, groups, rung: str) -> None:
    everyone = [failed(item, tried=tried) for item in range(5)]
    assert steps(*everyone, batch_size=5) == [(group, rung) for group in groups]


def test_a_decode_that_runs_out_and_a_bad_picture_concern_themselves() -> None:
    tries = [failed(1, stage="decode"), failed(2, outcome="black", stage="decode")]
    assert steps(*tries, batch_size=4) == [((1,), "free_cache"), ((2,), "decode_fp32")]


def test_a_picture_without_a_rung_left_ends_and_the_others_go_on() -> None:
    all_rungs = {rung.name for rung in PICTURE_LADDER}
    tries = [failed(0, outcome="black", tried=all_rungs), failed(1, outcome="black", tried=("first",))]
    assert steps(*tries, batch_size=2) == [((0,), None), ((1,), "alone")]


def test_a_new_process_is_the_last_step() -> None:
    all_but_one = {rung.name for rung in PICTURE_LADDER} - {NEW_PROCESS}
    tries = [failed(0, outcome="flat", tried=all_but_one), failed(1, outcome="flat")]
    found = list(next_steps(tries, batch_size=2))
    assert [step.items for step in found] == [(0,)]
    assert found[0].is_restart


def test_a_rung_of_the_picture_that_wants_too_much_memory_is_dropped_once_the_memory_ladder_ends() -> None:
    tried = {"first", "decode_fp32", "again"}
    usual = fall_back("oom", "decode", tried=tried, given=PLAIN, fault="black")
    assert usual.rung is not None
    assert (usual.rung.name, usual.dropped, usual.keeps_latents) == ("free_cache", frozenset(), True)
    tried |= {rung.name for rung in MEMORY_LADDER} - {NEW_PROCESS}
    next_one = fall_back("oom", "decode", tried=tried, given=PLAIN - {"batched"}, fault="black")
    assert next_one.rung is not None
    assert next_one.rung.name == "attention_math"
    assert next_one.dropped == {"decode_fp32", "again", "eager"}
    assert not next_one.keeps_latents
