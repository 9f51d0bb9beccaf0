"""What is planned for which card: the real model's sizes, no card needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.studio.model_files.weights import Stack, Weights
from worker.studio.plan.memory import (
    BATCH_MOST,
    CONTEXT_MIB,
    ENCODE_MIB_PER_PROMPT,
    MARGIN_MIB,
    WHOLE,
    Work,
    held_mib,
    make_plan,
)  # fmt: skip

Z_IMAGE = Weights(
    transformer=Stack(blocks=34, block_mib=345.06, rest_mib=22.6),
    text_encoder=Stack(blocks=36, block_mib=192.51, rest_mib=741.9),
    vae_mib=159.9,
)
GIB = 1024

rooms = st.floats(5_000, 90_000)
works = st.builds(
    Work,
    pixels=st.integers(16, 128).map(lambda side: (side * 16) ** 2),
    is_guided=st.booleans(),
    may_tile=st.booleans(),
)


def plan_for(gib: float, side: int, *, is_guided: bool = False, may_tile: bool = False):
    return make_plan(gib * GIB, Z_IMAGE, Work(pixels=side * side, is_guided=is_guided, may_tile=may_tile))


@pytest.mark.parametrize(
    ("gib", "side", "encoder", "is_whole"),
    [
        (80, 1024, "card", True), (80, 2048, "card", True), (32, 1024, "card", True),
        (23.5, 1024, "streamed", True), (23.5, 1536, "streamed", True), (23.5, 2048, "streamed", True),
        (22.5, 1024, "streamed", True), (15.5, 1024, "streamed", True), (15.5, 1536, "streamed", False),
        (15.5, 2048, "streamed", False), (11.5, 1024, "streamed", False), (7.5, 1024, "streamed", False),
    ],
)  # fmt: skip
def test_what_stays_on_the_card(gib, side, encoder, is_whole) -> None:
    plan = plan_for(gib, side)
    assert (plan.encoder, plan.is_whole, plan.fits, plan.tile_px) == (encoder, is_whole, True, None)


@pytest.mark.parametrize("gib", [80, 23.5, 22.5, 15.5, 11.5, 7.5])
@pytest.mark.parametrize("side", [1024, 1536, 2048])
def test_guidance_changes_no_plan_of_these_as_the_decode_is_what_takes_most(gib, side) -> None:
    assert plan_for(gib, side, is_guided=True) == plan_for(gib, side)


@pytest.mark.parametrize(("gib", "side"), [(11.5, 2048), (7.5, 1536), (7.5, 2048)])
def test_a_plan_that_does_not_fit_says_so_and_is_the_smallest_there_is(gib, side) -> None:
    plan = plan_for(gib, side)
    assert (plan.fits, plan.resident_blocks, plan.batch, plan.tile_px) == (False, 0, 1, None)
    assert plan.peak_mib > gib * GIB - CONTEXT_MIB - MARGIN_MIB
    assert plan_for(gib, side, may_tile=True).fits


def test_a_text_encoder_that_stays_counts_in_the_peak() -> None:
    stays, passes = plan_for(80, 1024), plan_for(23.5, 1024)
    assert stays.peak_mib - passes.peak_mib == pytest.approx(Z_IMAGE.text_encoder.whole_mib)


def test_a_24_gb_card_keeps_16_gib_at_the_articles_size() -> None:
    for is_guided in (False, True):
        assert plan_for(23.5, 1024, is_guided=is_guided).peak_mib <= 16 * GIB


@pytest.mark.parametrize(
    ("side", "batch", "is_guided", "measured"),
    [
        (256, 1, False, 122), (512, 1, False, 212), (512, 4, False, 748), (1024, 1, False, 570),
        (1024, 4, False, 2180), (1024, 1, True, 1109), (1536, 1, False, 1167), (2048, 1, False, 2003),
        (2048, 1, True, 3980),
    ],
)  # fmt: skip
def test_denoising_needs_what_was_measured(side, batch, is_guided, measured) -> None:
    """Peak above the weights on an H100, torch 2.11."""
    work = Work(pixels=side * side, is_guided=is_guided)
    assert work.denoise_mib(batch) == pytest.approx(measured, rel=0.02)


@pytest.mark.parametrize(
    ("side", "tile_px", "measured"),
    [(512, None, 642), (1024, None, 2467), (1536, None, 5507), (2048, None, 9764), (1024, 512, 648), (2048, 512, 682)],
)
def test_decoding_needs_what_was_measured(side, tile_px, measured) -> None:
    """Likewise."""
    work = Work(pixels=side * side, is_guided=False, may_tile=True)
    assert work.decode_mib(tile_px) == pytest.approx(measured, rel=0.02)


def test_the_peak_of_one_picture_is_the_measured_one() -> None:
    """Measured on an H100 at batch 1: 14,368, 17,410 and 21,668 MiB."""
    for side, measured in ((1024, 14_368), (1536, 17_410), (2048, 21_668)):
        assert plan_for(23.5, side).peak_mib == pytest.approx(measured, abs=512)


def test_a_decode_too_large_for_the_card_is_tiled_only_where_that_is_allowed() -> None:
    refused, allowed = plan_for(7.5, 2048), plan_for(7.5, 2048, may_tile=True)
    assert (refused.fits, refused.tile_px) == (False, None)
    assert allowed.fits
    assert allowed.tile_px in (512, 768, 1024)


def test_small_pictures_are_made_together_and_large_ones_alone() -> None:
    assert [plan_for(23.5, side).batch for side in (256, 512, 1024)] == [BATCH_MOST, 4, 1]
    assert plan_for(23.5, 512, is_guided=True).batch == 2


@given(rooms, works)
def test_a_plan_that_fits_stays_below_the_room(room: float, work: Work) -> None:
    plan = make_plan(room, Z_IMAGE, work)
    assert plan.fits == (plan.peak_mib <= room - CONTEXT_MIB - MARGIN_MIB)
    assert 1 <= plan.batch <= BATCH_MOST
    assert plan.encode_batch >= 1
    assert 0 <= plan.resident_blocks < 34 or plan.resident_blocks == WHOLE
    assert plan.tile_px is None or work.may_tile


@given(rooms, works)
def test_prompts_are_encoded_within_the_room_beside_what_stays(room: float, work: Work) -> None:
    plan = make_plan(room, Z_IMAGE, work)
    encoder = Z_IMAGE.text_encoder
    held = Z_IMAGE.vae_mib + held_mib(Z_IMAGE.transformer, resident=plan.resident_blocks)
    held += held_mib(encoder, resident=0) if plan.encoder == "streamed" else encoder.whole_mib
    assert held + plan.encode_batch * ENCODE_MIB_PER_PROMPT <= room - CONTEXT_MIB - MARGIN_MIB


@given(rooms, rooms, works)
def test_more_memory_never_plans_worse(one: float, other: float, work: Work) -> None:
    small, large = (make_plan(room, Z_IMAGE, work) for room in sorted((one, other)))
    assert small.fits <= large.fits
    if small.tile_px is None and small.fits:
        assert large.tile_px is None
        assert small.resident_blocks <= large.resident_blocks
        assert small.batch <= large.batch


def test_a_plan_reads_as_one_line() -> None:
    assert str(plan_for(11.5, 1024)) == (
        "text encoder streamed, 20 transformer blocks on the card, the others streamed, batch 1, whole decode, "
        "predicted peak 10.0 GiB"
    )
