"""Where the parts are and how they compute for one attempt: the plan and what the rungs change, put together.

Knows plans and means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from worker.studio.plan.memory import TILES_PX, WHOLE, EncoderPlace, MemoryPlan
from worker.studio.retry.ladders import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a part's weights are."""

    on_card: bool
    resident: int = WHOLE
    """Blocks that stay on the card; the others pass through it."""
    ahead: bool = True
    """A streamed block is copied while the one before computes."""
    fp32: bool = False
    """Blocks are widened from bf16 as they pass; only with `resident` 0."""


ON_CARD = Placement(on_card=True)
ON_HOST = Placement(on_card=False)
"""On the host; nothing of it is on the card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One try's way of computing."""

    encoder: Placement
    """While prompts are encoded."""
    encoder_stays: bool
    """The text encoder stays on the card while denoising and decoding."""
    transformer: Placement
    attention: str
    """Name of diffusers' attention backend."""
    compiled: bool
    """Transformer and VAE run as compiled code."""
    decode_alone: bool
    """The transformer leaves the card first."""
    decode_fp32: bool
    tile_px: int | None
    """Side of the VAE's tiles; None for a whole decode."""

    @property
    def is_streamed(self) -> bool:
        """Blocks of the transformer pass through the card."""
        return self.transformer.resident < WHOLE


ATTENTION: Literal["native"] = "native"


def set_up(plan: MemoryPlan, means: Means) -> Setup:
    """The plan, changed by the rungs taken.

    Args:
        plan: of the work.
        means: of all rungs taken for the picture.
    """
    return Setup(
        encoder=_encoder(plan.encoder, means),
        encoder_stays=plan.encoder == "card" and not means.encoder_leaves,
        transformer=_transformer(plan.resident_blocks, means),
        attention=means.attention or ATTENTION,
        compiled=plan.compiled and plan.is_whole and not _must_be_eager(means),
        decode_alone=means.decode_alone,
        decode_fp32=means.decode_fp32,
        tile_px=plan.tile_px or (TILES_PX[-1] if means.decode_tiled else None),
    )


def _must_be_eager(means: Means) -> bool:
    return bool(means.eager or means.streaming or means.attention or means.denoise_fp32)


def _encoder(place: EncoderPlace, means: Means) -> Placement:
    if means.encoder_on_host:
        return ON_HOST
    if place == "streamed" or means.streaming or means.encoder_leaves:
        return Placement(on_card=True, resident=0, ahead=means.streaming != "in_turn")
    return ON_CARD


def _transformer(resident: int, means: Means) -> Placement:
    if means.streaming or means.denoise_fp32:
        return Placement(on_card=True, resident=0, ahead=means.streaming != "in_turn", fp32=means.denoise_fp32)
    return Placement(on_card=True, resident=resident)
