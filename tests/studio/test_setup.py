"""The setup of a try: the plan, and what rungs change in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.studio.plan.memory import CPU_PLAN, MemoryPlan
from worker.studio.plan.setup import ATTENTION, ON_CARD, ON_HOST, Placement, Setup, set_up
from worker.studio.retry.ladders import MEMORY_LADDER, RUNGS, with_rungs

ROOMY = CPU_PLAN
TIGHT = replace(CPU_PLAN, encoder="streamed", resident_blocks=20, tile_px=None)
STREAMED = Placement(on_card=True, resident=0)
IN_TURN = Placement(on_card=True, resident=0, ahead=False)


def setup_of(plan: MemoryPlan, *rungs: str) -> Setup:
    return with_rungs(set_up(plan), [RUNGS[name] for name in rungs])


def test_without_rungs_the_plan_holds() -> None:
    roomy, tight = set_up(ROOMY), set_up(TIGHT)
    assert (roomy.encoder, roomy.encoder_stays, roomy.transformer, roomy.is_streamed) == (ON_CARD, True, ON_CARD, False)
    assert (tight.encoder, tight.encoder_stays, tight.is_streamed) == (STREAMED, False, True)
    assert tight.transformer == Placement(on_card=True, resident=20)
    assert (roomy.attention, roomy.tile_px, roomy.decode_fp32, roomy.decode_alone) == (ATTENTION, None, False, False)


@pytest.mark.parametrize("plan", [ROOMY, TIGHT], ids=["roomy", "tight"])
def test_each_rung_of_streaming_leaves_less_on_the_card(plan) -> None:
    assert setup_of(plan, "stream_blocks").transformer == STREAMED
    assert setup_of(plan, "stream_blocks", "stream_in_turn").transformer == IN_TURN
    assert setup_of(plan, "stream_blocks").encoder == STREAMED
    assert setup_of(plan, "stream_in_turn").encoder == IN_TURN
    assert setup_of(plan, "stream_in_turn", "encode_on_host").encoder == ON_HOST


def test_fp32_streams_however_much_room_there_is() -> None:
    setup = setup_of(ROOMY, "denoise_fp32")
    assert setup.transformer == Placement(on_card=True, resident=0, fp32=True)
    assert setup.decode_fp32
    assert not setup.encoder_stays


def test_from_the_first_rung_of_memory_on_the_text_encoder_leaves_the_card() -> None:
    setup = set_up(ROOMY)
    for rung in MEMORY_LADDER[:-1]:
        setup = rung.change(setup)
        assert not setup.encoder_stays
        assert (setup.tile_px is not None) == rung.changes_picture


def test_tiles_are_the_plans_or_the_smallest() -> None:
    assert set_up(replace(ROOMY, tile_px=1024)).tile_px == 1024
    assert setup_of(replace(ROOMY, tile_px=1024), "tiled_decode").tile_px == 1024
    assert setup_of(ROOMY, "tiled_decode").tile_px == 512


def test_another_attention_kernel_goes_again_with_a_later_rung() -> None:
    assert setup_of(ROOMY, "attention_math").attention == "_native_math"
    assert setup_of(ROOMY, "attention_math", "fresh_weights").attention == ATTENTION


@pytest.mark.parametrize("later", ["free_cache", "decode_alone", "stream_blocks", "stream_in_turn", "denoise_fp32"])
def test_a_text_encoder_on_the_host_stays_there_whatever_rung_comes_later(later: str) -> None:
    assert setup_of(ROOMY, "encode_on_host", later).encoder == ON_HOST


@pytest.mark.parametrize("later", ["stream_blocks", "stream_in_turn"])
def test_fp32_stays_whatever_rung_of_streaming_comes_later(later: str) -> None:
    assert setup_of(ROOMY, "denoise_fp32", later).transformer.fp32


def test_compiled_code_is_used_only_while_the_transformer_stays_on_the_card_by_the_usual_kernels() -> None:
    compiled = replace(ROOMY, compiled=True)
    assert not set_up(replace(TIGHT, compiled=True)).compiled
    for name in RUNGS:
        setup = setup_of(compiled, name)
        assert setup.compiled <= (setup.transformer == ON_CARD and setup.attention == ATTENTION)
    assert not setup_of(compiled, "eager").compiled
    assert not setup_of(compiled, "fresh_weights").compiled
