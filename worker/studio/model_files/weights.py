"""Weights of a model's parts: how much they weigh, as values.

Knows that most of a part are equal blocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NOT_LOADED = re.compile(r"^lm_head\.|(?:^|\.)rotary_emb\.")
"""Names of tensors in a causal language model's file that are not loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Weights of a part most of which are equal blocks, in MiB."""

    blocks: int
    block_mib: float
    rest_mib: float
    """Everything outside the blocks; it is never streamed."""
    is_mapped: bool = False
    """On the host it is used where it lies in its files, which takes no memory that the system could not have back."""

    @property
    def whole_mib(self) -> float:
        """All of it."""
        return self.rest_mib + self.blocks * self.block_mib


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The model's parts in bf16."""

    transformer: Stack
    text_encoder: Stack
    vae_mib: float
