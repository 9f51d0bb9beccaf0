"""Every way of living gives the same bits, whatever went wrong before; on this machine the host plays the card."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from model_faults import exactly, fault, run_out

from worker.studio.card import placement
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.plan.setup import ON_CARD, ON_HOST, Placement, set_up
from worker.studio.stages.encode import PromptEmbeddings

pytestmark = pytest.mark.slow

BLOCKS = 9
PLAIN = set_up(CPU_PLAN)
STREAMED = {
    "ahead": Placement(on_card=True, resident=0),
    "in turn": Placement(on_card=True, resident=0, ahead=False),
    "some stay": Placement(on_card=True, resident=4),
    "fp32": Placement(on_card=True, resident=0, fp32=True),
}


@pytest.fixture
def latents(ask, studio):
    """What two guided steps of the embedded model give, with the transformer as it is asked to live."""
    request = ask(width_px=64, height_px=64, steps=2, guidance=3.0)
    prompt, negative = studio.stages.encode([request.prompt, ""], setup=PLAIN)

    def make(where: Placement) -> torch.Tensor:
        setup = replace(PLAIN, transformer=where)
        texts = [PromptEmbeddings(prompt=prompt, negative=negative)]
        return studio.stages.denoise([request], texts, setup=setup, on_step=lambda _: False).latents

    return make


@pytest.mark.parametrize("ahead", [True, False], ids=["ahead", "in turn"])
@pytest.mark.parametrize("resident", range(BLOCKS + 1))
def test_any_number_of_blocks_may_be_streamed(latents, resident: int, ahead: bool) -> None:
    assert torch.equal(latents(Placement(on_card=True, resident=resident, ahead=ahead)), latents(ON_CARD))


@pytest.mark.slow
def test_one_way_of_living_may_follow_any_other(latents) -> None:
    plain, wide = latents(ON_CARD), latents(STREAMED["fp32"])
    ways = [ON_CARD, *STREAMED.values()]
    for before in ways:
        for after in ways:
            latents(before)
            assert torch.equal(latents(after), wide if after.fp32 else plain)


@pytest.mark.slow
@pytest.mark.parametrize("where", STREAMED.values(), ids=STREAMED)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_memory_that_runs_out_inside_any_block_costs_that_try_only(
    latents, parts, studio, where: Placement, block: int
) -> None:
    plain = latents(where)
    # in the middle of the block: it never comes to its end
    with (
        fault(parts.transformer_blocks[block].attention, run_out, at=exactly(2)) as count,
        pytest.raises(torch.OutOfMemoryError),
    ):
        latents(where)
    assert count.fired == 1
    assert torch.equal(latents(where), plain)
    studio.transformer.move_to(ON_HOST)
    assert {parameter.dtype for parameter in parts.transformer.parameters()} == {torch.bfloat16}


def test_a_card_without_room_for_streamed_blocks_leaves_the_part_at_home_and_usable(
    latents, studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = latents(ON_CARD)
    monkeypatch.setattr(placement, "BlockStreaming", lambda *_, **__: run_out(None))
    for where in STREAMED.values():
        with pytest.raises(torch.OutOfMemoryError):
            studio.transformer.move_to(where)
        assert torch.equal(latents(ON_CARD), plain)
    monkeypatch.undo()
    for where in list(STREAMED.values())[:3]:
        assert torch.equal(latents(where), plain)


def test_any_order_of_calls_has_the_right_weights(studio, parts) -> None:
    """Slots are filled for the order of a forward; another order only waits longer."""
    block = parts.transformer_blocks
    homes = [module.attention.to_q.weight.data.clone() for module in block]
    seen = []

    def look(module, _):
        seen.append(module.attention.to_q.weight.data.clone())
        raise StopIteration

    studio.transformer.move_to(STREAMED["ahead"])
    order = [3, 3, 0, 8, 1, 2, 8, 7, 0]
    for number in order:
        hook = block[number].register_forward_pre_hook(look)
        with pytest.raises(StopIteration):
            block[number]()
        hook.remove()
    assert all(torch.equal(one, homes[number]) for one, number in zip(seen, order, strict=True))
