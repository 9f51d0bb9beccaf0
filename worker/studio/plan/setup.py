"""The setup of one try: where each part of the model is, and how it computes.

Knows what a plan means for the parts; `retry.setup_changes` has what rungs change in a setup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from worker.studio.plan.memory import WHOLE, MemoryPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a part's weights are."""

    on_card: bool
    resident: int = WHOLE
    """Blocks that stay on the card; the others are streamed through it."""
    ahead: bool = True
    """A streamed block is copied while the one before computes."""
    fp32: bool = False
    """Blocks are widened from bf16 as they are streamed; only with `resident` 0."""


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
        """Blocks of the transformer are streamed."""
        return self.transformer.resident < WHOLE


ATTENTION: Literal["native"] = "native"
"""The usual attention backend."""


def set_up(plan: MemoryPlan) -> Setup:
    """The setup of an undisturbed try.

    Args:
        plan: of the work.
    """
    return Setup(
        encoder=ON_CARD if plan.encoder == "card" else Placement(on_card=True, resident=0),
        encoder_stays=plan.encoder == "card",
        transformer=Placement(on_card=True, resident=plan.resident_blocks),
        attention=plan.attention or ATTENTION,
        compiled=plan.compiled and plan.is_whole,
        decode_alone=False,
        decode_fp32=False,
        tile_px=plan.tile_px,
    )
