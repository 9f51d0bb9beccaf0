"""The cache of embeddings: each distinct prompt is encoded once, ahead of the pictures that need it.

Knows which prompts a request has and which are encoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import torch

from worker.model_limits import MOST_TOKENS
from worker.records import Request
from worker.studio.card.transfers import DeviceEvent
from worker.studio.plan.setup import Setup
from worker.studio.stages.encode import PromptEmbeddings

CPU = torch.device("cpu")


class Encode(Protocol):
    """`stages.Encoder`, or what a test puts in its place."""

    def __call__(self, prompts: Sequence[str], *, setup: Setup) -> list[torch.Tensor]:
        """Embeddings of prompts: (tokens, features) bf16 each, on the device.

        Args:
            prompts: encoded together.
            setup: where to compute.
        """

    def padded_tokens(self, prompt: str) -> int:
        """Tokens of a prompt and its padding."""

    def leave(self) -> None:
        """Free the card of the text encoder until the next prompt."""


def prompts_of(request: Request) -> tuple[str, ...]:
    """The texts that a request needs: the negative prompt only where it has an effect."""
    return (request.prompt, request.negative_prompt) if request.guidance > 0 else (request.prompt,)


class EmbeddingCache:
    """Embeddings by prompt, for the requests in work."""

    def __init__(self, encode: Encode, *, device: torch.device = CPU) -> None:
        """Start empty.

        Args:
            encode: makes embeddings.
            device: the embeddings' own, by whose clock the encoding is timed.
        """
        self._encode = encode
        self._device = device
        self._held: dict[str, torch.Tensor] = {}
        self._costs: dict[str, tuple[DeviceEvent, DeviceEvent, int]] = {}
        """By prompt: when its encoding began and ended, and with how many it was; until somebody has borne it."""

    def of(self, request: Request, *, setup: Setup) -> PromptEmbeddings:
        """A request's embeddings; what is not at hand is encoded now, each prompt alone.

        Args:
            request: whose prompts they are.
            setup: where to compute what is missing.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out.
        """
        for prompt in prompts_of(request):
            if prompt not in self._held:
                self._held |= self._encoded([prompt], setup)
        negative = self._held[request.negative_prompt] if request.guidance > 0 else None
        return PromptEmbeddings(prompt=self._held[request.prompt], negative=negative)

    def tokens(self, request: Request) -> tuple[int, ...]:
        """Lengths of a request's captions in tokens; 0 for one that is not at hand."""
        return tuple(len(self._held[prompt]) if prompt in self._held else 0 for prompt in prompts_of(request))

    def forget(self, request: Request) -> None:
        """Encode this request's prompts afresh when next asked."""
        for prompt in prompts_of(request):
            self._held.pop(prompt, None)

    def turn_to(
        self, requests: Sequence[Request], *, setup: Setup, batch: int, before_each: Callable[[Sequence[Request]], bool]
    ) -> None:
        """Encode what these requests need and drop the rest.

        Args:
            requests: the next ones.
            setup: where to compute.
            batch: prompts encoded together, if they are of the greatest length; more of shorter ones.
            before_each: called before each batch with all requests of which it holds a prompt; True stops.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out; what was encoded until then is at hand.
        """
        wanted = dict.fromkeys(prompt for request in requests for prompt in prompts_of(request))
        self._held = {prompt: held for prompt, held in self._held.items() if prompt in wanted}
        self._costs = {prompt: cost for prompt, cost in self._costs.items() if prompt in wanted}
        missing = [prompt for prompt in wanted if prompt not in self._held]
        for prompts in self._together(missing, batch * MOST_TOKENS):
            if before_each([request for request in requests if not set(prompts).isdisjoint(prompts_of(request))]):
                return
            self._held |= self._encoded(prompts, setup)

    def _encoded(self, prompts: Sequence[str], setup: Setup) -> dict[str, torch.Tensor]:
        begun = DeviceEvent(self._device)
        made = self._encode(prompts, setup=setup)
        ended = DeviceEvent(self._device)
        self._costs |= {prompt: (begun, ended, len(prompts)) for prompt in prompts}
        return dict(zip(prompts, made, strict=True))

    def take_seconds(self, request: Request) -> float:
        """What encoding this request's prompts took that nobody has borne yet; its first picture bears a prompt.

        To be asked once the device has come to what followed: it waits for nothing then.

        Args:
            request: whose prompts they are.
        """
        costs = [self._costs.pop(prompt) for prompt in prompts_of(request) if prompt in self._costs]
        return sum(begun.until(ended) / together for begun, ended, together in costs)

    def _together(self, prompts: Sequence[str], most_tokens: int) -> Iterator[list[str]]:
        """Prompts of about equal length side by side, each time as many as the device can take."""
        tokens = {prompt: self._encode.padded_tokens(prompt) for prompt in prompts}
        together: list[str] = []
        for prompt in sorted(prompts, key=tokens.__getitem__):
            if together and (len(together) + 1) * tokens[prompt] > most_tokens:
                yield together
                together = []
            together.append(prompt)
        if together:
            yield together

    def held_bytes(self) -> int:
        """Memory of the device that the embeddings occupy."""
        return sum(held.nbytes for held in self._held.values())
