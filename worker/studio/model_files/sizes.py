"""Sizes of a model's parts in bf16, from their files' headers alone.

Knows which tensors are blocks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from math import prod
from pathlib import Path

from worker.studio.model_files.parts import WEIGHTS, ModelSource, weight_files
from worker.studio.model_files.safetensors_file import read_header
from worker.studio.model_files.weights import UNUSED, Stack, Weights
from worker.studio.units import MIB

BLOCK = re.compile(r"(?:^|\.)(layers|noise_refiner|context_refiner)\.(\d+)\.")
BF16_BYTES = 2
STORED = "BF16"
"""What computes; anything else is converted while it is loaded, into memory of the process."""
MOST_CONVERTED = 0.01
"""Of a part's weights, for its memory to count as its files' own: some folders keep a few norms in fp32."""


def weights_in(source: ModelSource) -> Weights:
    """Sizes of the parts once loaded.

    Args:
        source: a model without faults.

    Raises:
        OSError, FileFaultError: a file went missing or is damaged.
    """

    def files(part: str) -> tuple[Path, ...]:
        return weight_files(source.folder / part, WEIGHTS[part])

    transformer = (source.transformer_file,) if source.transformer_file else files("transformer")
    # a file of its own may have to be cut anew, and is copied for it
    is_mapped = source.transformer_file is None
    return Weights(
        transformer=_stack(transformer, may_be_mapped=is_mapped),
        text_encoder=_stack(files("text_encoder")),
        vae_mib=_stack(files("vae")).whole_mib,
    )


def _stack(files: Iterable[Path], *, may_be_mapped: bool = True) -> Stack:
    blocks: dict[tuple[str, str], int] = defaultdict(int)
    rest = converted = 0
    for file in files:
        for name, tensor in read_header(file).tensors.items():
            size = prod(tensor.shape) * BF16_BYTES
            block = BLOCK.search(name)
            converted += size if tensor.dtype != STORED else 0
            if block:
                blocks[block[1], block[2]] += size
            elif not UNUSED.search(name):
                rest += size
    whole = rest + sum(blocks.values())
    return Stack(
        blocks=len(blocks),
        block_mib=max(blocks.values(), default=0) / MIB,
        rest_mib=rest / MIB,
        is_mapped=may_be_mapped and converted <= MOST_CONVERTED * whole,
    )
