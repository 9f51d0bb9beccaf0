"""What a card could do, and how much of it is left unused.

Knows arithmetic and kernels' times. Must not know how pictures are made.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from worker.studio.loading import Parts
from worker.studio.speed import SpeedWishes

MATMUL_SIDE = 8192
PIXELS_PER_TOKEN = 256
CAPTION_TOKENS = 64
GAP_US = 20.0
"""Between two kernels of the queue lie 1 to 5 us."""


def matmul_ceiling(device: torch.device) -> float:
    """What the device reaches in a large bf16 product, TFLOP/s."""
    side = MATMUL_SIDE if device.type == "cuda" else 1024
    one, other = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    times = []
    for _ in range(10):
        begun_s = time.perf_counter()
        one @ other
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - begun_s)
    return 2 * side**3 / min(times) / 1e12


def tera_operations(wishes: SpeedWishes, parts: Parts) -> float:
    """Arithmetic of one picture's denoising, TFLOP: two per weight and token, and attention's two products."""
    tokens = wishes.width_px * wishes.height_px / PIXELS_PER_TOKEN + CAPTION_TOKENS
    blocks = parts.transformer_blocks
    weights = sum(tensor.numel() for block in blocks for tensor in block.parameters())
    attention = 4 * tokens**2 * parts.transformer.config.dim * len(blocks)  # type: ignore[operator]
    return wishes.steps * (2 if wishes.guidance > 0 else 1) * (2 * weights * tokens + float(attention)) / 1e12


def unused(kernels: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Time in which no kernel ran.

    Args:
        kernels: begin and end of each in microseconds, by their begin; several may run at once.

    Returns:
        The share of all the time from the first to the last; and microseconds in gaps longer than those between two
        kernels that are there already: the card waits for the program.
    """
    begun_us, until_us = kernels[0]
    gaps = []
    for begin_us, end_us in kernels:
        gaps.append(max(0.0, begin_us - until_us))
        until_us = max(until_us, end_us)
    return sum(gaps) / (until_us - begun_us), sum(gap for gap in gaps if gap > GAP_US)
