"""The retry ladders as data, and which rung comes next.

Knows what each rung changes and costs.

A rung adds to what earlier rungs changed for the same picture; when the picture is done, all of it is undone, unless
`lessons` keeps it. No rung is taken twice for one picture, so every ladder ends. What keeps the picture (same seed,
same noise, at most the rounding differs) comes first and pays time; what changes it needs the job's permission.
Source of the order: ENGINE facts, section 7.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Literal

from worker.records import Outcome
from worker.studio.retry.history import NEW_PROCESS

Stage = Literal["encode", "denoise", "decode"]
Streaming = Literal["", "ahead", "in_turn"]
"""Of the transformer's and the text encoder's blocks: not by a rung; the next one copied ahead; each when it is due."""
Need = Literal["card", "batched", "compiled", "streamed", "tiled_decode", "new_seed", "process"]
"""What a rung asks for: a card; company in the batch; compiled code in use; streamed blocks; a permission of the job
(two of them); a process that may be replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What differs from the undisturbed way of making a picture; the default of each field is no difference."""

    encoder_leaves: bool = False
    """The text encoder is off the card while denoising and decoding."""
    encoder_on_host: bool = False
    """The text encoder computes on the CPU."""
    streaming: Streaming = ""
    """No block stays on the card."""
    decode_alone: bool = False
    """The transformer is off the card while decoding."""
    decode_fp32: bool = False
    """The VAE computes in fp32."""
    decode_tiled: bool = False
    """The VAE decodes in tiles."""
    attention: str = ""
    """Name of diffusers' attention backend."""
    eager: bool = False
    """Compiled code is not used."""
    denoise_fp32: bool = False
    """The transformer computes in fp32, its blocks widened as they are streamed."""
    new_weights: bool = False
    """Transformer and VAE are read from their files again."""
    new_seed: bool = False
    """Another seed, derived from the first."""

    def __or__(self, other: Means) -> Means:
        """Both changes together; where both name one, the other's holds."""
        return Means(**{f.name: getattr(other, f.name) or getattr(self, f.name) for f in fields(Means)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder."""

    name: str
    """As the manifest records it."""
    stages: frozenset[Stage]
    """Stages whose failure it answers."""
    resumes_at: Stage | None = None
    """The earliest stage done again; None repeats only the one that failed."""
    means: Means = Means()
    divides_by: int = 1
    """Of the batch; 0 makes every picture alone."""
    needs: frozenset[Need] = frozenset()
    cost: str
    """What it costs, for a person."""
    changes_picture: bool = False


ALL: frozenset[Stage] = frozenset({"encode", "denoise", "decode"})
AFTER_TEXT: frozenset[Stage] = frozenset({"denoise", "decode"})
DENOISE: frozenset[Stage] = frozenset({"denoise"})
DECODE: frozenset[Stage] = frozenset({"decode"})

FIRST = Rung(name="first", stages=frozenset(), cost="nothing: the undisturbed try")
EAGER = Rung(
    name="eager",
    stages=AFTER_TEXT,
    resumes_at="denoise",
    means=Means(eager=True),
    needs=frozenset({"compiled"}),
    cost="one picture at 1.7 times the time, without compiled code; rounding",
)

MEMORY_LADDER = (
    Rung(name="free_cache", stages=ALL, means=Means(encoder_leaves=True), cost="the failed stage once more"),
    Rung(
        name="half_batch",
        stages=DENOISE,
        divides_by=2,
        needs=frozenset({"batched"}),
        cost="a few per cent of speed; rounding",
    ),
    Rung(
        name="batch_of_one",
        stages=DENOISE,
        divides_by=0,
        needs=frozenset({"batched"}),
        cost="a few per cent of speed; rounding",
    ),
    replace(EAGER, stages=DENOISE, resumes_at=None),
    Rung(
        name="decode_alone",
        stages=DECODE,
        means=Means(encoder_leaves=True, decode_alone=True),
        needs=frozenset({"card"}),
        cost="the transformer off the card and back, about a second; the latents are kept",
    ),
    Rung(
        name="stream_blocks",
        stages=ALL,
        means=Means(encoder_leaves=True, streaming="ahead"),
        cost="weights over the bus at every step, behind the computing where that is slower",
    ),
    Rung(
        name="stream_in_turn",
        stages=ALL,
        means=Means(encoder_leaves=True, streaming="in_turn"),
        cost="weights over the bus at every step, in front of the computing: two to ten times as long",
    ),
    Rung(
        name="encode_on_host",
        stages=frozenset({"encode"}),
        means=Means(encoder_leaves=True, encoder_on_host=True),
        needs=frozenset({"card"}),
        cost="seconds per prompt on the CPU; rounding",
    ),
    Rung(
        name="tiled_decode",
        stages=DECODE,
        means=Means(encoder_leaves=True, decode_alone=True, decode_tiled=True),
        needs=frozenset({"tiled_decode"}),
        cost="1.4 to 1.6 times the decode; tones may shift from tile to tile",
        changes_picture=True,
    ),
    Rung(name=NEW_PROCESS, stages=ALL, needs=frozenset({"process"}), cost="loading the model again"),
)
"""Answers running out of memory. A decode that runs out never denoises again."""

PICTURE_LADDER = (
    Rung(
        name="decode_fp32",
        stages=DECODE,
        resumes_at="decode",
        means=Means(decode_fp32=True),
        cost="one decode at twice the memory; the latents are kept",
    ),
    Rung(
        name="alone",
        stages=AFTER_TEXT,
        resumes_at="encode",
        divides_by=0,
        needs=frozenset({"batched"}),
        cost="one picture: same seed, without company in its batch",
    ),
    EAGER,
    Rung(name="again", stages=AFTER_TEXT, resumes_at="encode", cost="one picture: same seed, from fresh embeddings"),
    Rung(
        name="attention_efficient",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        means=Means(attention="_native_efficient"),
        needs=frozenset({"card"}),
        cost="one picture at up to 1.5 times the time; rounding",
    ),
    Rung(
        name="attention_math",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        means=Means(attention="_native_math"),
        cost="one picture at up to 3 times the time, and gigabytes more memory; rounding",
    ),
    Rung(
        name="streams_off",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        means=Means(attention="native", streaming="in_turn"),
        needs=frozenset({"streamed"}),
        cost="one picture at two to ten times the time",
    ),
    Rung(
        name="fresh_weights",
        stages=AFTER_TEXT,
        resumes_at="encode",
        means=Means(attention="native", new_weights=True),
        cost="the weights read from their files again, and one picture",
    ),
    Rung(
        name="denoise_fp32",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        means=Means(attention="native", encoder_leaves=True, streaming="ahead", decode_fp32=True, denoise_fp32=True),
        cost="one picture at 3 to 10 times the time; nearer to exact",
    ),
    Rung(
        name="new_seed",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        means=Means(new_seed=True),
        needs=frozenset({"new_seed"}),
        cost="another picture",
        changes_picture=True,
    ),
    Rung(
        name=NEW_PROCESS,
        stages=AFTER_TEXT,
        resumes_at="encode",
        needs=frozenset({"process"}),
        cost="loading the model again, and one picture",
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

RUNGS = {rung.name: rung for rung in (*PICTURE_LADDER, *MEMORY_LADDER, FIRST)}


def next_rung(outcome: Outcome, stage: Stage, *, tried: Collection[str], given: Collection[Need]) -> Rung | None:
    """The rung to take after a failed try.

    Args:
        outcome: of the try that just failed.
        stage: where it failed.
        tried: names of the rungs taken for this picture so far.
        given: what there is of what rungs need.

    Returns:
        The lowest rung that answers, is possible and untried, or None at the end of the ladder.
    """
    for rung in LADDERS.get(outcome, ()):
        if stage in rung.stages and rung.name not in tried and rung.needs <= set(given):
            return rung
    return None
