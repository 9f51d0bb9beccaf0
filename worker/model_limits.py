"""What a model draws and reads well: the sizes it was made for, and how much of a prompt it reads."""

from __future__ import annotations

from dataclasses import dataclass

MOST_TOKENS = 512
"""Of a prompt with the turn around it; the pipeline cuts what is longer (source: ZImagePipeline)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitedSizes:
    """Sizes that a kind of model was made for."""

    width_px: int
    height_px: int
    """The size it draws best."""
    least_px: int
    most_px: int
    """Pixels of a picture, width times height."""
    most_aspect: float
    """Longer side by the shorter one; a rule of thumb."""
    source: str
    """Who says so, for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTokens:
    """How much of a prompt a model reads."""

    tokens: int
    """Of the prompt, with the turn that is written around it."""
    most: int
    """Tokens that are read; what is longer is cut."""
    read: int
    """Characters of the prompt that are read."""
    fits: int
    """Characters of the prompt that would leave room for the turn's end."""

    @property
    def is_cut(self) -> bool:
        """Whether something is lost."""
        return self.tokens > self.most
