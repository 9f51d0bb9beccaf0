"""Weights that live elsewhere compute the same picture; on this machine the host plays the card."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from structlog.testing import capture_logs

from worker.studio.card.placement import HOST, PlacedModule, streamed_blocks
from worker.studio.plan.host_memory import SPARE_MIB, HostRoom
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
    studio.stages.refill(lambda: None)
    assert torch.equal(latents(placement), plain)
    assert torch.equal(latents(ON_CARD), plain)


class Host:
    """A host with so much memory, of which pieces are taken."""

    def __init__(self, free_mib: float, *, piece_mib: float = 0.0) -> None:
        self.free_mib, self.piece_mib = free_mib, piece_mib

    def __call__(self) -> HostRoom:
        self.free_mib -= self.piece_mib
        return HostRoom(available_mib=SPARE_MIB + self.free_mib, total_mib=SPARE_MIB, bound="cgroup")


@pytest.mark.parametrize("host", [Host(0), Host(7, piece_mib=1)], ids=["without room", "with room for some pieces"])
@pytest.mark.parametrize("placement", STREAMED.values(), ids=STREAMED)
def test_a_short_host_streams_blocks_from_where_they_lie_to_the_same_bits(
    latents, parts, placement: Placement, host: Host
) -> None:
    plain = latents(ON_CARD)
    places = {parameter.data_ptr() for parameter in parts.transformer.parameters()}
    placed = PlacedModule(parts.transformer, parts.transformer_blocks, device=HOST, host_room=host)
    with capture_logs() as logs:
        placed.move_to(placement)
        assert torch.equal(latents(ON_CARD), plain)
        placed.move_to(ON_HOST)
        placed.move_to(placement)
    assert [(log["event"], log["bound"]) for log in logs] == [("host.short", "cgroup")]
    assert "memory.max" in logs[0]["note"]
    placed.move_to(ON_CARD)
    if not host.piece_mib:
        assert {parameter.data_ptr() for parameter in parts.transformer.parameters()} == places, "something was copied"


def test_a_spoilt_weight_is_mended_where_no_piece_was_made(latents, parts) -> None:
    plain = latents(ON_CARD)
    placed = PlacedModule(parts.transformer, parts.transformer_blocks, device=HOST, host_room=Host(0))
    placed.move_to(STREAMED["none stays"])
    for parameter in parts.transformer.parameters():
        parameter.data.fill_(float("nan"))
    for part, name, values in parts.read_again():
        if part == "transformer":
            placed.refill(name, values)
    assert torch.equal(latents(ON_CARD), plain)
    placed.move_to(ON_CARD)


@pytest.mark.parametrize("placement", [ON_HOST, *STREAMED.values()], ids=["all leaves", *STREAMED])
def test_what_finds_no_room_on_the_host_stays_on_the_card_and_is_a_shortage(placement: Placement) -> None:
    """On torch's own stand-in for a device, as nothing is copied."""
    blocks = [torch.nn.Linear(4096, 4096, device="meta") for _ in range(9)]
    module = torch.nn.Sequential(*blocks, torch.nn.Linear(4096, 4096, device="meta"))
    placed = PlacedModule(module, blocks, device=torch.device("meta"), host_room=Host(32))
    with pytest.raises(torch.OutOfMemoryError, match="the host's memory is short"):
        placed.move_to(placement)
    assert {parameter.device.type for parameter in module.parameters()} == {"meta"}


def test_a_bf16_folder_is_a_home_for_every_weight_and_takes_no_memory_of_the_process(parts) -> None:
    weights = dict(parts.transformer.named_parameters())
    assert parts.stored.keys() == weights.keys()
    assert all(torch.equal(parts.stored[name], weight) for name, weight in weights.items())
    maps = re.findall(
        r"^(\w+)-(\w+) .*/transformer/\S+\.safetensors$", Path("/proc/self/maps").read_text(), re.MULTILINE
    )
    ranges = [(int(begin, 16), int(end, 16)) for begin, end in maps]
    places = [stored.data_ptr() for stored in parts.stored.values()]
    assert all(any(begin <= place < end for begin, end in ranges) for place in places)


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
