"""A card's kernels by kind, and the gaps between them: where its time goes.

Knows by which words in their names kernels are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

Kind = Literal["matmul", "attention", "other"]
GAP_US = 20.0
"""Between two kernels of the queue lie 1 to 5 us."""
ATTENTION = ("sdpa", "fmha", "flash", "attention")
MATMUL = ("nvjet", "gemm", "xmma", "cutlass", "cublas", "convolve", "fprop")
"""Words in the names of kernels for matrix products, of which convolutions are one kind (cuBLAS, cuDNN, CUTLASS)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """One piece of the card's work."""

    name: str
    begin_us: float
    end_us: float

    @property
    def kind(self) -> Kind:
        """By its name; what a compiler has fused may name the attention before which it stands."""
        name = self.name.lower()
        if name.startswith("triton"):
            return "other"
        if any(word in name for word in ATTENTION):
            return "attention"
        return "matmul" if any(word in name for word in MATMUL) else "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How a card spent its time on some pictures, in ms a picture."""

    wall_ms: float
    """From the first kernel to the last."""
    matmul_ms: float
    attention_ms: float
    other_ms: float
    gaps_ms: float
    """In which no kernel ran."""
    waits_ms: float
    """Of these, gaps longer than those between two kernels that are there already: the card waits for the program."""

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return {name: round(value, 2) for name, value in asdict(self).items()}


def usage(kernels: Sequence[Kernel], *, pictures: int) -> Usage:
    """Add up what ran, and what did not.

    Args:
        kernels: by their begin; several may run at once.
        pictures: that they made.
    """
    spent: dict[Kind, float] = dict.fromkeys(get_args(Kind), 0.0)
    gaps_us = []
    until_us = kernels[0].begin_us
    for kernel in kernels:
        spent[kernel.kind] += kernel.end_us - kernel.begin_us
        gaps_us.append(max(0.0, kernel.begin_us - until_us))
        until_us = max(until_us, kernel.end_us)
    per_picture = 1000 * pictures
    return Usage(
        wall_ms=(until_us - kernels[0].begin_us) / per_picture,
        matmul_ms=spent["matmul"] / per_picture,
        attention_ms=spent["attention"] / per_picture,
        other_ms=spent["other"] / per_picture,
        gaps_ms=sum(gaps_us) / per_picture,
        waits_ms=sum(gap for gap in gaps_us if gap > GAP_US) / per_picture,
    )
