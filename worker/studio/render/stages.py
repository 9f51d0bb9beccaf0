"""The stages as a renderer uses them: narrow protocols, so that a test can put its own in one's place.

Knows what is asked of each stage, not how it computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from worker.records import Request
from worker.studio.plan.setup import Setup
from worker.studio.stages.decode import Decoded
from worker.studio.stages.denoise import Denoised, OnStep
from worker.studio.stages.embeddings import Encode
from worker.studio.stages.encode import PromptEmbeddings


class Denoise(Protocol):
    """`stages.denoise.Denoiser`, or what a test puts in its place."""

    def __call__(
        self, requests: Sequence[Request], embeddings: Sequence[PromptEmbeddings], *, setup: Setup, on_step: OnStep
    ) -> Denoised:
        """Latents of a batch.

        Args:
            requests: of one shape.
            embeddings: of each request, in their order.
            setup: how to compute.
            on_step: hears the number of each step (1-based); True stops.
        """

    def offload(self, setup: Setup) -> None:
        """Put the transformer where it waits during a decode."""


class Decode(Protocol):
    """`stages.decode.Decoder`, likewise."""

    def __call__(self, latents: torch.Tensor, *, setup: Setup) -> Decoded:
        """One picture.

        Args:
            latents: (1, 16, H/8, W/8) float32.
            setup: how to compute.
        """


class Gauge(Protocol):
    """`card.device.Gauge`, likewise."""

    def reset(self) -> None:
        """Begin a new peak."""

    def peak_mib(self) -> float | None:
        """Peak since then, in MiB."""

    def surplus_mib(self, held_bytes: int) -> float:
        """What is allocated beyond the parts and these bytes, in MiB; 0 where it cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What pictures are made with."""

    encode: Encode
    denoise: Denoise
    decode: Decode
    gauge: Gauge
    refill: Callable[[Callable[[], object]], None]
    """Reads transformer and VAE from their files again; calls what is given before each weight."""
    device: torch.device
    overlaps: bool
    """One batch's results are read while the next is made."""
    compiles: Callable[[int], bool]
    """Whether what comes next is made with compiled code, after so many pixel-steps since the start."""
