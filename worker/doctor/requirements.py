"""What the article behind this program asks of a memory-safe pipeline, and what is done about it here.

Knows the requirements and their honest form.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One line of the article."""

    asked: str
    """In the article's words."""
    done: str
    """What happens here, and where the article's means does not do what it says, what does."""


REQUIREMENTS = (
    Requirement(
        asked="BF16 fixed",
        done="weights and computing are bf16, checked after loading; recovery may go up to fp32, never to fp16",
    ),
    Requirement(
        asked="TF32 off",
        done="off for matrix products and convolutions, in torch and in the driver's own switch; checked after loading",
    ),
    Requirement(
        asked="allocator split size 512 MB",
        done="set before torch is imported; beside it expandable_segments, which is what keeps fragments away: "
        "the split size has no effect on expandable segments",
    ),
    Requirement(
        asked="VAE decode in slices or tiles",
        done="always one picture at a time; in tiles of a stated size only where the job allows it, as tones may shift "
        "from tile to tile, and only when streaming blocks is not enough",
    ),
    Requirement(
        asked="unneeded parts on the CPU",
        done="the text encoder passes through the card a block at a time while prompts are encoded, and is off it "
        "afterwards; only a card of 32 GB or more keeps it",
    ),
    Requirement(
        asked="time traded for memory in the transformer",
        done="gradient checkpointing does nothing at inference, where nothing is kept for a backward pass; "
        "instead as many blocks stay on the card as fit, and the others are streamed behind the computing",
    ),
    Requirement(
        asked="1024x1024 at 12 steps as a steady state under 24 GB",
        done="planned from the card's free memory before every batch; see the lines below",
    ),
    Requirement(
        asked="purely local loading",
        done="only files of the model's folder are read; the libraries are told to stay offline",
    ),
)
