"""The retry ladders as data, and which rung comes next.

Knows what each rung changes and costs. Must not know torch, clocks or how a rung is carried out.

A rung adds to what earlier rungs changed for the same picture; when the picture is done, all of it is undone.
No rung is taken twice for one picture, so every ladder ends. All rungs here keep the picture: same seed, same
noise, at most the rounding differs. Source of the order: pay time before pixels (ENGINE facts, section 7).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from worker.records import Outcome

Stage = Literal["encode", "denoise", "decode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What differs from the undisturbed way of making a picture."""

    encoder_on_host: bool = False
    """The text encoder computes on the CPU."""
    encoder_leaves: bool = False
    """The text encoder is off the card while denoising and decoding."""
    decode_alone: bool = False
    """The transformer is off the card while decoding."""
    decode_fp32: bool = False
    """The VAE computes in fp32."""

    def __or__(self, other: Means) -> Means:
        """Both changes together."""
        return Means(
            encoder_on_host=self.encoder_on_host or other.encoder_on_host,
            encoder_leaves=self.encoder_leaves or other.encoder_leaves,
            decode_alone=self.decode_alone or other.decode_alone,
            decode_fp32=self.decode_fp32 or other.decode_fp32,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder."""

    name: str
    """As the manifest records it."""
    stages: frozenset[Stage]
    """Stages whose failure it answers."""
    resumes_at: Stage | None
    """The earliest stage done again; None repeats only the one that failed."""
    means: Means
    cost: str
    """What it costs, for a person."""


FIRST = Rung(name="first", stages=frozenset(), resumes_at=None, means=Means(), cost="nothing: the undisturbed try")

MEMORY_LADDER = (
    Rung(
        name="free_cache",
        stages=frozenset({"denoise", "decode"}),
        resumes_at=None,
        means=Means(encoder_leaves=True),
        cost="the failed stage once more",
    ),
    Rung(
        name="encode_on_host",
        stages=frozenset({"encode"}),
        resumes_at=None,
        means=Means(encoder_leaves=True, encoder_on_host=True),
        cost="seconds per prompt on the CPU",
    ),
    Rung(
        name="decode_alone",
        stages=frozenset({"decode"}),
        resumes_at=None,
        means=Means(encoder_leaves=True, decode_alone=True),
        cost="the transformer to the CPU and back, a few seconds; the latents are kept",
    ),
)
"""Answers running out of memory. A decode that runs out never denoises again."""

PICTURE_LADDER = (
    Rung(
        name="decode_fp32",
        stages=frozenset({"decode"}),
        resumes_at="decode",
        means=Means(decode_fp32=True),
        cost="one decode at twice the memory; the latents are kept",
    ),
    Rung(
        name="again",
        stages=frozenset({"denoise", "decode"}),
        resumes_at="encode",
        means=Means(),
        cost="one picture: same seed, from fresh embeddings",
    ),
)
"""Answers black, white, flat and not finite pictures."""

LADDERS: dict[Outcome, tuple[Rung, ...]] = {
    "oom": MEMORY_LADDER,
    "black": PICTURE_LADDER,
    "white": PICTURE_LADDER,
    "flat": PICTURE_LADDER,
    "not_finite": PICTURE_LADDER,
}
"""An outcome without a ladder (a wrong size) is final: doing the same again gives the same."""


def next_rung(outcome: Outcome, stage: Stage, *, tried: Collection[str]) -> Rung | None:
    """The rung to take after a failed attempt.

    Args:
        outcome: of the attempt that just failed.
        stage: where it failed.
        tried: names of the rungs taken for this picture so far.

    Returns:
        The lowest rung that answers and is untried, or None at the end of the ladder.
    """
    for rung in LADDERS.get(outcome, ()):
        if stage in rung.stages and rung.name not in tried:
            return rung
    return None
