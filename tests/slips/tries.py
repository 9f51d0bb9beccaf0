"""What one try of a slip was, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """What was done, and what became of it."""

    what: str
    is_told: bool
    said: str
