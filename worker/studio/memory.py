"""What fits on the card: where the text encoder works and waits.

Knows sizes in MiB. Must not know torch or the card itself; its figures are given. First form: batch 1, all
of the transformer on the card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EncoderPlace = Literal["card", "visits", "host"]
"""On the card always; on the card while prompts are encoded; never on it."""

CONTEXT_MIB = 460
"""CUDA context and libraries, outside the allocator. Estimate."""
ENCODE_MIB = 400
"""Activations of the text encoder for one prompt of 512 tokens, with room. Estimate."""
DENOISE_MIB_PER_MPX = 430
"""Activations of one transformer forward per 1024x1024 pixels (source: live tensors of Z-Image, counted)."""
DECODE_MIB_PER_MPX = 2440
"""Peak of the bf16 VAE decode per 1024x1024 pixels, workspaces included (measured: 2.38 GiB, H100, torch 2.11)."""
MARGIN_MIB = 2048
"""Left free for fragmentation: peaks reserved lay up to 1.8 GiB above peaks allocated (measured, H100)."""
MPX = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Sizes of the parts in bf16, in MiB."""

    transformer_mib: float
    text_encoder_mib: float
    vae_mib: float


def working_mib(*, pixels: int, is_guided: bool) -> float:
    """Peak above the weights while one picture is made, in MiB.

    Args:
        pixels: width times height.
        is_guided: guidance above 0 doubles the transformer's batch.
    """
    mpx = pixels / MPX
    return max(DENOISE_MIB_PER_MPX * mpx * (2 if is_guided else 1), DECODE_MIB_PER_MPX * mpx)


def encoder_place(card_mib: float, weights: Weights, *, pixels: int, is_guided: bool) -> EncoderPlace:
    """Where the text encoder belongs.

    Args:
        card_mib: memory this process may use, before anything is loaded.
        weights: of the model.
        pixels: width times height of the largest picture to come.
        is_guided: whether any picture has guidance above 0.
    """
    base = CONTEXT_MIB + MARGIN_MIB + weights.transformer_mib + weights.vae_mib
    if base + weights.text_encoder_mib + working_mib(pixels=pixels, is_guided=is_guided) <= card_mib:
        return "card"
    return "visits" if base + weights.text_encoder_mib + ENCODE_MIB <= card_mib else "host"
