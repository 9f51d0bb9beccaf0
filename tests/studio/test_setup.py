"""A plan and what the rungs change, put together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.studio.plan.memory import CPU_PLAN
from worker.studio.plan.setup import ATTENTION, ON_CARD, ON_HOST, Placement, set_up
from worker.studio.retry.ladders import MEMORY_LADDER, RUNGS, Means

ROOMY = CPU_PLAN
TIGHT = replace(CPU_PLAN, encoder="streamed", resident_blocks=20, tile_px=None)
PASSING = Placement(on_card=True, resident=0)
IN_TURN = Placement(on_card=True, resident=0, ahead=False)


def means_of(*rungs: str) -> Means:
    means = Means()
    for name in rungs:
        means |= RUNGS[name].means
    return means


def test_without_rungs_the_plan_holds() -> None:
    roomy, tight = set_up(ROOMY, Means()), set_up(TIGHT, Means())
    assert (roomy.encoder, roomy.encoder_stays, roomy.transformer, roomy.is_streamed) == (ON_CARD, True, ON_CARD, False)
    assert (tight.encoder, tight.encoder_stays, tight.is_streamed) == (PASSING, False, True)
    assert tight.transformer == Placement(on_card=True, resident=20)
    assert (roomy.attention, roomy.tile_px, roomy.decode_fp32, roomy.decode_alone) == (ATTENTION, None, False, False)


@pytest.mark.parametrize("plan", [ROOMY, TIGHT], ids=["roomy", "tight"])
def test_each_rung_of_streaming_leaves_less_on_the_card(plan) -> None:
    assert set_up(plan, means_of("stream_blocks")).transformer == PASSING
    assert set_up(plan, means_of("stream_blocks", "stream_in_turn")).transformer == IN_TURN
    assert set_up(plan, means_of("stream_blocks")).encoder == PASSING
    assert set_up(plan, means_of("stream_in_turn")).encoder == IN_TURN
    assert set_up(plan, means_of("stream_in_turn", "encode_on_host")).encoder == ON_HOST


def test_fp32_streams_however_much_room_there_is() -> None:
    setup = set_up(ROOMY, means_of("denoise_fp32"))
    assert setup.transformer == Placement(on_card=True, resident=0, fp32=True)
    assert setup.decode_fp32
    assert not setup.encoder_stays


def test_from_the_first_rung_of_memory_on_the_text_encoder_leaves_the_card() -> None:
    means = Means()
    for rung in MEMORY_LADDER[:-1]:
        means |= rung.means
        assert not set_up(ROOMY, means).encoder_stays
        assert (set_up(ROOMY, means).tile_px is not None) == rung.changes_picture


def test_tiles_are_the_plans_or_the_smallest() -> None:
    assert set_up(replace(ROOMY, tile_px=1024), Means()).tile_px == 1024
    assert set_up(replace(ROOMY, tile_px=1024), means_of("tiled_decode")).tile_px == 1024
    assert set_up(ROOMY, means_of("tiled_decode")).tile_px == 512


def test_another_attention_kernel_goes_again_with_a_later_rung() -> None:
    assert set_up(ROOMY, means_of("attention_math")).attention == "_native_math"
    assert set_up(ROOMY, means_of("attention_math", "fresh_weights")).attention == ATTENTION
