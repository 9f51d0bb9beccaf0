"""What the stages of a picture took, in seconds. Knows how shares of several pictures add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSeconds:
    """Of one try at a picture; what was done for several pictures at once is divided among them."""

    encode_s: float = 0.0
    """Prompts to embeddings. A prompt is encoded once, ahead: its first picture has all of it, the next ones none."""
    denoise_s: float = 0.0
    """Noise to latents: of the batch, divided by its pictures; 0 where latents of an earlier try were kept."""
    decode_s: float = 0.0
    """Latents to pixels."""


def total(times: Iterable[StageSeconds]) -> StageSeconds | None:
    """Their sums, to a millisecond; None where there are none.

    Args:
        times: of tries.
    """
    known = [*times]
    if not known:
        return None
    return StageSeconds(
        encode_s=round(sum(one.encode_s for one in known), 3),
        denoise_s=round(sum(one.denoise_s for one in known), 3),
        decode_s=round(sum(one.decode_s for one in known), 3),
    )
