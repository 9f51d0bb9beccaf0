"""Sizes of a model's parts in bf16, from their files' headers alone.

Knows which tensors are blocks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import prod
from pathlib import Path

from worker.errors import ModelInvalid
from worker.studio.model_files.parts import WEIGHTS, ModelSource, PartName, reading, weight_files
from worker.studio.model_files.recognise.own_parts import transformer_in
from worker.studio.model_files.safetensors_file import FileFaultError, Tensor, read_header
from worker.studio.model_files.weights import NOT_LOADED, Stack, Weights
from worker.studio.units import MIB
from worker.translation import gettext

BLOCK = re.compile(r"(?:^|\.)(layers|noise_refiner|context_refiner)\.(\d+)\.")
BF16_BYTES = 2
STORED = "BF16"
"""What computes; anything else is converted while it is loaded, into memory of the process."""
MOST_CONVERTED = 0.01
"""Of a part's weights, for its memory to count as its files' own: some folders keep a few norms in fp32."""


def weights_in(source: ModelSource) -> Weights:
    """Sizes of the parts once loaded.

    Args:
        source: a model that had no faults when it was inspected.

    Raises:
        ModelAway: a file cannot be read now.
        ModelInvalid: one is damaged since then.
    """

    def files(part: PartName) -> tuple[Path, ...]:
        return weight_files(source.folder / part, WEIGHTS[part])

    with reading(source.folder):
        if source.transformer_file:
            held = _tensors(source.transformer_file)
            ours = [(name, held[name]) for name, names in transformer_in(held).items() if names]
            # a file of its own may have to be cut anew, and is copied for it
            transformer = _stack(ours, may_be_mapped=False)
        else:
            transformer = _stack(_all(files("transformer")))
        return Weights(
            transformer=transformer,
            text_encoder=_stack(_all(files("text_encoder"))),
            vae_mib=_stack(_all(files("vae"))).whole_mib,
        )


def _all(files: Iterable[Path]) -> Iterator[tuple[str, Tensor]]:
    for file in files:
        yield from _tensors(file).items()


def _stack(tensors: Iterable[tuple[str, Tensor]], *, may_be_mapped: bool = True) -> Stack:
    blocks: dict[tuple[str, str], int] = defaultdict(int)
    rest = converted = 0
    for name, tensor in tensors:
        size = prod(tensor.shape) * BF16_BYTES
        block = BLOCK.search(name)
        converted += size if tensor.dtype != STORED else 0
        if block:
            blocks[block[1], block[2]] += size
        elif not NOT_LOADED.search(name):
            rest += size
    whole = rest + sum(blocks.values())
    return Stack(
        blocks=len(blocks),
        block_mib=max(blocks.values(), default=0) / MIB,
        rest_mib=rest / MIB,
        is_mapped=may_be_mapped and converted <= MOST_CONVERTED * whole,
    )


def _tensors(file: Path) -> dict[str, Tensor]:
    try:
        return read_header(file).tensors
    except FileFaultError as fault:
        raise ModelInvalid(gettext("{file} {fault}.", file=str(file), fault=fault.args[0])) from fault
