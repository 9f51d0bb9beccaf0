"""Options and figures of the speed test: what is measured, and what a way came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.translation import Language

TOLD = "bench: "
"""Begins each line by which the measuring process says how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedOptions:
    """What is measured."""

    synthetic: bool = False
    """The model at full size with random weights, instead of files."""
    model: str | None = None
    """Folder of the model; None is the embedded one."""
    device: str = "auto"
    width_px: int = 1024
    height_px: int = 1024
    steps: int = 8
    guidance: float = 0.0
    pictures: int = 8
    """Of a round."""
    rounds: int = 2
    memory_gib: float | None = None
    """Cap of the card's memory."""
    ways: Sequence[str] = ("plain", "eager", "compiled")
    language: Language = "en"
    """Of what the measuring process tells people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of making the pictures."""

    name: str
    seconds: float | None
    """A picture, its file included; the median of the rounds. None where it failed."""
    spread: Sequence[float]
    """The rounds."""
    peak_mib: int
    """Of what was allocated on the card."""
    warm_up_s: float
    """Of the first two pictures: compiling."""
    note: str
    """Why there is no figure."""
