"""The weights of a loaded model, read from their files once more.

Knows how files name and keep them. Must not know where the model lives, or why it needs them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from diffusers.loaders.single_file_utils import convert_z_image_transformer_checkpoint_to_diffusers
from safetensors import safe_open

from worker.studio.model_files.parts import WEIGHTS, ModelSource, weight_files


def read_weights(source: ModelSource) -> Iterator[tuple[str, str, torch.Tensor]]:
    """Part, name and values of every weight of VAE and transformer, on the host, in the files' precision.

    Args:
        source: from which the model was loaded.

    Raises:
        OSError: a file cannot be read.
    """
    for part in ("vae", "transformer"):
        if part == "transformer" and source.transformer_file:
            held = dict(_tensors(source.transformer_file))
            if any("qkv" in name for name in held):
                held = convert_z_image_transformer_checkpoint_to_diffusers(held)
            yield from ((part, name, values) for name, values in held.items())
        else:
            for file in weight_files(source.folder / part, WEIGHTS[part]):
                yield from ((part, name, values) for name, values in _tensors(file))


def _tensors(file: Path) -> Iterator[tuple[str, torch.Tensor]]:
    with safe_open(file, framework="pt") as opened:
        for name in opened.keys():  # noqa: SIM118 - no mapping
            yield name, opened.get_tensor(name)
