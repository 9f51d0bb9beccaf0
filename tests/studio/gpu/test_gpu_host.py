"""On a card: host memory that is locked, refused or short; the pictures stay the same, bit for bit."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from on_card import CARD, GIB, NEEDS_CARD, SHOT, story

from worker.demo import weights_dir
from worker.studio.card import pinning
from worker.studio.card.pinning import pinned_piece, refusals
from worker.studio.card.placement import PlacedModule
from worker.studio.model_files.parts import ModelSource
from worker.studio.plan.host_memory import HostRoom
from worker.studio.plan.memory import WHOLE, make_plan
from worker.studio.plan.setup import ON_CARD, ON_HOST, Placement
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.stages.loading import Parts, load_parts

pytestmark = NEEDS_CARD

SMALL = replace(SHOT, prompt="a red glossy mug, white background", width_px=256, height_px=256)
SHORT = HostRoom(available_mib=0, total_mib=16 * GIB, bound="cgroup")
AMPLE = HostRoom(available_mib=64 * GIB, total_mib=64 * GIB, bound="machine")


def locks(array: np.ndarray) -> int:
    return int(torch.cuda.cudart().cudaHostRegister(array.ctypes.data, array.nbytes, 0))


def unlocks(place: int) -> int:
    return int(torch.cuda.cudart().cudaHostUnregister(place))


@contextmanager
def locked_beforehand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The driver refuses every piece, as it holds the very range already."""
    lock = pinning._lock

    def refused(memory: np.ndarray, device: torch.device, cudart: object) -> None:
        assert locks(memory) == 0
        try:
            lock(memory, device, cudart)
        finally:
            assert unlocks(memory.ctypes.data) == 0

    with monkeypatch.context() as patched:
        patched.setattr(pinning, "_lock", refused)
        yield


def test_a_refusal_leaves_no_error_behind() -> None:
    memory, before = np.zeros(1 << 20, dtype=np.uint8), refusals()
    assert locks(memory) == 0
    pinning._lock(memory, CARD, torch.cuda.cudart())
    assert refusals() == before + 1
    assert torch.full((1,), 7, device=CARD).item() == 7
    assert unlocks(memory.ctypes.data) == 0


def test_a_piece_is_unlocked_with_its_owner() -> None:
    torch.zeros(1, device=CARD)
    before = refusals()
    for _ in range(100):
        piece = pinned_piece(4 << 20, torch.bfloat16, CARD)
        assert piece.fill_(3).to(CARD, non_blocking=True).sum().item() == 3 * (4 << 20)
        place = piece.data_ptr()
        del piece
        assert unlocks(place) != 0, "it was still locked"
        pinning._clear_errors(CARD)
    assert refusals() == before


@pytest.fixture(scope="module")
def embedded() -> Parts:
    """The embedded model, its transformer loaded straight to the card."""
    return load_parts(ModelSource(folder=weights_dir()), device=CARD)


def pictures_of(parts: Parts, results_of, room: HostRoom, **planned) -> list[bytes]:
    """Of a renderer made and dropped within the process."""
    stages = build_stages(parts, device=CARD, host_room=lambda: room)
    weights = parts.weights()
    studio = StudioRenderer(
        stages=stages, plan=lambda work: replace(make_plan(23 * GIB, weights, work), encoder="streamed", **planned)
    )
    results = results_of(studio, [replace(SMALL, seed=seed, file=f"{seed}.png") for seed in range(2)])
    assert [story(result) for result in results] == [[("first", "ok")]] * 2
    stages.encode.leave()
    stages.denoise._placed.move_to(ON_CARD)
    return [result.picture.rgb for result in results]


@pytest.mark.parametrize("resident", [0, 4, WHOLE])
def test_short_and_refused_host_memory_change_no_bit(embedded, results_of, monkeypatch, resident: int) -> None:
    usual = pictures_of(embedded, results_of, AMPLE, resident_blocks=resident)
    assert pictures_of(embedded, results_of, SHORT, resident_blocks=resident) == usual
    before = refusals()
    with locked_beforehand(monkeypatch):
        assert pictures_of(embedded, results_of, AMPLE, resident_blocks=resident) == usual
    assert refusals() > before
    gc.collect()
    assert pictures_of(embedded, results_of, AMPLE, resident_blocks=resident) == usual


def test_on_a_short_host_a_transformer_leaves_the_card_to_where_it_lies_in_its_files() -> None:
    parts = load_parts(ModelSource(folder=weights_dir()), device=CARD)
    on_card = {name: weight.cpu() for name, weight in parts.transformer.named_parameters()}
    placed = PlacedModule(
        parts.transformer, parts.transformer_blocks, device=CARD, host_room=lambda: SHORT, on_disk=parts.stored
    )
    maps = re.findall(r"^(\w+)-(\w+) .*safetensors$", Path("/proc/self/maps").read_text(), re.MULTILINE)
    for placement in (ON_HOST, Placement(on_card=True, resident=2), ON_HOST, ON_CARD):
        placed.move_to(placement)
        for name, weight in parts.transformer.named_parameters():
            assert torch.equal(weight.cpu(), on_card[name])
            if weight.device.type == "cpu":
                assert any(int(begin, 16) <= weight.data_ptr() < int(end, 16) for begin, end in maps)


def test_at_full_size_blocks_streamed_from_where_they_lie_give_the_same_bits(full, stages, planned, results_of) -> None:
    requests = [
        SHOT,
        replace(SHOT, file="again.png"),
    ]  # a batch of its own size each time: another one rounds otherwise
    usual = results_of(planned(7.5 * GIB), requests)
    stages.encode.leave()
    stages.denoise._placed.move_to(ON_HOST)
    weights = full.weights()
    # what was copied into pieces lies there still: a new placement streams from the same memory, weight by weight
    short = build_stages(full, device=CARD, host_room=lambda: SHORT)
    studio = StudioRenderer(stages=short, plan=lambda work: make_plan(7.5 * GIB, weights, work))
    try:
        results = results_of(studio, requests)
    finally:
        short.encode.leave()
        short.denoise._placed.move_to(ON_HOST)
    seconds = [[result.tries[-1].seconds for result in made] for made in (results, usual)]
    print("seconds, in place and from pieces:", *seconds)
    assert [result.picture.rgb for result in results] == [result.picture.rgb for result in usual]
