"""Messages on the renderer's pipe: what parent and child say to each other, and when.

Knows the words of the conversation and their order.

    parent: Load            child: Loaded | Refusal, then it ends
    parent: Render          child: Progress and PictureResult, then Finished, or RestartRequest, then it ends
                            child: Logged, at any time after Loaded
    parent: Interrupt       at any time during Render; the child answers with Finished soon
    parent hangs up         the child ends
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker.errors import DeviceUnavailable, ModelInvalid
from worker.identity import RendererInfo
from worker.records import PictureResult, Progress, Request
from worker.studio.render.load_request import Load
from worker.studio.retry.history import History, RestartRequest


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
Answer = Loaded | Refusal | Progress | PictureResult | RestartRequest | Finished | Logged
