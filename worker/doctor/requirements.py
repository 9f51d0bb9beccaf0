"""What the article behind this program asks of a memory-safe pipeline, and what is done about it here.

Knows where the article's own means does not do what it says, and what does.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.translation import gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One line of the article."""

    asked: str
    """In the article's words."""
    done: str
    """What happens here, and where the article's means does not do what it says, what does."""


REQUIREMENTS = (
    Requirement(
        asked=gettext("BF16 fixed"),
        done=gettext(
            "weights and computing are bf16, checked after loading; recovery may go up to fp32, never to fp16"
        ),
    ),
    Requirement(
        asked=gettext("TF32 off"),
        done=gettext(
            "off for matrix products and convolutions, in torch and in the driver's own switch; checked after loading"
        ),
    ),
    Requirement(
        asked=gettext("allocator split size 512 MB"),
        done=gettext(
            "set before torch is imported; beside it expandable_segments, which is what keeps fragments away: "
            "the split size has no effect on expandable segments"
        ),
    ),
    Requirement(
        asked=gettext("VAE decode in slices or tiles"),
        done=gettext(
            "always one picture at a time; in tiles of a stated size only where the job allows it, as tones may shift "
            "from tile to tile, and only when streaming blocks is not enough"
        ),
    ),
    Requirement(
        asked=gettext("unneeded parts on the CPU"),
        done=gettext(
            "the text encoder passes through the card a block at a time while prompts are encoded, and is off it "
            "afterwards; only a card of 32 GB or more keeps it"
        ),
    ),
    Requirement(
        asked=gettext("time traded for memory in the transformer"),
        done=gettext(
            "gradient checkpointing does nothing at inference, where nothing is kept for a backward pass; "
            "instead as many blocks stay on the card as fit, and the others are streamed behind the computing"
        ),
    ),
    Requirement(
        asked=gettext("1024x1024 at 12 steps as a steady state under 24 GB"),
        done=gettext("planned from the card's free memory before every batch; see the lines below"),
    ),
    Requirement(
        asked=gettext("purely local loading"),
        done=gettext("only files of the model's folder are read; the libraries are told to stay offline"),
    ),
)
