"""A synthetic model: Z-Image at full size with random weights, which costs what the real one costs.

Knows the real model's configuration. Its pictures are noise: for speed, memory and faults only. It borrows the embedded
model's tokenizer, whose token numbers lie inside the real vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, ZImageTransformer2DModel
from transformers import Qwen2Tokenizer, Qwen3Config, Qwen3Model

from worker.studio.card.precision import PRECISION
from worker.studio.stages.loading import PAD_TOKENS, Parts

TRANSFORMER: dict[str, Any] = {
    "dim": 3840,
    "n_layers": 30,
    "n_refiner_layers": 2,
    "n_heads": 30,
    "n_kv_heads": 30,
    "cap_feat_dim": 2560,
    "axes_dims": [32, 48, 48],
    "axes_lens": [1536, 512, 512],
}
"""6.155 B parameters (source: transformer/config.json of Z-Image-Turbo)."""

TEXT_ENCODER: dict[str, Any] = {
    "hidden_size": 2560,
    "num_hidden_layers": 36,
    "intermediate_size": 9728,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "tie_word_embeddings": True,
}
"""4.02 B parameters (source: Qwen3-4B)."""

VAE: dict[str, Any] = {
    "latent_channels": 16,
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
    "sample_size": 1024,
}
"""84 M parameters (source: the Flux VAE)."""

SHIFT = 3.0
"""Of the scheduler, as in Z-Image-Turbo."""


def build_full_size(tokenizer: Path, *, device: torch.device, seed: int = 0) -> Parts:
    """Make the parts on the device, the text encoder on the host.

    Args:
        tokenizer: folder of the embedded model's tokenizer.
        device: of transformer and VAE; everything passes through it, as random numbers are fast there.
        seed: of the weights.

    Raises:
        torch.OutOfMemoryError: the device has less than 13 GiB free.
    """
    torch.manual_seed(seed)
    text_encoder = _on(device, lambda: Qwen3Model(Qwen3Config(**TEXT_ENCODER))).to("cpu")
    transformer = _on(device, lambda: ZImageTransformer2DModel(**TRANSFORMER))
    with torch.no_grad():
        for name in PAD_TOKENS:
            getattr(transformer, name).normal_(std=0.02)
    return Parts(
        tokenizer=Qwen2Tokenizer.from_pretrained(tokenizer, local_files_only=True),
        text_encoder=text_encoder,
        transformer=transformer,
        vae=_on(device, lambda: AutoencoderKL(**VAE)),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=SHIFT, use_dynamic_shifting=False),
        read_again=tuple,  # random numbers come from no file: there is nothing to read again
    )


def _on(device: torch.device, build: Callable[[], torch.nn.Module]) -> torch.nn.Module:
    """Build a module on the device with bf16 weights; what a class keeps in fp32 by itself stays so."""
    torch.set_default_dtype(PRECISION)
    try:
        with device:
            return build().eval().requires_grad_(False)
    finally:
        torch.set_default_dtype(torch.float32)
