"""The model that group offloading is measured on, loaded once, and the memory of card and host."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from offloading.hooks import strip

from worker.bench.measuring.synthetic import build_full_size
from worker.demo import weights_dir
from worker.records import Request
from worker.studio.card.placement import PlacedModule
from worker.studio.card.precision import lock_precision
from worker.studio.model_files.parts import ModelSource
from worker.studio.plan.memory import CPU_PLAN, WHOLE, MemoryPlan, Work, make_plan
from worker.studio.plan.setup import ON_HOST, Placement
from worker.studio.render.opening import build_stages
from worker.studio.render.stages import Stages
from worker.studio.stages.loading import Parts, load_parts
from worker.studio.units import MIB

GIB = 1024 * MIB
PROMPTS = (
    "一位穿米色高领毛衣的模特站在窗边 product shot of a knitted sweater on a model by the window, soft morning light",
    "white ceramic mug on a light grey wall, soft window light",
)


class Away:
    """Stands in for this worker's `PlacedModule`: somebody else moves the weights."""

    def move_to(self, placement: Placement) -> None:
        """Do nothing."""

    def card_mib(self) -> float:
        """Not known."""
        return 0.0


@dataclass(kw_only=True)
class Bench:
    """The model, loaded once."""

    parts: Parts
    stages: Stages
    device: torch.device
    side: int
    own: PlacedModule
    """This worker's way of moving the transformer."""
    reference: dict[int, torch.Tensor]
    """By seed and steps: the first way's pictures, which all others should equal."""
    prompt: torch.Tensor | None = None
    """Embedding of the prompt for single tries, encoded once."""

    @property
    def is_card(self) -> bool:
        return self.device.type == "cuda"

    def request(self, seed: int, steps: int) -> Request:
        return Request(
            shot_id="s", index=seed, file=f"{seed}.png", prompt=PROMPTS[seed % len(PROMPTS)], seed=seed,
            width_px=self.side, height_px=self.side, steps=steps, guidance=0.0,
        )  # fmt: skip

    def plan(self, cap_gib: float, resident: int | None = None) -> MemoryPlan:
        """The worker's plan under a cap, or the same with another number of resident blocks."""
        if self.is_card:
            plan = make_plan(cap_gib * 1024, self.parts.weights(), Work(pixels=self.side**2))
        else:
            plan = replace(CPU_PLAN, resident_blocks=WHOLE if cap_gib > 15 else self.blocks // 2)
        return plan if resident is None else replace(plan, resident_blocks=min(resident, self.blocks - 1))

    @property
    def blocks(self) -> int:
        return len(self.parts.transformer_blocks)

    def move_by(self, mover: PlacedModule | Away) -> None:
        denoise: Any = self.stages.denoise
        denoise._placed = mover

    def restore(self) -> None:
        """Whatever was tried: no hooks, all of the transformer on the host as this worker keeps it."""
        synchronize(self.device)
        strip(self.parts.transformer)
        self.move_by(self.own)
        self.own._placement = None
        self.own.move_to(ON_HOST)
        self.stages.encode.leave()
        clear(self.device)


def opened(*, dry: bool) -> Bench:
    lock_precision()
    device = torch.device("cpu") if dry else torch.device("cuda", 0)
    if dry:
        parts = load_parts(ModelSource(folder=weights_dir()), device=device)
    else:
        torch.cuda.set_device(device)
        parts = build_full_size(weights_dir() / "tokenizer", device=device)
    stages = build_stages(parts, device=device)
    denoise: Any = stages.denoise
    return Bench(
        parts=parts, stages=stages, device=device, side=128 if dry else 1024, own=denoise._placed, reference={}
    )


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def clear(device: torch.device) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        getattr(torch._C, "_host_emptyCache", int)()  # pinned memory that nobody uses


def cap(device: torch.device, gib: float) -> None:
    clear(device)
    if device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, gib * GIB / total), device)


def allocated_mib(device: torch.device) -> float:
    synchronize(device)
    return torch.cuda.memory_allocated(device) / MIB if device.type == "cuda" else 0.0


def host_gib() -> dict[str, float]:
    """Of this process: resident memory, and what torch's own allocator has pinned (ours is pinned in place besides)."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    memory = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines() if ":" in line)
    found = {
        "rss": int(status["VmRSS"].split()[0]) / MIB,
        "machine_available": int(memory["MemAvailable"].split()[0]) / MIB,
    }
    try:
        found["torch_pinned"] = torch.cuda.host_memory_stats().get("active_bytes.current", 0) / GIB
    except (AttributeError, AssertionError, RuntimeError):  # no card, or a torch that does not count
        found["torch_pinned"] = -1.0
    return {name: round(value, 2) for name, value in found.items()}


def reset_peak(bench: Bench) -> None:
    if bench.is_card:
        torch.cuda.reset_peak_memory_stats(bench.device)


def peak(bench: Bench) -> int:
    return round(torch.cuda.max_memory_allocated(bench.device) / MIB) if bench.is_card else 0
