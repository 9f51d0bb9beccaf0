"""The denoise stage: noise to latents, by the pipeline's own code.

Knows how ZImagePipeline denoises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
from diffusers import ZImagePipeline

from worker.records import Request
from worker.studio.card.placement import PlacedModule
from worker.studio.card.precision import PRECISION
from worker.studio.card.transfers import PendingCopy, to_device
from worker.studio.plan.setup import ATTENTION, ON_HOST, Setup
from worker.studio.stages.compiling import Compilation
from worker.studio.stages.encode import PromptEmbeddings
from worker.studio.stages.loading import Parts
from worker.studio.stages.passes import Passes

OnStep = Callable[[int], bool]
"""Called with the 1-based step just done; True stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denoised:
    """What denoising a batch comes to; a card may still be at it."""

    latents: torch.Tensor
    """(B, 16, H/8, W/8) float32, on the device."""
    are_finite: PendingCopy
    """(B,) bool: every value after every step was a number."""
    is_stopped: bool
    """`on_step` asked to stop: the latents are unfinished."""


class Denoiser:
    """Noise to latents."""

    def __init__(self, parts: Parts, placed: PlacedModule, *, device: torch.device, compilation: Compilation) -> None:
        """Use the transformer and the scheduler.

        Args:
            parts: of which the scheduler is used.
            placed: the transformer.
            device: to compute on.
            compilation: switches the transformer's blocks between eager and compiled.
        """
        self._pipe = ZImagePipeline(
            transformer=parts.transformer, scheduler=parts.scheduler, tokenizer=None, text_encoder=None, vae=None
        )
        self._pipe.set_progress_bar_config(disable=True)
        self._pipe.transformer = self._passes = Passes(parts.transformer)
        remember_timesteps(parts.scheduler)
        self._compilation = compilation
        self._placed = placed
        self._device = device

    def __call__(
        self, requests: Sequence[Request], embeddings: Sequence[PromptEmbeddings], *, setup: Setup, on_step: OnStep
    ) -> Denoised:
        """Denoise a batch.

        Args:
            requests: of equal size, steps and guidance.
            embeddings: one per request.
            setup: how to compute.
            on_step: hears of every step.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out.
        """
        self._placed.move_to(setup.transformer)
        return self._compilation.run(
            lambda _is_on: self._denoised(requests, embeddings, setup=setup, on_step=on_step), on=setup.compiled
        )

    def _denoised(
        self, requests: Sequence[Request], embeddings: Sequence[PromptEmbeddings], *, setup: Setup, on_step: OnStep
    ) -> Denoised:
        dtype = torch.float32 if setup.transformer.fp32 else PRECISION
        watch = _Watch(len(requests), device=self._device, on_step=on_step)
        alike = requests[0]
        # streamed blocks come over the bus once a pass: one pass with a mask costs less than two
        self._passes.are_parted = self._device.type == "cuda" and not setup.is_streamed
        with self._attending(setup.attention):
            latents = self._pipe(
                prompt_embeds=[one.prompt.to(dtype) for one in embeddings],
                negative_prompt_embeds=[one.negative.to(dtype) for one in embeddings if one.negative is not None]
                if alike.guidance > 0
                else None,
                width=alike.width_px,
                height=alike.height_px,
                num_inference_steps=alike.steps,
                guidance_scale=alike.guidance,
                cfg_truncation=None,  # none, as its default 1.0 means; only that one waits for the card
                latents=to_device(torch.cat([self._noise(request) for request in requests]), self._device),
                output_type="latent",
                callback_on_step_end=watch,
            ).images
        return Denoised(latents=latents, are_finite=PendingCopy(watch.are_finite), is_stopped=watch.is_stopped)

    def _noise(self, request: Request) -> torch.Tensor:
        """As the pipeline draws it, on the CPU: it depends on the seed alone, never on the card."""
        side = self._pipe.vae_scale_factor
        shape = (1, self._pipe.transformer.in_channels, request.height_px // side, request.width_px // side)
        return torch.randn(shape, generator=torch.Generator("cpu").manual_seed(request.seed))

    @contextmanager
    def _attending(self, backend: str) -> Iterator[None]:
        """Use another attention kernel for once."""
        if backend == ATTENTION:
            yield
            return
        self._pipe.transformer.set_attention_backend(backend)
        try:
            yield
        finally:
            self._pipe.transformer.set_attention_backend(ATTENTION)

    def offload(self, setup: Setup) -> None:
        """Put the transformer where it waits during a decode.

        Raises:
            torch.OutOfMemoryError: the card has no room for what should stay there.
        """
        self._placed.move_to(ON_HOST if setup.decode_alone else setup.transformer)


def remember_timesteps(scheduler: Any) -> None:  # noqa: ANN401 - any of diffusers' schedulers
    """Let a scheduler keep what it computes for some number of steps: to copy it to a card waits for the card.

    Args:
        scheduler: with the steps in attributes, which it replaces and does not change.
    """
    if hasattr(scheduler.set_timesteps, "__wrapped__"):
        return
    compute = scheduler.set_timesteps
    last: dict[str, Any] = {}

    @wraps(compute)
    def set_timesteps(*args: object, **more: object) -> None:
        asked = repr((args, more))
        if asked != last.get("asked"):
            compute(*args, **more)
            last.update(asked=asked, left=dict(vars(scheduler)))
        vars(scheduler).update(last["left"])

    scheduler.set_timesteps = set_timesteps


class _Watch:
    """Follows the pipeline's steps without stopping the device: the flag is read once, at the end."""

    def __init__(self, batch: int, *, device: torch.device, on_step: OnStep) -> None:
        self.are_finite = torch.ones(batch, dtype=torch.bool, device=device)
        self.is_stopped = False
        self._on_step = on_step

    def __call__(
        self, pipe: ZImagePipeline, step: int, _timestep: object, tensors: dict[str, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        self.are_finite &= torch.isfinite(tensors["latents"]).flatten(1).all(1)
        if self._on_step(step + 1):
            self.is_stopped = pipe._interrupt = True  # the pipeline's documented way to stop
        return {}
