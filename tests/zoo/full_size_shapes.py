"""Writes `full_size.json`: names and shapes of Z-Image's tensors, from the real classes without memory for them.

`PYTHONPATH=.:tests python tests/zoo/full_size_shapes.py`
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, ZImageTransformer2DModel
from transformers import Qwen3Config, Qwen3Model

from worker.bench.measuring.synthetic import TEXT_ENCODER, TRANSFORMER, VAE

FILE = Path(__file__).with_name("full_size.json")


def shapes() -> dict[str, dict[str, object]]:
    """By part: its configuration, and the shape of each tensor by name."""
    with torch.device("meta"):
        parts = {
            "transformer": (TRANSFORMER, ZImageTransformer2DModel(**TRANSFORMER)),
            "text_encoder": (TEXT_ENCODER, Qwen3Model(Qwen3Config(**TEXT_ENCODER))),
            "vae": (VAE, AutoencoderKL(**VAE)),
        }
    return {
        name: {"config": config, "tensors": {known: list(value.shape) for known, value in module.state_dict().items()}}
        for name, (config, module) in parts.items()
    }


def text() -> str:
    """A line a tensor, so that a change shows."""
    lines = []
    for part, content in shapes().items():
        tensors = content["tensors"]
        assert isinstance(tensors, dict)
        rows = ",\n".join(f"   {json.dumps(name)}: {json.dumps(shape)}" for name, shape in tensors.items())
        lines.append(f' "{part}": {{\n  "config": {json.dumps(content["config"])},\n  "tensors": {{\n{rows}\n  }}\n }}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
