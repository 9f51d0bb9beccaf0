"""The load request: which model a renderer is to load, and on which device.

Plain values, so that they can travel to the process that loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Load this model on this device; all of it strictly local."""

    folder: Path
    """In diffusers layout, absolute."""
    transformer_file: Path | None = None
    """A single-file transformer that takes the place of the folder's."""
    shift: float | None = None
    """Of the scheduler, in place of the folder's own."""
    is_demo: bool = False
    """`auto` may fall back to the CPU for the embedded model only."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `cuda:N`."""
    memory_fraction: float | None = None
    """Cap of the card's memory for this process, 0 to 1; None leaves all of it."""
    compile: Literal["auto", "always", "never"] = "never"
    """Compile transformer and VAE: as soon as it pays, always, never."""
    cache_dir: Path | None = None
    """Where compiled code outlives the process."""
