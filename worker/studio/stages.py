"""The three stages of a picture, by the pipeline's own code: encode, denoise, decode.

Knows how ZImagePipeline does each. Must not know requests' jobs, ladders or verdicts. On the CPU, one picture at a
time, the three in a row give the bits of one plain pipeline call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from diffusers import ZImagePipeline
from torch._dynamo.exc import TorchDynamoException

from worker.records import Picture, Request
from worker.studio.compiling import Compilation
from worker.studio.loading import Parts
from worker.studio.precision import PRECISION
from worker.studio.residence import HOST, Residence
from worker.studio.setup import AT_HOME, ATTENTION, Setup
from worker.studio.verdict import Statistics

OnStep = Callable[[int], bool]
"""Called with the 1-based step just done; True stops."""

TILE_OVERLAP = 0.25
"""Of a tile's side; neighbours are blended there (source: AutoencoderKL's own default)."""


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
    """Prompts to embeddings."""

    def __init__(self, parts: Parts, residence: Residence, *, device: torch.device) -> None:
        """Take over the text encoder, which is on the host now."""
        self._pipe = ZImagePipeline(
            tokenizer=parts.tokenizer, text_encoder=parts.text_encoder, scheduler=None, vae=None, transformer=None
        )
        self._residence = residence
        self._device = device

    @torch.no_grad()
    def __call__(self, prompts: Sequence[str], *, setup: Setup) -> list[torch.Tensor]:
        """Encode prompts together; company may change an embedding's last bits.

        Args:
            prompts: as the author wrote them; beyond 512 tokens they are cut.
            setup: where to compute.

        Returns:
            (tokens, features) bf16 each, on the device.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out.
        """
        self._residence.be(setup.encoder)
        where = self._device if setup.encoder.on_card else HOST
        # a new list: the pipeline writes the chat template into the one it gets
        embeddings, _ = self._pipe.encode_prompt([*prompts], device=where, do_classifier_free_guidance=False)
        return [torch.as_tensor(held, device=self._device) for held in embeddings]

    def leave(self) -> None:
        """Free the card of the text encoder until the next prompt."""
        self._residence.be(AT_HOME)


class Denoiser:
    """Noise to latents."""

    def __init__(self, parts: Parts, residence: Residence, *, device: torch.device, compilation: Compilation) -> None:
        """Use the transformer and the scheduler; `compilation` is of the transformer's blocks."""
        self._pipe = ZImagePipeline(
            transformer=parts.transformer, scheduler=parts.scheduler, tokenizer=None, text_encoder=None, vae=None
        )
        self._pipe.set_progress_bar_config(disable=True)
        self._compilation = compilation
        self._residence = residence
        self._device = device

    def __call__(
        self, requests: Sequence[Request], texts: Sequence[Texts], *, setup: Setup, on_step: OnStep
    ) -> Denoised:
        """Denoise a batch.

        Args:
            requests: of equal size, steps and guidance.
            texts: one per request.
            setup: how to compute.
            on_step: hears of every step.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out.
        """
        self._residence.be(setup.transformer)
        if setup.compiled:
            try:
                self._compilation.turn(on=True)
                return self._denoised(requests, texts, setup=setup, on_step=on_step)
            except TorchDynamoException as error:  # the compiler's own errors, not the card's
                self._compilation.give_up(error)
        self._compilation.turn(on=False)
        return self._denoised(requests, texts, setup=setup, on_step=on_step)

    def _denoised(
        self, requests: Sequence[Request], texts: Sequence[Texts], *, setup: Setup, on_step: OnStep
    ) -> Denoised:
        dtype = torch.float32 if setup.transformer.fp32 else PRECISION
        watch = _Watch(len(requests), device=self._device, on_step=on_step)
        alike = requests[0]
        with self._attending(setup.attention):
            latents = self._pipe(
                prompt_embeds=[text.prompt.to(dtype) for text in texts],
                negative_prompt_embeds=[text.negative.to(dtype) for text in texts if text.negative is not None]
                if alike.guidance > 0
                else None,
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

    def make_way(self, setup: Setup) -> None:
        """Put the transformer where it waits during a decode.

        Raises:
            torch.OutOfMemoryError: the card has no room for what should stay there.
        """
        self._residence.be(AT_HOME if setup.decode_alone else setup.transformer)


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
        """Use the VAE."""
        self._vae = parts.vae

    @torch.no_grad()
    def __call__(self, latents: torch.Tensor, *, setup: Setup) -> Decoded:
        """Decode one picture.

        Args:
            latents: (1, 16, H/8, W/8) float32, finite.
            setup: how to compute; the VAE is as before afterwards.

        Raises:
            torch.OutOfMemoryError: the card's memory ran out; the latents are as they were.
        """
        vae = self._vae
        try:
            if setup.decode_fp32:
                vae.to(torch.float32)
            if setup.tile_px is not None:
                vae.enable_tiling()
                # the class's own sizes make it a no-op up to 1024x1024
                vae.tile_sample_min_size, vae.tile_latent_min_size = setup.tile_px, setup.tile_px // 8
                vae.tile_overlap_factor = TILE_OVERLAP
            # as ZImagePipeline does it, step by step, so that the bits are the same
            scaled = (latents.to(vae.dtype) / vae.config.scaling_factor) + vae.config.shift_factor
            return as_picture(vae.decode(scaled, return_dict=False)[0][0])
        finally:
            vae.disable_tiling()
            if setup.decode_fp32:
                vae.to(PRECISION)  # exact: the weights were bf16 before


def as_picture(values: torch.Tensor) -> Decoded:
    """What the VAE gives, in 8 bit.

    Args:
        values: (3, H, W), -1 to 1.
    """
    is_finite = torch.isfinite(values).all()
    levels = (values * 0.5 + 0.5).clamp(0, 1).float().nan_to_num() * 255
    return measured(levels.round().to(torch.uint8).permute(1, 2, 0).contiguous(), is_finite=is_finite)


def measured(rgb: torch.Tensor, *, is_finite: torch.Tensor) -> Decoded:
    """The picture with its statistics.

    Args:
        rgb: (H, W, 3) uint8.
        is_finite: () bool: every value was a number before the cast.
    """
    height_px, width_px, _ = rgb.shape
    deviation, mean = torch.std_mean(rgb.float(), dim=(0, 1), correction=0)
    # read from the device once
    finite, mean_level, liveliest = torch.stack((is_finite.float(), mean.mean(), deviation.max())).tolist()
    statistics = Statistics(
        is_finite=bool(finite), width_px=width_px, height_px=height_px, mean=mean_level, deviation=liveliest
    )
    picture = Picture(width_px=width_px, height_px=height_px, rgb=rgb.cpu().numpy().tobytes())
    return Decoded(picture=picture, statistics=statistics)
