"""Faults drawn by lot at every stage, over several requests of every kind: each request ends once, and rightly."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_faults import fault, half_nan, nan_everywhere, nan_in_item, painted, run_out

from worker.records import PictureResult
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.retry.ladders import RUNGS

pytestmark = pytest.mark.slow

STEPS = 2
LATENTS = "the latents are not finite"
"""Then there is no picture to keep as evidence."""
PLANS = [CPU_PLAN, replace(CPU_PLAN, encoder="streamed", resident_blocks=4)]
INEXACT = {"decode_fp32", "attention_math", "denoise_fp32", "new_seed", "tiled_decode"}
"""Rungs that change a picture's last bits, or more."""

FAULTS = {
    "encode": st.sampled_from([run_out]),
    "denoise": st.sampled_from([run_out, nan_everywhere, nan_in_item(0)]),
    "decode": st.sampled_from([run_out, nan_everywhere, half_nan, painted(-1.0), painted(1.0), painted(0.3)]),
}
stories = st.fixed_dictionaries(
    {stage: st.dictionaries(st.integers(1, 25), wrong, max_size=10) for stage, wrong in FAULTS.items()}
)


def module_of(parts, stage: str):
    return {"encode": parts.text_encoder, "denoise": parts.transformer, "decode": parts.vae.decoder}[stage]


def disturbed(parts, story) -> ExitStack:
    """At each chosen call of each part, what was drawn for it."""
    stack = ExitStack()
    for stage, wrongs in story.items():
        for call, wrong in wrongs.items():
            stack.enter_context(fault(module_of(parts, stage), wrong, at=lambda number, call=call: number == call))
    return stack


@pytest.fixture(scope="module")
def options(ask):
    small = {"width_px": 64, "height_px": 64, "steps": STEPS}
    return [
        ask(file="a.png", **small),
        ask(file="b.png", seed=2, **small),
        ask(file="c.png", prompt="一只蓝色花瓶", guidance=3.0, allow=frozenset({"new_seed", "tiled_decode"}), **small),
        ask(file="d.png", seed=4, **{**small, "height_px": 128}, guidance=3.0, negative_prompt="text"),
    ]


def check(result: PictureResult, plain=None) -> None:
    names = [one_try.rung for one_try in result.tries]
    in_force = result.tries[0].lessons
    assert len(set(names)) == len(names)
    assert set(names) <= set(RUNGS)
    assert (result.picture is None) == (result.error is not None)
    assert all(one_try.outcome != "ok" for one_try in result.tries[:-1])
    assert (result.tries[-1].outcome == "ok") == (result.picture is not None)
    pictured = [
        (one_try.rung, one_try.outcome)
        for one_try in result.tries
        if one_try.outcome not in ("ok", "oom") and not one_try.note.startswith(LATENTS)
    ]
    assert [(one.rung, one.outcome) for one in result.refused] == pictured
    for need in {"new_seed", "tiled_decode"} - result.request.allow:
        assert need not in names
    assert (result.tries[-1].seed is not None) <= ("new_seed" in names)
    if result.picture is not None:
        assert (result.picture.width_px, result.picture.height_px) == (
            result.request.width_px, result.request.height_px
        )  # fmt: skip
    # what is made beside a picture changes its last bits: pictures made together are compared in test_batches
    if plain is not None and result.picture is not None and not {*names, *in_force} & INEXACT:
        assert result.picture.rgb == plain(result.request)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories, plan=st.sampled_from(PLANS), overlaps=st.booleans())
def test_alone_every_request_ends_once_and_rightly(
    studio, parts, to_the_end, plain, options, story, plan, overlaps: bool
) -> None:
    with disturbed(parts, story):
        results = to_the_end(lambda: studio.renderer(plan, overlaps=overlaps), options)
    assert sorted(result.request.file for result in results) == [request.file for request in options]
    for result in results:
        check(result, plain)
    # whatever happened, nothing of it is left
    (after,) = to_the_end(lambda: studio.renderer(plan), options[:1])
    assert after.picture.rgb == plain(options[0])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories, plan=st.sampled_from(PLANS), batch=st.integers(2, 3), overlaps=st.booleans())
def test_together_likewise(studio, parts, to_the_end, options, story, plan, batch: int, overlaps: bool) -> None:
    requests = [replace(request, width_px=64, height_px=64, guidance=0.0, negative_prompt="") for request in options]
    with disturbed(parts, story):
        results = to_the_end(lambda: studio.renderer(replace(plan, batch=batch), overlaps=overlaps), requests)
    assert sorted(result.request.file for result in results) == [request.file for request in requests]
    for result in results:
        check(result)
