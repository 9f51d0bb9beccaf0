"""Stages that compute nothing and run out of memory as a script says: thousands of pictures up the real ladders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from worker.records import Request
from worker.studio.card.device import Gauge
from worker.studio.card.transfers import PendingCopy
from worker.studio.plan.setup import Setup
from worker.studio.render.stages import Stages
from worker.studio.stages.decode import Decoded, measured
from worker.studio.stages.denoise import Denoised, OnStep

CPU = torch.device("cpu")
PLENTY = 1000.0
SIDE_PX = 64


@dataclass(slots=True)
class Machine:
    """What the card has left, and whether it computes rightly. Sizes are of no unit."""

    room: float = PLENTY
    is_black: bool = False
    """Every picture, unless the VAE computes in fp32."""
    shocks: list[float] = field(default_factory=list)
    """What other programs leave at each call to come; after them there is plenty."""

    def take(self, need: float) -> None:
        """Have so much for one call."""
        if self.shocks:
            self.room = self.shocks.pop(0)
            if not self.shocks:
                self.room = PLENTY
        if need > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def weights(setup: Setup) -> float:
    """Of the transformer beside the computing."""
    if not setup.is_streamed:
        return 6.0
    return 2.0 if setup.transformer.ahead else 1.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a stage that came to its end."""

    stage: str
    seeds: tuple[int, ...]
    setup: Setup


@dataclass(slots=True)
class ScriptedEncode:
    """Prompts to nothing."""

    machine: Machine

    def __call__(self, prompts: Sequence[str], *, setup: Setup) -> list[torch.Tensor]:
        self.machine.take(3.0 if setup.encoder.resident else 1.0)
        return [torch.zeros(1) for _ in prompts]

    def padded_tokens(self, _prompt: str) -> int:
        return 64

    def leave(self) -> None:
        """Nothing is there."""


@dataclass(slots=True)
class ScriptedDenoise:
    """Requests to latents that hold their seed."""

    machine: Machine
    calls: list[Call]

    def __call__(
        self, requests: Sequence[Request], _embeddings: Sequence[object], *, setup: Setup, on_step: OnStep
    ) -> Denoised:
        self.machine.take(2.0 * len(requests) + weights(setup) + (1.0 if setup.compiled else 0.0))
        self.calls.append(Call("denoise", tuple(request.seed for request in requests), setup))
        latents = torch.cat([torch.full((1, 2, SIDE_PX // 8, SIDE_PX // 8), as_number(one.seed)) for one in requests])
        return Denoised(
            latents=latents,
            are_finite=PendingCopy(torch.ones(len(requests), dtype=torch.bool)),
            is_stopped=on_step(1),
        )

    def offload(self, setup: Setup) -> None:
        """Nothing is there."""


def as_number(seed: int) -> float:
    """The seed as fp32 holds it exactly: its lower bits."""
    return float(seed % 2**20)


def painted(seed: int, *, is_tiled: bool) -> torch.Tensor:
    """The picture of a seed: (SIDE_PX, SIDE_PX, 3) uint8; tiles make another."""
    made = torch.arange(SIDE_PX * SIDE_PX * 3) * (int(as_number(seed)) * 2 + 1) + (7 if is_tiled else 0)
    return (made % 251).to(torch.uint8).view(SIDE_PX, SIDE_PX, 3)


@dataclass(slots=True)
class ScriptedDecode:
    """Latents to the picture of their seed."""

    machine: Machine
    calls: list[Call]

    def __call__(self, latents: torch.Tensor, *, setup: Setup) -> Decoded:
        is_tiled = setup.tile_px is not None
        self.machine.take((2.0 if is_tiled else 6.0) * (2 if setup.decode_fp32 else 1) + weights(setup))
        seed = int(latents.flatten()[0])
        self.calls.append(Call("decode", (seed,), setup))
        rgb = painted(seed, is_tiled=is_tiled)
        if self.machine.is_black and not setup.decode_fp32:
            rgb = torch.zeros_like(rgb)
        return measured(rgb, is_finite=torch.tensor(True))


def scripted(machine: Machine, calls: list[Call], *, overlaps: bool = False, compiles: bool = False) -> Stages:
    """Stages on this machine.

    Args:
        machine: whose memory runs out.
        calls: where those that came to their end are written down.
        overlaps: one batch's results are read while the next is made.
        compiles: what fits whole is made with compiled code.
    """
    return Stages(
        encode=ScriptedEncode(machine),
        denoise=ScriptedDenoise(machine, calls),
        decode=ScriptedDecode(machine, calls),
        gauge=Gauge(CPU, parts_mib=lambda: 0.0),
        refill=lambda _: None,
        device=CPU,
        overlaps=overlaps,
        compiles=lambda _: compiles,
    )
