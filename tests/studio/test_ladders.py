"""The ladders, as properties of the data."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.studio.ladders import FIRST, LADDERS, MEMORY_LADDER, PICTURE_LADDER, Means, next_rung

OUTCOMES = ["oom", "black", "white", "flat", "not_finite", "wrong_size", "error"]
STAGES = ["encode", "denoise", "decode"]
RUNGS = {rung.name: rung for rung in chain(MEMORY_LADDER, PICTURE_LADDER)}

failures = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(STAGES)), min_size=20, max_size=20)


def test_no_two_rungs_share_a_name() -> None:
    assert len(RUNGS) == len(MEMORY_LADDER) + len(PICTURE_LADDER)
    assert FIRST.name not in RUNGS


@given(failures)
def test_whatever_fails_every_ladder_ends_and_no_rung_repeats(story: list[tuple]) -> None:
    tried = [FIRST.name]
    for outcome, stage in story:
        rung = next_rung(outcome, stage, tried=tried)
        if rung is None:
            break
        assert rung.name not in tried
        assert rung in LADDERS[outcome]
        assert stage in rung.stages
        tried.append(rung.name)
    assert len(tried) <= 1 + len(RUNGS)


@pytest.mark.parametrize("rung", RUNGS.values(), ids=lambda rung: rung.name)
def test_every_rung_is_reached_and_says_its_cost(rung) -> None:
    (ladder,) = {id(ladder): ladder for ladder in LADDERS.values() if rung in ladder}.values()
    lower = {other.name for other in ladder[: ladder.index(rung)]}
    outcome = next(outcome for outcome, its in LADDERS.items() if its is ladder)
    assert any(next_rung(outcome, stage, tried=lower) == rung for stage in rung.stages)
    assert rung.cost


def test_a_decode_that_runs_out_of_memory_never_denoises_again() -> None:
    assert all(rung.resumes_at is None for rung in MEMORY_LADDER)


def test_bad_latents_are_not_decoded_again() -> None:
    assert next_rung("not_finite", "denoise", tried=["first"]).name == "again"


def test_a_bad_picture_from_good_latents_is_first_decoded_in_fp32() -> None:
    assert next_rung("black", "decode", tried=["first"]).name == "decode_fp32"


def test_a_wrong_size_is_final() -> None:
    assert next_rung("wrong_size", "decode", tried=["first"]) is None


@given(st.builds(Means, *[], **{name: st.booleans() for name in Means.__slots__}), st.sampled_from(sorted(RUNGS)))
def test_a_rung_adds_to_what_earlier_rungs_changed(means: Means, name: str) -> None:
    both = means | RUNGS[name].means
    assert both | means == both
    assert both | RUNGS[name].means == both
