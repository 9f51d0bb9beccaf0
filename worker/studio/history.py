"""What a request went through in a process that is gone: it travels to the next one.

Knows plain values only. Must not know torch: the daemon's side of the pipe comes here too.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.records import Attempt, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One request's past."""

    file: str
    """The request's."""
    attempts: tuple[Attempt, ...]
    refused: tuple[Refused, ...] = ()
    latents: bytes | None = None
    """Of (1, 16, H/8, W/8) float32, where denoising was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A process cannot go on; the next one takes this request up again, and those that have no result yet."""

    history: History
    why: str
