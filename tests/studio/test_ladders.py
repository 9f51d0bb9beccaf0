"""The ladders, as properties of the data."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.studio.plan.memory import CPU_PLAN, WHOLE
from worker.studio.plan.setup import set_up
from worker.studio.retry.history import NEW_PROCESS
from worker.studio.retry.ladders import (
    EAGER,
    FIRST,
    LADDERS,
    MEMORY_LADDER,
    PICTURE_LADDER,
    RUNGS,
    Need,
    next_rung,
    with_rungs,
)
from worker.try_words import RUNG_WORDS, rung_words

OUTCOMES = ["oom", "black", "white", "flat", "not_finite", "wrong_size", "error"]
STAGES = ["encode", "denoise", "decode"]
NEEDS = list(get_args(Need))
EVERYTHING = set(NEEDS)

failures = st.lists(
    st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(STAGES), st.sets(st.sampled_from(NEEDS))),
    min_size=30, max_size=30,
)  # fmt: skip


def test_the_new_process_ends_both_ladders_and_only_eager_is_in_both_besides() -> None:
    names = [rung.name for rung in chain(MEMORY_LADDER, PICTURE_LADDER)]
    assert sorted(names) == sorted([*RUNGS.keys() - {FIRST.name}, NEW_PROCESS, EAGER.name])
    assert MEMORY_LADDER[-1].name == PICTURE_LADDER[-1].name == NEW_PROCESS


def test_every_rung_has_words_that_people_say() -> None:
    assert RUNG_WORDS.keys() == {*RUNGS, NEW_PROCESS, EAGER.name}
    assert rung_words("from_another_version") == "from another version"


@pytest.mark.slow
@given(failures)
def test_whatever_fails_and_whatever_there_is_every_ladder_ends_and_no_rung_repeats(story: list[tuple]) -> None:
    tried = [FIRST.name]
    for outcome, stage, given_needs in story:
        rung = next_rung(outcome, stage, tried=tried, given=given_needs)
        if rung is None:
            break
        assert rung.name not in tried
        assert rung in LADDERS[outcome]
        assert stage in rung.stages
        assert rung.needs <= given_needs
        tried.append(rung.name)
    assert len(tried) <= len(RUNGS)


@pytest.mark.parametrize("rung", [*MEMORY_LADDER, *PICTURE_LADDER], ids=lambda rung: rung.name)
def test_every_rung_is_reached_and_says_its_cost(rung) -> None:
    (ladder,) = {id(ladder): ladder for ladder in LADDERS.values() if rung in ladder}.values()
    lower = {other.name for other in ladder[: ladder.index(rung)]}
    outcome = next(outcome for outcome, its in LADDERS.items() if its is ladder)
    assert any(next_rung(outcome, stage, tried=lower, given=EVERYTHING) == rung for stage in rung.stages)
    assert rung.cost


@pytest.mark.parametrize("ladder", [MEMORY_LADDER, PICTURE_LADDER])
def test_what_changes_the_picture_comes_after_all_that_keeps_it_and_needs_permission(ladder) -> None:
    changing = [rung.changes_picture for rung in ladder[:-1]]
    assert changing == sorted(changing)
    for rung in ladder:
        assert rung.changes_picture == (rung.name in ("tiled_decode", "new_seed"))
        assert (rung.name in rung.needs) == rung.changes_picture


def test_a_process_is_replaced_only_after_all_else() -> None:
    for outcome, ladder in LADDERS.items():
        for stage in STAGES:
            tried: list[str] = []
            while rung := next_rung(outcome, stage, tried=tried, given=EVERYTHING):
                tried.append(rung.name)
            assert tried == [rung.name for rung in ladder if stage in rung.stages]
            assert NEW_PROCESS not in tried[:-1]


def test_a_decode_that_runs_out_of_memory_never_denoises_again() -> None:
    assert all(rung.resumes_at is None for rung in MEMORY_LADDER)


def test_a_lone_picture_on_the_cpu_skips_what_it_cannot_do() -> None:
    tried: list[str] = []
    while rung := next_rung("oom", "denoise", tried=tried, given=set()):
        tried.append(rung.name)
    assert tried == ["free_cache", "stream_blocks", "stream_in_turn"]


def test_bad_latents_are_not_decoded_again() -> None:
    assert next_rung("not_finite", "denoise", tried=["first"], given=set()).name == "again"


def test_a_bad_picture_of_a_batch_is_made_alone_before_anything_dearer() -> None:
    assert next_rung("not_finite", "denoise", tried=["first"], given={"batched"}).name == "alone"


def test_a_bad_picture_from_good_latents_is_first_decoded_in_fp32() -> None:
    assert next_rung("black", "decode", tried=["first"], given=EVERYTHING).name == "decode_fp32"


def test_a_wrong_size_is_final() -> None:
    assert next_rung("wrong_size", "decode", tried=["first"], given=EVERYTHING) is None


PLANS = [
    replace(CPU_PLAN, encoder=encoder, resident_blocks=resident, tile_px=tile_px, compiled=compiled)
    for encoder, resident, tile_px, compiled in product(("card", "streamed"), (WHOLE, 20), (None, 1024), (True, False))
]


@given(st.sampled_from(PLANS), st.lists(st.sampled_from([*RUNGS.values()]), max_size=6), st.data())
def test_a_rung_adds_to_what_earlier_rungs_changed_and_taken_twice_is_taken_once(plan, rungs, data) -> None:
    setup = with_rungs(set_up(plan), rungs)
    assert with_rungs(setup, rungs[-1:]) == setup
    if rungs:
        again = data.draw(st.sampled_from(rungs))
        assert with_rungs(again.change(setup), rungs) == setup


@pytest.mark.parametrize("rung", RUNGS.values(), ids=RUNGS)
def test_what_lasts_is_a_change_of_the_setup_or_of_the_batch(rung) -> None:
    if rung.lasts and rung is not FIRST:
        assert rung.divides_by != 1 or any(rung.change(set_up(plan)) != set_up(plan) for plan in PLANS)
        assert not rung.new_seed | rung.new_weights
