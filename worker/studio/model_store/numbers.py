"""Numbers of a safetensors file: how they become bf16.

Knows bytes and kinds of number, no file.
"""

from __future__ import annotations

NARROWED = {"F32": 4, "F16": 2}
"""Kinds of number that become bf16, with their bytes; all others (BF16, integers) stay byte for byte."""


def to_bf16(data: bytes | memoryview, dtype: str) -> bytes:
    """Round numbers to bf16, to nearest, ties to even, as torch does; NaN stays NaN.

    Args:
        data: little-endian numbers.
        dtype: a key of `NARROWED`.
    """
    import numpy as np

    wide = np.frombuffer(data, f"<f{NARROWED[dtype]}").astype("<f4", copy=False)
    bits = wide.view("<u4")
    # the sign, exponent and 7 bits stay; half of the last place is added so that cutting off rounds
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    rounded[np.isnan(wide)] = 0x7FC0
    return bytes(rounded.tobytes())
