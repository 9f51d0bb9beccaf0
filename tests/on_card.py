"""What the tests on a card share: the card, the usual picture, and how pictures are compared.

Run them with `python -m pytest tests/studio/gpu -m gpu -s`; they print what they measure. They need a card of 40 GB or
more, as the plain pipeline beside the worker holds everything.
"""

from __future__ import annotations

import gc
import os

import numpy as np
import pytest
import torch

from worker.records import Picture, Request
from worker.studio.card.environment import ALLOCATOR, ALLOCATOR_NAMES
from worker.studio.units import MIB

NEEDS_CARD = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")]

# read when the card is first used, which is later than this line
os.environ.setdefault(ALLOCATOR_NAMES[0], ALLOCATOR)

CARD = torch.device("cuda", 0)
GIB = 1024
"""In MiB."""
ROOM_MIB = 23.5 * GIB
BASELINE_MIB = 64
SAME_CARD_LEVELS = 0.5
"""Of 255, mean absolute difference to the plain pipeline on the same card."""
OTHER_ORDER_LEVELS = 6.0
"""Likewise at full size with random weights, which amplify it: two orders of bf16 operations."""
OTHER_DEVICE_LEVELS = 6.0
"""Likewise between CPU and card, embedded model, 8 steps, guidance 3: two orders of bf16 operations."""
STEPS = 4

SHOT = Request(
    shot_id="s", index=1, file="s_01.png", prompt="白色陶瓷马克杯，浅灰水泥墙背景 a mug in soft light", seed=7,
    width_px=512, height_px=512, steps=STEPS, guidance=0.0,
)  # fmt: skip


def levels(picture: Picture) -> np.ndarray:
    return np.frombuffer(picture.rgb, np.uint8).astype(np.float64)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).mean())


def story(result) -> list[tuple[str, str]]:
    return [(one_try.rung, one_try.outcome) for one_try in result.tries]


def allocated_mib() -> float:
    gc.collect()
    return torch.cuda.memory_allocated(CARD) / MIB
