"""The embeddings at hand: each distinct prompt is encoded once, ahead of the pictures that need it.

Knows which prompts a request has and which are encoded. Must not know how encoding or denoising is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch

from worker.records import Request
from worker.studio.recovery import is_out_of_memory, reclaim, release_frames
from worker.studio.stages import Texts


class Encode(Protocol):
    """`stages.Encoder`, or what a test puts in its place."""

    def __call__(self, prompt: str, *, on_host: bool = False) -> torch.Tensor:
        """Embeddings of one prompt: (tokens, features) bf16 on the device."""

    def leave(self) -> None:
        """Free the card of the text encoder until the next prompt."""


def prompts_of(request: Request) -> tuple[str, ...]:
    """The texts that a request needs: the negative prompt only where it has an effect."""
    return (request.prompt, request.negative_prompt) if request.guidance > 0 else (request.prompt,)


class TextBook:
    """Embeddings by prompt, for the requests in work."""

    def __init__(self, encode: Encode) -> None:
        """Start empty."""
        self._encode = encode
        self._held: dict[str, torch.Tensor] = {}

    def of(self, request: Request, *, on_host: bool) -> Texts:
        """A request's embeddings, encoded now where they are not at hand.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out.
        """
        for prompt in prompts_of(request):
            if prompt not in self._held:
                self._held[prompt] = self._encode(prompt, on_host=on_host)
        negative = self._held[request.negative_prompt] if request.guidance > 0 else None
        return Texts(prompt=self._held[request.prompt], negative=negative)

    def forget(self, request: Request) -> None:
        """Encode this request's prompts afresh when next asked."""
        for prompt in prompts_of(request):
            self._held.pop(prompt, None)

    def turn_to(self, requests: Sequence[Request], *, on_host: bool, before_each: Callable[[Request], bool]) -> None:
        """Encode what these requests need and drop the rest.

        Args:
            requests: the next ones.
            on_host: compute on the CPU.
            before_each: called before a request's prompts; True stops.

        Out of memory ends it early without an error: the request's own first try encodes again, and its ladder answers.
        """
        needed = {prompt for request in requests for prompt in prompts_of(request)}
        self._held = {prompt: held for prompt, held in self._held.items() if prompt in needed}
        is_short = False
        try:
            for request in requests:
                if before_each(request):
                    return
                self.of(request, on_host=on_host)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            release_frames(error)
            is_short = True
        if is_short:
            reclaim()
