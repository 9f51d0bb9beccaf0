"""The decode stage: latents to a picture, and the numbers to judge it by.

Knows how ZImagePipeline decodes, step by step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from worker.records import Picture
from worker.studio.card.precision import PRECISION
from worker.studio.card.transfers import PendingCopy
from worker.studio.plan.setup import Setup
from worker.studio.retry.verdict import Statistics
from worker.studio.stages.compiling import Compilation
from worker.studio.stages.loading import Parts

TILE_OVERLAP = 0.25
"""Of a tile's side; neighbours are blended there (source: AutoencoderKL's own default)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A picture and the numbers to judge it by; a card may still be at it."""

    rgb: PendingCopy
    """(H, W, 3) uint8."""
    numbers: PendingCopy
    """(3,) float32: 1 where every value before the cast was a number, mean, deviation of the liveliest channel."""

    def picture(self) -> Picture:
        """Wait for the picture."""
        rgb = self.rgb.values()
        height_px, width_px, _ = rgb.shape
        return Picture(width_px=width_px, height_px=height_px, rgb=rgb.numpy().tobytes())

    def statistics(self) -> Statistics:
        """Wait for the numbers."""
        height_px, width_px, _ = self.rgb.shape
        finite, mean, deviation = self.numbers.values().tolist()
        return Statistics(
            is_finite=bool(finite), width_px=width_px, height_px=height_px, mean=mean, deviation=deviation
        )


class Decoder:
    """Latents to pictures."""

    def __init__(self, parts: Parts, *, compilation: Compilation) -> None:
        """Use the VAE.

        Args:
            parts: of which the VAE is used.
            compilation: switches it between eager and compiled.
        """
        self._vae = parts.vae
        self._compilation = compilation

    @torch.no_grad()
    def __call__(self, latents: torch.Tensor, *, setup: Setup) -> Decoded:
        """Decode one picture.

        Args:
            latents: (1, 16, H/8, W/8) float32.
            setup: how to compute; the VAE is as before afterwards.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out; the latents are as they were.
        """
        vae = self._vae
        try:
            if setup.decode_fp32:
                vae.to(torch.float32)
            if setup.tile_px is not None:
                vae.enable_tiling()
                # the class's own sizes make it a no-op up to 1024x1024
                vae.tile_sample_min_size, vae.tile_latent_min_size = setup.tile_px, setup.tile_px // 8
                vae.tile_overlap_factor = TILE_OVERLAP
            # as ZImagePipeline does it, step by step, so that the bits are the same
            scaled = (latents.to(vae.dtype) / vae.config.scaling_factor) + vae.config.shift_factor
            return as_picture(self._decoded(scaled, compiled=setup.compiled and not setup.decode_fp32))
        finally:
            vae.disable_tiling()
            if setup.decode_fp32:
                vae.to(PRECISION)  # exact: the weights were bf16 before

    def _decoded(self, latents: torch.Tensor, *, compiled: bool) -> torch.Tensor:
        # compiled convolutions follow the layout of what they are given
        return self._compilation.run(
            lambda is_on: self._values(latents.to(memory_format=torch.channels_last) if is_on else latents),
            on=compiled,
        )

    def _values(self, latents: torch.Tensor) -> torch.Tensor:
        values: torch.Tensor = self._vae.decode(latents, return_dict=False)[0][0]
        return values


def as_picture(values: torch.Tensor) -> Decoded:
    """What the VAE gives, in 8 bit.

    Args:
        values: (3, H, W), -1 to 1.
    """
    is_finite = torch.isfinite(values).all()
    levels = (values * 0.5 + 0.5).clamp(0, 1).float().nan_to_num() * 255
    return measured(levels.round().to(torch.uint8).permute(1, 2, 0).contiguous(), is_finite=is_finite)


def measured(rgb: torch.Tensor, *, is_finite: torch.Tensor) -> Decoded:
    """The picture with its statistics.

    Args:
        rgb: (H, W, 3) uint8.
        is_finite: () bool: every value was a number before the cast.
    """
    deviation, mean = torch.std_mean(rgb.float(), dim=(0, 1), correction=0)
    numbers = torch.stack((is_finite.float(), mean.mean(), deviation.max()))
    return Decoded(rgb=PendingCopy(rgb), numbers=PendingCopy(numbers))
