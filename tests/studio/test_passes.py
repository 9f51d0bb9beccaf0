"""Captions of unequal length: parted into passes without a mask, to the same latents but for rounding."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from diffusers import ZImagePipeline

from worker.studio.stages.passes import Passes


@pytest.fixture
def asked(parts):
    torch.manual_seed(0)
    captions = [torch.randn(tokens, parts.transformer.config.cap_feat_dim).bfloat16() for tokens in (20, 70, 31, 96)]
    return [torch.randn(16, 1, 16, 8).bfloat16() for _ in captions], torch.full((4,), 0.5), captions


@pytest.mark.parametrize("are_parted", [False, True])
def test_every_latent_comes_back_at_its_place(parts, asked, monkeypatch, are_parted: bool) -> None:
    sizes = []
    forward = parts.transformer.forward
    monkeypatch.setattr(
        parts.transformer,
        "forward",
        lambda latents, *rest, **named: sizes.append(len(latents)) or forward(latents, *rest, **named),
    )
    passes = Passes(parts.transformer)
    passes.are_parted = are_parted
    with torch.no_grad():
        alone = [
            forward([latents], torch.tensor([0.5]), [caption])[0][0]
            for latents, _, caption in zip(asked[0], asked[1], asked[2], strict=True)
        ]
        made = passes(*asked, return_dict=False)[0]
    assert sizes == ([2, 2] if are_parted else [4])
    for one, other in zip(made, alone, strict=True):
        assert (one - other).abs().mean() <= 0.02 * other.abs().mean()


def test_equal_captions_stay_in_one_pass(parts, asked, monkeypatch) -> None:
    sizes = []
    forward = parts.transformer.forward
    monkeypatch.setattr(
        parts.transformer, "forward", lambda latents, *rest: sizes.append(len(latents)) or forward(latents, *rest)
    )
    passes = Passes(parts.transformer)
    passes.are_parted = True
    latents, timestep, captions = asked
    with torch.no_grad():
        passes(latents[:2], timestep[:2], [captions[0], captions[2]])
    assert sizes == [2]
    assert passes.in_channels == 16


def test_the_pipeline_computes_where_the_transformer_is(parts) -> None:
    pipe = ZImagePipeline(transformer=None, scheduler=None, tokenizer=None, text_encoder=None, vae=None)
    pipe.transformer = Passes(deepcopy(parts.transformer).to("meta"))
    assert pipe._execution_device.type == "meta"
    assert pipe.transformer.dtype == torch.bfloat16
