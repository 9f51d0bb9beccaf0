"""The encode stage: prompts to embeddings, by the pipeline's own code.

Knows how ZImagePipeline encodes. On the CPU, one picture at a time, this, `denoise` and `decode` in a row give the bits
of one plain pipeline call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from diffusers import ZImagePipeline

from worker.model_limits import MOST_TOKENS
from worker.studio.card.placement import HOST, PlacedModule
from worker.studio.plan.setup import ON_HOST, Setup
from worker.studio.stages.loading import Parts

PADDED_TO = 64
"""Tokens; few lengths, so that kernels are chosen for few shapes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEmbeddings:
    """The embeddings of one request."""

    prompt: torch.Tensor
    """(tokens, features) bf16, without padding."""
    negative: torch.Tensor | None
    """Likewise; None at guidance 0."""


class Encoder:
    """Prompts to embeddings."""

    def __init__(self, parts: Parts, placed: PlacedModule, *, device: torch.device) -> None:
        """Take over the text encoder, which is on the host now.

        Args:
            parts: with the tokenizer.
            placed: the text encoder.
            device: the embeddings' own.
        """
        self._pipe = ZImagePipeline(
            tokenizer=parts.tokenizer, text_encoder=parts.text_encoder, scheduler=None, vae=None, transformer=None
        )
        self._placed = placed
        self._device = device

    @torch.no_grad()
    def __call__(self, prompts: Sequence[str], *, setup: Setup) -> list[torch.Tensor]:
        """Encode prompts together; what is encoded beside a prompt may change its embedding's last bits.

        Args:
            prompts: as the author wrote them; beyond 512 tokens they are cut.
            setup: where to compute.

        Returns:
            (tokens, features) bf16 each, on the device.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out.
        """
        self._placed.move_to(setup.encoder)
        where = self._device if setup.encoder.on_card else HOST
        embeddings, _ = self._pipe.encode_prompt(
            [*prompts],  # a new list: the pipeline writes the chat template into the one it gets
            device=where,
            do_classifier_free_guidance=False,
            max_sequence_length=max(self.padded_tokens(prompt) for prompt in prompts),
        )
        return [torch.as_tensor(held, device=self._device) for held in embeddings]

    def padded_tokens(self, prompt: str) -> int:
        """To how many tokens a prompt is padded: on a card no further than needed, as nothing attends to padding."""
        if self._device.type == "cpu":
            return MOST_TOKENS  # the plain pipeline's bits
        words = [{"role": "user", "content": prompt}]
        tokenizer = self._pipe.tokenizer
        text = tokenizer.apply_chat_template(words, tokenize=False, add_generation_prompt=True, enable_thinking=True)
        needed = -(-len(tokenizer(text).input_ids) // PADDED_TO) * PADDED_TO
        return min(needed, MOST_TOKENS)

    def leave(self) -> None:
        """Free the card of the text encoder until the next prompt."""
        self._placed.move_to(ON_HOST)
