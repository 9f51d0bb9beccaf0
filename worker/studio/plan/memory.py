"""The memory plan: which weights stay on the card, how many pictures are made at once, how the VAE decodes.

Knows sizes in MiB and what each stage needs above the weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from worker.model_limits import MOST_TOKENS
from worker.studio.model_files.weights import Stack, Weights
from worker.translation import gettext

EncoderPlace = Literal["card", "streamed"]
"""On the card always; or streamed through it a block at a time while prompts are encoded, and off it afterwards.
Streaming takes about 0.2 s a call; to come as a whole and leave took 1.2 s and 7.5 GiB beside the transformer
(measured, H100)."""

CONTEXT_MIB = 460
"""CUDA context and libraries, outside the allocator. Estimate."""
MARGIN_MIB = 1024
"""Left free: fragments, and the workspaces of cuBLAS and cuDNN beyond what is counted below."""
STAYING_MIB = 4096
"""Left free besides, for the text encoder to stay on the card: it saves a second in 64 pictures, no more."""
STAGE_MIB = 32
"""Above the weights in every stage, whatever the work: cuBLAS's workspace. This and the next three were measured
together (H100, torch 2.11): their sums lie within 2 % of the peaks from 256x256 to 2048x2048."""
ENCODE_MIB_PER_PROMPT = 200
"""Above the weights, per prompt padded to 512 tokens."""
DENOISE_MIB_PER_TOKEN = 0.117
"""Above the weights, per token in the transformer's batch."""
DECODE_MIB_PER_MPX = 2433
"""Above the weights, per 1024x1024 pixels of the bf16 VAE decode."""
SLOTS = 2
"""Blocks on the card for streaming: one computes, the next arrives."""
PIXELS_PER_TOKEN = 256
MPX = 1024 * 1024

SATURATING_PIXELS = MPX
"""From here on a batch gains a few per cent at most (measured, H100: 1.44 s alone, 1.40 s in twos, 1024x1024)."""
BATCH_MOST = 8
ENCODE_MOST = 16
"""Prompts encoded in one call: 203 ms for 16, 73 ms for one (measured, H100)."""
TILES_PX = (1024, 768, 512)
"""Sides of a tile, from the one that changes the picture least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be made."""

    pixels: int
    """Width times height of one picture."""
    is_guided: bool = False
    """Guidance above 0 doubles the transformer's batch, unless it is made in two passes."""
    may_tile: bool = False
    """The job permits a decode in tiles, which changes the picture."""

    def denoise_mib(self, batch: int) -> float:
        """Peak above the weights while `batch` pictures are denoised together."""
        tokens = self.pixels / PIXELS_PER_TOKEN + MOST_TOKENS
        return STAGE_MIB + DENOISE_MIB_PER_TOKEN * tokens * batch * (2 if self.is_guided else 1)

    def decode_mib(self, tile_px: int | None) -> float:
        """Peak above the weights while one picture is decoded."""
        pixels = self.pixels if tile_px is None else min(self.pixels, tile_px * tile_px)
        # a tiled picture is put together from its rows beside the last tile: 3 channels, 2 bytes, twice
        rows = 0 if tile_px is None else 2 * 6 * self.pixels / MPX
        return STAGE_MIB + DECODE_MIB_PER_MPX * pixels / MPX + rows


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPlan:
    """How the card's memory is used for one kind of work."""

    encoder: EncoderPlace
    encode_batch: int
    """Prompts in one call of the text encoder."""
    resident_blocks: int
    """Of the transformer, always on the card; the others are streamed, a block at a time."""
    batch: int
    """Pictures denoised together."""
    tile_px: int | None
    """Side of the VAE's tiles, or None for a whole decode, one picture at a time."""
    peak_mib: float
    """Predicted peak of the allocator while pictures are made, weights included."""
    fits: bool
    """The prediction lies within the card's room; a plan that does not is tried all the same."""
    compiled: bool = False
    """Transformer and VAE are compiled, where the transformer stays on the card."""
    attention: str | None = None
    """Name of another of diffusers' attention backends than the usual one."""

    def __str__(self) -> str:
        """One line for a person."""
        if not self.peak_mib:
            return gettext("on the CPU, one picture at a time")
        return gettext(
            "{encoder}, {transformer}, batch {batch}, {decode}, predicted peak {peak_gib} GiB",
            encoder=gettext("text encoder on the card") if self.encoder == "card" else gettext("text encoder streamed"),
            transformer=self._transformer(),
            batch=self.batch,
            decode=gettext("whole decode")
            if self.tile_px is None
            else gettext("decode in tiles of {tile_px}", tile_px=self.tile_px),
            peak_gib=f"{self.peak_mib / 1024:.1f}",
        )

    def _transformer(self) -> str:
        if not self.is_whole:
            return gettext("{blocks} transformer blocks on the card, the others streamed", blocks=self.resident_blocks)
        return gettext("transformer on the card, compiled") if self.compiled else gettext("transformer on the card")

    @property
    def is_whole(self) -> bool:
        """The transformer stays on the card."""
        return self.resident_blocks >= WHOLE


WHOLE = 10_000
"""`resident_blocks` of a transformer that is not streamed."""


CPU_PLAN = MemoryPlan(
    encoder="card", encode_batch=1, resident_blocks=WHOLE, batch=1, tile_px=None, peak_mib=0.0, fits=True
)
"""Where there is no card: all of it in the host's memory, one prompt and one picture at a time."""


def held_mib(stack: Stack, *, resident: int) -> float:
    """On the card of a part whose other blocks are streamed, in MiB.

    Args:
        stack: the part.
        resident: how many of its blocks stay on the card.
    """
    if resident >= stack.blocks:
        return stack.whole_mib
    return stack.rest_mib + (resident + SLOTS) * stack.block_mib


def make_plan(room_mib: float, weights: Weights, work: Work, *, batch_most: int = BATCH_MOST) -> MemoryPlan:
    """The fastest plan that fits; where none does, the smallest.

    What keeps the picture comes first: blocks are streamed before a decode is tiled.

    Args:
        room_mib: memory this process may use on the card, all of its own included.
        weights: of the model.
        work: what is to be made.
        batch_most: pictures of a batch at most.
    """
    room = room_mib - CONTEXT_MIB - MARGIN_MIB
    tiles = (None, *(tile for tile in TILES_PX if work.may_tile and tile * tile < work.pixels))
    plan = None
    for tile_px in tiles:
        plan = _with_tiles(room, weights, work, tile_px)
        if plan.fits:
            return _with_batch(plan, room, work, batch_most=batch_most)
    assert plan is not None
    return plan


def _with_tiles(room: float, weights: Weights, work: Work, tile_px: int | None) -> MemoryPlan:
    need = weights.vae_mib + max(work.denoise_mib(1), work.decode_mib(tile_px))
    encoding = held_mib(weights.text_encoder, resident=0) + STAGE_MIB
    # small pictures need less than the prompts, which are encoded beside the blocks that stay
    least = max(need, weights.vae_mib + encoding + 2 * ENCODE_MIB_PER_PROMPT)
    blocks = weights.transformer
    if least + blocks.whole_mib <= room:
        resident, held = WHOLE, blocks.whole_mib
    else:
        resident = max(0, min(blocks.blocks - 1, int((room - least - held_mib(blocks, resident=0)) / blocks.block_mib)))
        held = held_mib(blocks, resident=resident)
    peak_mib = need + held
    stays = peak_mib + weights.text_encoder.whole_mib + STAYING_MIB <= room
    if stays:
        encoding = weights.text_encoder.whole_mib + STAGE_MIB
        peak_mib += weights.text_encoder.whole_mib
    # of what is free then, half
    encode_batch = int((room - weights.vae_mib - held - encoding) / 2 / ENCODE_MIB_PER_PROMPT)
    return MemoryPlan(
        encoder="card" if stays else "streamed",
        encode_batch=max(1, min(ENCODE_MOST, encode_batch)),
        resident_blocks=resident,
        batch=1,
        tile_px=tile_px,
        peak_mib=peak_mib,
        fits=peak_mib <= room,
    )


def _with_batch(plan: MemoryPlan, room: float, work: Work, *, batch_most: int) -> MemoryPlan:
    """As many pictures at once as gain something and fit beside what is on the card already."""
    held = plan.peak_mib - max(work.denoise_mib(1), work.decode_mib(plan.tile_px))
    useful = min(batch_most, SATURATING_PIXELS // (work.pixels * (2 if work.is_guided else 1)))
    batch = max(1, min(useful, int((room - held - STAGE_MIB) / (work.denoise_mib(1) - STAGE_MIB))))
    peak_mib = held + max(work.denoise_mib(batch), work.decode_mib(plan.tile_px))
    return replace(plan, batch=batch, peak_mib=peak_mib)
