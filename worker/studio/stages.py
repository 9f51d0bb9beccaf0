"""The three stages of a picture, by the pipeline's own code: encode, denoise, decode.

Knows how ZImagePipeline does each. Must not know requests' jobs, ladders or verdicts. On the CPU, one picture at a
time, the three in a row give the bits of one plain pipeline call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from diffusers import ZImagePipeline

from worker.records import Picture, Request
from worker.studio.guest import HOST, Guest
from worker.studio.loading import Parts
from worker.studio.precision import PRECISION
from worker.studio.verdict import Statistics

OnStep = Callable[[int], bool]
"""Called with the 1-based step just done; True stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The embeddings of one request."""

    prompt: torch.Tensor
    """(tokens, features) bf16, without padding."""
    negative: torch.Tensor | None
    """Likewise; None at guidance 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denoised:
    """What denoising a batch came to."""

    latents: torch.Tensor
    """(B, 16, H/8, W/8) float32, on the device."""
    are_finite: tuple[bool, ...]
    """Per item: every value after every step was a number."""
    is_stopped: bool
    """`on_step` asked to stop: the latents are unfinished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A picture and the numbers to judge it by."""

    picture: Picture
    statistics: Statistics


class Encoder:
    """Prompt to embeddings, each prompt alone, so that company never changes its bits."""

    def __init__(self, parts: Parts, *, device: torch.device) -> None:
        """Take over the text encoder, which is on the host now."""
        self._pipe = ZImagePipeline(
            tokenizer=parts.tokenizer, text_encoder=parts.text_encoder, scheduler=None, vae=None, transformer=None
        )
        self._guest = Guest(parts.text_encoder)
        self._device = device

    @torch.no_grad()
    def __call__(self, prompt: str, *, on_host: bool = False) -> torch.Tensor:
        """Encode one prompt.

        Args:
            prompt: as the author wrote it; beyond 512 tokens it is cut.
            on_host: compute on the CPU.

        Returns:
            (tokens, features) bf16 on the device.
        """
        where = HOST if on_host else self._device
        self._guest.move(where)
        # a new list: the pipeline writes the chat template into the one it gets
        embeddings, _ = self._pipe.encode_prompt([prompt], device=where, do_classifier_free_guidance=False)
        return torch.as_tensor(embeddings[0], device=self._device)

    def leave(self) -> None:
        """Free the card of the text encoder until the next prompt."""
        self._guest.move(HOST)


class Denoiser:
    """Noise to latents."""

    def __init__(self, parts: Parts, *, device: torch.device) -> None:
        """Use the transformer and the scheduler."""
        self._pipe = ZImagePipeline(
            transformer=parts.transformer, scheduler=parts.scheduler, tokenizer=None, text_encoder=None, vae=None
        )
        self._pipe.set_progress_bar_config(disable=True)
        self._device = device

    def __call__(self, requests: Sequence[Request], texts: Sequence[Texts], *, on_step: OnStep) -> Denoised:
        """Denoise a batch.

        Args:
            requests: of equal size, steps and guidance.
            texts: one per request.
            on_step: hears of every step.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out.
        """
        # a decode that wanted the card for itself may have sent it away
        self._pipe.transformer.to(self._device)
        watch = _Watch(len(requests), device=self._device, on_step=on_step)
        alike = requests[0]
        latents = self._pipe(
            prompt_embeds=[text.prompt for text in texts],
            negative_prompt_embeds=[text.negative for text in texts] if alike.guidance > 0 else None,
            width=alike.width_px,
            height=alike.height_px,
            num_inference_steps=alike.steps,
            guidance_scale=alike.guidance,
            # on the CPU: the noise depends on the seed alone, never on the card
            generator=[torch.Generator("cpu").manual_seed(request.seed) for request in requests],
            output_type="latent",
            callback_on_step_end=watch,
        ).images
        return Denoised(latents=latents, are_finite=tuple(watch.are_finite.tolist()), is_stopped=watch.is_stopped)


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


class Decoder:
    """Latents to pictures."""

    def __init__(self, parts: Parts) -> None:
        """Use the VAE; the transformer is known only to send it away."""
        self._vae = parts.vae
        self._transformer = parts.transformer

    @torch.no_grad()
    def __call__(self, latents: torch.Tensor, *, in_fp32: bool = False, alone: bool = False) -> tuple[Decoded, ...]:
        """Decode one item after the other.

        Args:
            latents: (B, 16, H/8, W/8) float32, finite.
            in_fp32: compute in fp32; the VAE is in bf16 again afterwards.
            alone: send the transformer off the card first; the denoiser brings it back.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out; the latents are as they were.
        """
        if alone:
            self._transformer.to(HOST)
        try:
            if in_fp32:
                self._vae.to(torch.float32)
            return tuple(self._decoded(item) for item in latents.unsqueeze(1))
        finally:
            if in_fp32:
                self._vae.to(PRECISION)  # exact: the weights were bf16 before

    def _decoded(self, latents: torch.Tensor) -> Decoded:
        vae = self._vae
        # as ZImagePipeline does it, step by step, so that the bits are the same
        scaled = (latents.to(vae.dtype) / vae.config.scaling_factor) + vae.config.shift_factor
        values = vae.decode(scaled, return_dict=False)[0][0]
        is_finite = torch.isfinite(values).all()
        levels = (values * 0.5 + 0.5).clamp(0, 1).float().nan_to_num() * 255
        rgb = levels.round().to(torch.uint8).permute(1, 2, 0).contiguous()
        return measured(rgb, is_finite=is_finite)


def measured(rgb: torch.Tensor, *, is_finite: torch.Tensor) -> Decoded:
    """The picture with its statistics: (H, W, 3) uint8, and whether it was finite before the cast."""
    height_px, width_px, _ = rgb.shape
    deviation, mean = torch.std_mean(rgb.float(), dim=(0, 1), correction=0)
    finite, mean_level, liveliest = torch.stack((is_finite.float(), mean.mean(), deviation.max())).tolist()
    statistics = Statistics(
        is_finite=bool(finite), width_px=width_px, height_px=height_px, mean=mean_level, deviation=liveliest
    )
    picture = Picture(width_px=width_px, height_px=height_px, rgb=rgb.cpu().numpy().tobytes())
    return Decoded(picture=picture, statistics=statistics)
