"""The retry ladders as data, and which rung comes next.

Knows what each rung answers, needs, changes and costs; how to add one stands in this room's README.

A rung adds to what earlier rungs changed for the same picture; when the picture is done, all of it is undone, unless
`lessons` keeps it. No rung is taken twice for one picture, so every ladder ends. What keeps the picture (same seed,
same noise, at most the rounding differs) comes first and pays time; what changes it needs the job's permission.
The reasons of the order stand in the README too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

from worker.records import Outcome
from worker.studio.plan.setup import Setup
from worker.studio.retry import setup_changes
from worker.studio.retry.history import NEW_PROCESS
from worker.translation import gettext

Stage = Literal["encode", "denoise", "decode"]
Need = Literal["card", "batched", "compiled", "streamed", "tiled_decode", "new_seed", "process"]
NEEDS: Mapping[Need, str] = {
    "card": "a card",
    "batched": "other pictures in the batch",
    "compiled": "compiled code",
    "streamed": "streamed blocks",
    "tiled_decode": "`allow: [tiled_decode]`",
    "new_seed": "`allow: [new_seed]`",
    "process": "",
}
"""What a rung may ask for, for a person: a card; other pictures in the batch; compiled code in use; streamed blocks; a
permission of the job; a process that may be replaced, which is not worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder."""

    name: str
    """As the manifest records it."""
    stages: frozenset[Stage]
    """Stages whose failure it answers."""
    needs: frozenset[Need] = frozenset()
    resumes_at: Stage | None = None
    """The earliest stage done again, `encode` from fresh embeddings; None repeats only the one that failed."""
    change: Callable[[Setup], Setup] = setup_changes.unchanged
    """What it changes in the setup."""
    divides_by: int = 1
    """Of the batch; 0 makes every picture alone."""
    new_weights: bool = False
    """Transformer and VAE are read from their files again."""
    new_seed: bool = False
    """Another seed, derived from the first."""
    lasts: bool = True
    """The next pictures may begin with it for a while; False where it has a lasting effect anyway, or none."""
    changes_picture: bool = False
    cost: str
    """What it costs, for a person."""

    def batch_size(self, size: int) -> int:
        """Of the batches that a batch of `size` is divided into."""
        return 1 if self.divides_by == 0 else -(-size // self.divides_by)


def with_rungs(setup: Setup, rungs: Iterable[Rung]) -> Setup:
    """The setup with what these rungs change, one after the other.

    Args:
        setup: before them.
        rungs: in the order in which they change it.
    """
    return reduce(lambda changed, rung: rung.change(changed), rungs, setup)


ALL: frozenset[Stage] = frozenset({"encode", "denoise", "decode"})
AFTER_TEXT: frozenset[Stage] = frozenset({"denoise", "decode"})
DENOISE: frozenset[Stage] = frozenset({"denoise"})
DECODE: frozenset[Stage] = frozenset({"decode"})

FIRST = Rung(name="first", stages=frozenset(), cost=gettext("nothing: the undisturbed try"))
EAGER = Rung(
    name="eager",
    stages=AFTER_TEXT,
    resumes_at="denoise",
    change=setup_changes.eager,
    needs=frozenset({"compiled"}),
    cost=gettext("one picture at 1.7 times the time, without compiled code; rounding"),
)

MEMORY_LADDER = (
    Rung(
        name="free_cache",
        stages=ALL,
        change=setup_changes.free_encoder,
        lasts=False,
        cost=gettext("the failed stage once more"),
    ),
    Rung(
        name="half_batch",
        stages=DENOISE,
        divides_by=2,
        needs=frozenset({"batched"}),
        cost=gettext("a few per cent of speed; rounding"),
    ),
    Rung(
        name="batch_of_one",
        stages=DENOISE,
        divides_by=0,
        needs=frozenset({"batched"}),
        cost=gettext("a few per cent of speed; rounding"),
    ),
    replace(EAGER, stages=DENOISE, resumes_at=None),
    Rung(
        name="decode_alone",
        stages=DECODE,
        change=setup_changes.decode_alone,
        needs=frozenset({"card"}),
        cost=gettext("the transformer off the card and back, about a second; the latents are kept"),
    ),
    Rung(
        name="stream_blocks",
        stages=ALL,
        change=setup_changes.stream_blocks,
        cost=gettext("weights over the bus at every step, behind the computing where that is slower"),
    ),
    Rung(
        name="stream_in_turn",
        stages=ALL,
        change=setup_changes.stream_in_turn,
        cost=gettext("weights over the bus at every step, in front of the computing: two to ten times as long"),
    ),
    Rung(
        name="encode_on_host",
        stages=frozenset({"encode"}),
        change=setup_changes.encode_on_host,
        needs=frozenset({"card"}),
        cost=gettext("seconds per prompt on the CPU; rounding"),
    ),
    Rung(
        name="tiled_decode",
        stages=DECODE,
        change=setup_changes.tiled_decode,
        needs=frozenset({"tiled_decode"}),
        cost=gettext("1.4 to 1.6 times the decode; tones may shift from tile to tile"),
        changes_picture=True,
    ),
    Rung(
        name=NEW_PROCESS, stages=ALL, needs=frozenset({"process"}), lasts=False, cost=gettext("loading the model again")
    ),
)
"""Answers running out of memory. A decode that runs out never denoises again."""

PICTURE_LADDER = (
    Rung(
        name="decode_fp32",
        stages=DECODE,
        resumes_at="decode",
        change=setup_changes.decode_fp32,
        cost=gettext("one decode at twice the memory; the latents are kept"),
    ),
    Rung(
        name="alone",
        stages=AFTER_TEXT,
        resumes_at="encode",
        divides_by=0,
        lasts=False,
        needs=frozenset({"batched"}),
        cost=gettext("one picture: same seed, alone in its batch"),
    ),
    EAGER,
    Rung(
        name="again",
        stages=AFTER_TEXT,
        resumes_at="encode",
        lasts=False,
        cost=gettext("one picture: same seed, from fresh embeddings"),
    ),
    Rung(
        name="attention_efficient",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        change=setup_changes.attention_efficient,
        needs=frozenset({"card"}),
        cost=gettext("one picture at up to 1.5 times the time; rounding"),
    ),
    Rung(
        name="attention_math",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        change=setup_changes.attention_math,
        cost=gettext("one picture at up to 3 times the time, and gigabytes more memory; rounding"),
    ),
    Rung(
        name="streams_off",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        change=setup_changes.streams_off,
        needs=frozenset({"streamed"}),
        cost=gettext("one picture at two to ten times the time"),
    ),
    Rung(
        name="fresh_weights",
        stages=AFTER_TEXT,
        resumes_at="encode",
        change=setup_changes.usual_attention,
        new_weights=True,
        lasts=False,
        cost=gettext("the weights read from their files again, and one picture"),
    ),
    Rung(
        name="denoise_fp32",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        change=setup_changes.denoise_fp32,
        cost=gettext("one picture at 3 to 10 times the time; nearer to exact"),
    ),
    Rung(
        name="new_seed",
        stages=AFTER_TEXT,
        resumes_at="denoise",
        new_seed=True,
        lasts=False,
        needs=frozenset({"new_seed"}),
        cost=gettext("another picture"),
        changes_picture=True,
    ),
    Rung(
        name=NEW_PROCESS,
        stages=AFTER_TEXT,
        resumes_at="encode",
        needs=frozenset({"process"}),
        lasts=False,
        cost=gettext("loading the model again, and one picture"),
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
