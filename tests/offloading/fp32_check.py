"""Whether group offloading can widen bf16 weights to fp32 on their way, and be undone."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from diffusers.hooks import HookRegistry, apply_group_offloading, apply_layerwise_casting_hook
from offloading.bench import Away, Bench, cap, peak, reset_peak
from offloading.checks import check, latents, tried
from offloading.hooks import take_off
from offloading.ways import offload


def fp32_check(bench: Bench) -> None:
    """Ours widens blocks on arrival; diffusers has a second kind of hook for it, which must be put on first."""
    options = list(inspect.signature(apply_group_offloading).parameters)
    check("fp32: options of apply_group_offloading", dtypes=[name for name in options if "dtype" in name])
    cap(bench.device, 7.5)
    try:
        latents(bench, gib=7.5, fp32=True)
        reset_peak(bench)
        ours, ours_s = latents(bench, gib=7.5, fp32=True)
        check("fp32: ours", seconds_2_steps=round(ours_s, 3), peak_mib=peak(bench), finite=bool(ours.isfinite().all()))
        bench.restore()
        narrow, _ = latents(bench, gib=7.5)
        bench.restore()
        bench.move_by(Away())
        cast(bench)
        offload(bench, bench.parts.transformer)
        latents(bench, gib=7.5, fp32=True)
        reset_peak(bench)
        theirs, theirs_s = latents(bench, gib=7.5, fp32=True)
        check(
            "fp32: casting hooks under group offloading", seconds_2_steps=round(theirs_s, 3), peak_mib=peak(bench),
            equal_to_ours=bool(torch.equal(ours, theirs)), difference=float((ours - theirs).abs().mean()),
            difference_bf16=float((ours - narrow).abs().mean()),
        )  # fmt: skip
        take_off(bench.parts.transformer)
        block: Any = bench.parts.transformer_blocks[0]
        registry = HookRegistry.check_if_exists_or_initialize(block)
        with tried("fp32: casting hooks off"):
            registry.remove_hook("layerwise_casting")
            check("fp32: casting hooks off", removed=True)
    finally:
        bench.restore()


def cast(bench: Bench) -> None:
    """Casting hooks on whole blocks and what is beside them; diffusers' own choice of leaves would leave out norms."""
    inside: Any = bench.parts.transformer
    beside = (
        inside.t_embedder,
        *inside.cap_embedder,
        *inside.all_x_embedder.values(),
        *inside.all_final_layer.values(),
    )
    for module in (*bench.parts.transformer_blocks, *beside):
        apply_layerwise_casting_hook(module, torch.bfloat16, torch.float32, non_blocking=True)
