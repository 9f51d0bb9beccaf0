"""Weights that live elsewhere compute the same picture; on this machine the host plays the card."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from worker.studio.card.placement import streamed_blocks
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.plan.setup import ON_CARD, ON_HOST, Placement, set_up
from worker.studio.stages.encode import PromptEmbeddings

pytestmark = pytest.mark.slow

STREAMED = {
    "none stays": Placement(on_card=True, resident=0),
    "some stay": Placement(on_card=True, resident=4),
    "all but one stay": Placement(on_card=True, resident=8),
    "in turn": Placement(on_card=True, resident=3, ahead=False),
}
PLAIN = set_up(CPU_PLAN)


@pytest.fixture
def latents(ask, studio):
    """What one step of the embedded model gives, with the transformer as it is now."""
    request = ask(width_px=64, height_px=64, steps=2)
    (prompt,) = studio.stages.encode([request.prompt], setup=PLAIN)

    def make(placement: Placement) -> torch.Tensor:
        setup = replace(PLAIN, transformer=placement)
        texts = [PromptEmbeddings(prompt=prompt, negative=None)]
        return studio.stages.denoise([request], texts, setup=setup, on_step=lambda _: False).latents

    return make


@pytest.mark.parametrize("placement", STREAMED.values(), ids=STREAMED)
def test_streamed_blocks_give_the_same_bits(latents, placement: Placement) -> None:
    assert torch.equal(latents(placement), latents(ON_CARD))
    assert torch.equal(latents(placement), latents(placement))


def test_a_streamed_text_encoder_gives_the_same_bits(ask, studio) -> None:
    prompts = [ask().prompt]
    (plain,) = studio.stages.encode(prompts, setup=PLAIN)
    for placement in (Placement(on_card=True, resident=0), Placement(on_card=True, resident=1, ahead=False), ON_HOST):
        (other,) = studio.stages.encode(prompts, setup=replace(PLAIN, encoder=placement))
        assert torch.equal(other, plain)


def test_fp32_is_near_and_afterwards_everything_is_exact_again(latents, parts) -> None:
    plain = latents(ON_CARD)
    wide = latents(Placement(on_card=True, resident=0, fp32=True))
    assert not torch.equal(wide, plain)
    assert (wide - plain).abs().mean() < 0.05 * plain.abs().mean()
    assert torch.equal(latents(ON_CARD), plain)
    assert {parameter.dtype for parameter in parts.transformer.parameters()} == {torch.bfloat16}


@pytest.mark.parametrize("block", range(9))
def test_an_error_in_any_block_leaves_it_usable(latents, parts, block: int) -> None:
    plain = latents(ON_CARD)

    def run_out(*_):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    hook = parts.transformer_blocks[block].register_forward_pre_hook(run_out)
    placement = Placement(on_card=True, resident=2)
    try:
        with pytest.raises(torch.OutOfMemoryError):
            latents(placement)
    finally:
        hook.remove()
    assert torch.equal(latents(placement), plain)


@pytest.mark.slow
@pytest.mark.parametrize("placement", [ON_CARD, *STREAMED.values()], ids=["whole", *STREAMED])
def test_a_spoilt_weight_is_mended_wherever_it_lives(latents, parts, studio, placement: Placement) -> None:
    plain = latents(ON_CARD)
    studio.transformer.move_to(placement)
    for parameter in parts.transformer.parameters():
        parameter.data.fill_(float("nan"))
    for block in parts.transformer_blocks:
        for parameter in block.parameters():
            parameter.data.fill_(float("nan"))
    assert not torch.isfinite(latents(placement)).all()
    studio.stages.refill()
    assert torch.equal(latents(placement), plain)
    assert torch.equal(latents(ON_CARD), plain)


def test_blocks_that_pass_are_spread_evenly() -> None:
    assert streamed_blocks(9, 9) == ()
    assert streamed_blocks(9, 100) == ()
    assert streamed_blocks(9, 0) == tuple(range(9))
    assert streamed_blocks(9, 6) == (2, 5, 8)
    for resident in range(35):
        streamed = streamed_blocks(34, resident)
        assert len(streamed) == 34 - resident
        gaps = {b - a for a, b in pairwise(streamed)}
        assert not gaps or max(gaps) - min(gaps) <= 1
