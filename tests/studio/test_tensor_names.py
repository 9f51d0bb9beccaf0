"""The names and shapes that a part must have are those of the real classes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, ZImageTransformer2DModel
from transformers import Qwen3Config, Qwen3Model

from worker.demo import weights_dir
from worker.studio.model_files.recognise.misfits import misfit
from worker.studio.model_files.recognise.own_parts import OwnPart
from worker.studio.model_files.recognise.tensor_names import expected

PUBLISHED_VAE = {
    "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "latent_channels": 16, "in_channels": 3,
    "out_channels": 3, "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
    "use_quant_conv": False, "use_post_quant_conv": False,
}  # fmt: skip
QWEN3_4B = {
    "hidden_size": 2560, "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
    "intermediate_size": 9728, "vocab_size": 151936,
}  # fmt: skip


def real(part: str, config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        made = {
            "transformer": ZImageTransformer2DModel.from_config,
            "vae": AutoencoderKL.from_config,
            "text_encoder": lambda given: Qwen3Model(Qwen3Config(**given)),
        }[part](config)
    return {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}


def demo(part: str) -> dict[str, Any]:
    return json.loads((weights_dir() / part / "config.json").read_text("utf-8"))


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder"])
def test_of_the_embedded_model(part: str) -> None:
    assert expected(part, demo(part)) == real(part, demo(part))


@pytest.mark.parametrize(
    ("part", "config", "count"),
    [("transformer", {}, 521), ("vae", PUBLISHED_VAE, 244), ("text_encoder", QWEN3_4B, 398),
     ("vae", PUBLISHED_VAE | {"use_quant_conv": True, "mid_block_add_attention": False}, None)],
)  # fmt: skip
def test_at_full_size(part: str, config: dict[str, Any], count: int | None) -> None:
    if part == "transformer":
        with torch.device("meta"):
            config = dict(ZImageTransformer2DModel().config)  # its defaults are Z-Image's
    found = expected(part, config)
    assert found == real(part, config)
    assert count is None or len(found) == count


@pytest.mark.parametrize(
    ("part", "changes"),
    [("vae", {"block_out_channels": [32] * 1000, "layers_per_block": 1000}),
     ("vae", {"layers_per_block": 17}), ("vae", {"latent_channels": 10**400}),
     ("transformer", {"all_patch_size": list(range(100_000)), "all_f_patch_size": [1] * 100_000}),
     ("transformer", {"all_patch_size": [10**4000]}), ("transformer", {"dim": 10**400}),
     ("transformer", {"n_layers": 1001}), ("text_encoder", {"num_hidden_layers": 10**9})],
)  # fmt: skip
def test_numbers_beyond_any_models_are_told_and_fill_no_memory(part: str, changes: dict[str, Any]) -> None:
    config = demo(part) | changes
    said = misfit(part, OwnPart(prefix="", naming="diffusers", shapes={}, others=()), config, name=part)
    assert said is not None
    assert f"{part}/config.json contradicts itself: {next(iter(changes))} is larger" in said
    assert expected(part, config) is None


def test_texts_in_the_place_of_numbers_fill_no_memory() -> None:
    hostile = {"all_patch_size": [10**6], "all_f_patch_size": ["a"]}
    assert expected("transformer", demo("transformer") | hostile) is None
    assert expected("text_encoder", demo("text_encoder") | {"head_dim": 10**9, "num_attention_heads": "a"}) is None
