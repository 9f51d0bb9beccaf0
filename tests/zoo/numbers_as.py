"""The numbers of bf16 tensors in other kinds of number, and the loss that goes with it."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from zoo.tensor_files import Tensor, Tensors


def _widened(tensor: Tensor) -> np.ndarray:
    return (np.frombuffer(tensor.data or b"", "<u2").astype("<u4") << 16).view("<f4")


def fp32(tensor: Tensor) -> Tensor:
    """The same numbers."""
    return Tensor("F32", tensor.shape, _widened(tensor).tobytes())


def fp16(tensor: Tensor) -> Tensor:
    """Rounded to fp16: numbers below 6e-5 lose digits."""
    return Tensor("F16", tensor.shape, _widened(tensor).astype("<f2").tobytes())


def through_fp16(tensor: Tensor) -> Tensor:
    """Bf16 again, of what fp16 leaves: what loading an fp16 file in bf16 comes to."""
    bits = _widened(tensor).astype("<f2").astype("<f4").view("<u4")
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return Tensor("BF16", tensor.shape, rounded.astype("<u2").tobytes())


def bytes_as(dtype: str, shape: tuple[int, ...], seed: str) -> Tensor:
    """Numbers of any kind without a meaning, but no zeros: what an eight-bit tensor looks like to a program."""
    size = Tensor(dtype, shape).size
    return Tensor(dtype, shape, random.Random(seed).randbytes(size))


def each(tensors: Tensors, change: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
    """All tensors changed in one way."""
    return {name: change(tensor) for name, tensor in tensors.items()}
