"""Messages on the renderer's pipe: what parent and child say to each other, and when.

Knows the words of the conversation and their order.

    parent: Load            child: Loaded | Refusal, then it ends
    parent: Render          child: Progress and PictureResult, then Finished, or RestartRequest, then it ends; or
                                   Stumble, then it ends where its context is broken, and takes another Render else
                            child: Logged, at any time after Loaded
    parent: Enough          at any time during Render; the child answers with what is in work, then Finished
    parent: Interrupt       at any time during Render; the child answers with Finished soon
    parent hangs up         the child ends
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker.errors import DeviceUnavailable, ModelInvalid
from worker.identity import RendererInfo
from worker.records import PictureResult, Progress, Request
from worker.studio.card.error_kinds import ErrorKind
from worker.studio.render.load_request import Load
from worker.studio.retry.history import History, RestartRequest
from worker.studio.retry.ladders import Stage
from worker.studio.retry.run_mode import USUAL, RunMode


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
    mode: RunMode = USUAL
    """How they are begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt:
    """Stop after the denoising step in work; what is unfinished is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """Begin no other picture; those in work are finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """No more of this Render comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stumble:
    """An error that no ladder answers ended this Render; the pictures in work are not made."""

    kind: ErrorKind
    name: str
    """Of the exception's class."""
    why: str
    """Class and first line of its text, for a person."""
    stage: Stage | None
    """Where it was raised, as far as the traceback tells."""

    @property
    def ends_process(self) -> bool:
        """Whether the process that said it cannot go on and must be replaced."""
        return self.kind == "broken context"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An event for the log, which the parent writes."""

    level: str
    """Name of the logger's method: `info`, `warning`..."""
    event: str
    facts: Mapping[str, object]


Order = Load | Render | Interrupt | Enough
Answer = Loaded | Refusal | Progress | PictureResult | RestartRequest | Stumble | Finished | Logged
