"""What the two sides of the renderer's pipe say to each other.

Knows the words of the conversation and their order. Must not know torch, processes or how a picture is made.

    parent: Load            child: Loaded | Refusal, then it ends
    parent: Render          child: Progress and ShotResult, then Finished, or RestartRequest, then it ends
                            child: Logged, at any time after Loaded
    parent: Interrupt       at any time during Render; the child answers with Finished soon
    parent hangs up         the child ends
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from worker.errors import DeviceUnavailable, ModelInvalid
from worker.identity import RendererInfo
from worker.records import Progress, Request, ShotResult
from worker.studio.retry.history import History, RestartRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Load this model on this device; all of it strictly local."""

    folder: Path
    """In diffusers layout, absolute."""
    transformer_file: Path | None = None
    """A single-file transformer that takes the place of the folder's."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The model is up."""

    info: RendererInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The model or the device cannot serve."""

    error: ModelInvalid | DeviceUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """Make these pictures, in this order."""

    requests: tuple[Request, ...]
    histories: tuple[History, ...] = ()
    """Of those that a former process did not bring home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt:
    """Stop after the denoising step in work; what is unfinished is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """No more of this Render comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An event for the log, which the parent writes."""

    level: str
    """Name of the logger's method: `info`, `warning`..."""
    event: str
    facts: Mapping[str, object]


Order = Load | Render | Interrupt
Answer = Loaded | Refusal | Progress | ShotResult | RestartRequest | Finished | Logged
