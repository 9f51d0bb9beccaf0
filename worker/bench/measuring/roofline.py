"""The roofline: what a card could do, and what a picture asks of it.

Knows how many operations a forward of the transformer takes.
"""

from __future__ import annotations

import time

import torch

from worker.bench.options import SpeedOptions
from worker.studio.plan.memory import PIXELS_PER_TOKEN
from worker.studio.stages.loading import Parts

MATMUL_SIDE = 8192
USUAL_TOKENS = 64
"""Of a caption, padding included."""


def matmul_roofline(device: torch.device) -> float:
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


def tera_operations(options: SpeedOptions, parts: Parts) -> float:
    """Arithmetic of one picture's denoising, TFLOP: two per weight and token, and attention's two products.

    Args:
        options: size, steps and guidance of the picture.
        parts: the model.
    """
    tokens = options.width_px * options.height_px / PIXELS_PER_TOKEN + USUAL_TOKENS
    blocks = parts.transformer_blocks
    weights = sum(tensor.numel() for block in blocks for tensor in block.parameters())
    attention = 4 * tokens**2 * parts.transformer.config.dim * len(blocks)  # type: ignore[operator]
    return options.steps * (2 if options.guidance > 0 else 1) * (2 * weights * tokens + float(attention)) / 1e12
