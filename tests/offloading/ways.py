"""The ways that are compared: this worker's own streaming, and diffusers' group offloading put on in several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from diffusers.hooks import apply_group_offloading
from offloading.bench import Bench
from offloading.hooks import take_off

from worker.studio.card.placement import streamed_blocks


def offload(bench: Bench, module: torch.nn.Module, **options: object) -> None:
    """`apply_group_offloading`; on the CPU without streams, which it refuses there."""
    wished: dict[str, Any] = {
        "offload_type": "block_level", "num_blocks_per_group": 1, "non_blocking": True, "use_stream": True,
        "record_stream": True, "low_cpu_mem_usage": False, **options,
    }  # fmt: skip
    if not bench.is_card:
        wished |= {"use_stream": False, "record_stream": False}
    apply_group_offloading(module, onload_device=bench.device, offload_device=torch.device("cpu"), **wished)


def offloaded(bench: Bench, **options: object) -> None:
    """All of the transformer by turns."""
    offload(bench, bench.parts.transformer, **options)


def offloaded_from_pageable(bench: Bench) -> None:
    """With `low_cpu_mem_usage`, which pins as it copies; it would find this worker's copies pinned already."""
    for tensor in bench.parts.transformer.parameters():
        tensor.data = tensor.data.clone()
    offload(bench, bench.parts.transformer, low_cpu_mem_usage=True)


def offloaded_but(bench: Bench, resident: int) -> None:
    """Some blocks stay: the hooks are applied to all, then taken off these (not documented; private names)."""
    offload(bench, bench.parts.transformer)
    passing = set(streamed_blocks(bench.blocks, resident))
    for number, block in enumerate(bench.parts.transformer_blocks):
        if number not in passing:
            take_off(block)
            block.to(bench.device)


def offloaded_inside(bench: Bench, resident: int) -> None:
    """Some blocks stay, by the public function alone: it is applied to each of the others, by leaves with a stream."""
    passing = [bench.parts.transformer_blocks[number] for number in streamed_blocks(bench.blocks, resident)]
    inside = {id(tensor) for block in passing for tensor in block.parameters()}
    for tensor in bench.parts.transformer.parameters():
        if id(tensor) not in inside:
            tensor.data = tensor.data.to(bench.device)
    for block in passing:
        offload(bench, block, offload_type="leaf_level", num_blocks_per_group=None)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way under one cap."""

    cap_gib: float
    name: str
    place: Callable[[Bench], None] | None = None
    """How diffusers' hooks are put on; None for this worker's own streaming."""
    resident: int | None = None
    """Blocks that stay; None for what this worker's plan says."""
    pictures: int = 4
    steps: int = 8


def ways(bench: Bench, *, pictures: int) -> Iterator[Way]:
    """Those that are compared, in their order within a round."""
    for gib in (7.5, 11.5, 15.5):
        plan = bench.plan(gib)
        way = partial(Way, cap_gib=gib, pictures=pictures)
        yield way(name="ours, as planned")
        if gib == 7.5:
            yield way(name="ours, no resident block", resident=0)
            # no block stays, so that the cap makes no difference: once is enough
            yield way(name="group 1, stream", place=partial(offloaded, record_stream=False))
        yield way(name="group 1, stream, record_stream", place=offloaded)
        some = plan.resident_blocks
        if plan.is_whole:  # nothing is streamed there: compare what 14.5 GiB would be given
            some = bench.plan(14.5).resident_blocks
            yield way(name=f"ours, {some} resident blocks", resident=some)
        yield way(
            name=f"group 1, stream, record_stream, {some} resident blocks", resident=some,
            place=partial(offloaded_but, resident=some),
        )  # fmt: skip


def by_leaves(bench: Bench) -> Iterator[Way]:
    """Measured once."""
    some = bench.plan(11.5).resident_blocks
    yield Way(
        cap_gib=7.5, name="leaf level, stream, record_stream", pictures=2,
        place=partial(offloaded, offload_type="leaf_level", num_blocks_per_group=None),
    )  # fmt: skip
    yield Way(
        cap_gib=11.5, name=f"leaf level inside the passing blocks, {some} resident blocks (public API)", pictures=2,
        place=partial(offloaded_inside, resident=some),
    )  # fmt: skip


def slow_ones(bench: Bench) -> Iterator[Way]:
    """Measured once, last, with 2 steps: they may take many seconds a step."""
    slow = partial(Way, cap_gib=11.5, pictures=1, steps=2)
    yield slow(name="ours, no resident block", resident=0)
    yield slow(name="group 1, stream, low_cpu_mem_usage", place=offloaded_from_pageable)
    yield slow(
        name="group 4, no stream",
        place=partial(offloaded, num_blocks_per_group=4, use_stream=False, record_stream=False),
    )
