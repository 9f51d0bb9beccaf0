"""Conversion of a model's weights: names, shapes and numbers, as torch and diffusers have them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers.loaders.single_file_utils import (
    convert_ldm_vae_checkpoint,
    convert_z_image_transformer_checkpoint_to_diffusers,
)
from hypothesis import given
from hypothesis import strategies as st
from model_forms import TEXT_ENCODER, TRANSFORMER, VAE, comfy_transformer, ldm_vae, part, prefixed, weights
from safetensors.torch import load_file, save_file

from worker.errors import ModelInvalid
from worker.studio.model_files.safetensors_file import read_header
from worker.studio.model_store.converter import Converter
from worker.studio.model_store.copy_plan import CopyPlan, copy_plan
from worker.studio.model_store.numbers import to_bf16


def converted(plan: CopyPlan, folder: Path, *, piece: int = 1000) -> dict[str, dict[str, torch.Tensor]]:
    """By target: its tensors, written in pieces of so many bytes."""
    made = {}
    for source in plan.sources:
        files = [(folder / target.name.replace("/", "-")).open("wb") for target in source.targets]
        converter = Converter(source, [file.write for file in files])
        data = source.path.read_bytes()
        for at in range(0, len(data), piece):
            converter.feed(data[at : at + piece])
        assert converter.is_done
        for file, target in zip(files, source.targets, strict=True):
            file.close()
            assert Path(file.name).stat().st_size == target.whole_bytes
            read_header(Path(file.name))
            made[target.name] = load_file(file.name)
    return made


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "model.diffusion_model.", "diffusion_model.", "model.", "any.thing."])
def test_comfyui_names_become_those_of_diffusers_whatever_stands_before_them(tmp_path: Path, prefix: str) -> None:
    save_file(prefixed(comfy_transformer(), prefix), tmp_path / "z.safetensors")
    plan = copy_plan({"transformer": part(tmp_path / "z.safetensors", prefix=prefix, naming="original")})
    made = converted(plan, tmp_path)[TRANSFORMER]
    assert equal(made, weights(TRANSFORMER))
    assert equal(made, convert_z_image_transformer_checkpoint_to_diffusers(comfy_transformer()))


def test_ldm_names_become_those_of_diffusers(tmp_path: Path) -> None:
    save_file(ldm_vae(), tmp_path / "ae.safetensors")
    made = converted(copy_plan({"vae": part(tmp_path / "ae.safetensors", naming="original")}), tmp_path)[VAE]
    assert equal(made, weights(VAE))
    blocks = {"down_block_types": [0] * 4, "up_block_types": [0] * 4}
    assert equal(made, convert_ldm_vae_checkpoint(ldm_vae(), blocks))


def test_three_parts_in_one_file_become_three_files_in_one_pass(tmp_path: Path) -> None:
    held = prefixed(comfy_transformer(), "model.diffusion_model.") | prefixed(ldm_vae(), "vae.")
    held |= prefixed(weights(TEXT_ENCODER), "text_encoders.qwen3_4b.transformer.model.")
    held |= {
        "text_encoders.qwen3_4b.logit_scale": torch.ones(1),
        "model.diffusion_model.norm_final.weight": torch.ones(9),
    }
    save_file(held, tmp_path / "aio.safetensors")
    file = tmp_path / "aio.safetensors"
    plan = copy_plan(
        {
            "transformer": part(file, prefix="model.diffusion_model.", naming="original"),
            "text_encoder": part(file, prefix="text_encoders.qwen3_4b.transformer.model."),
            "vae": part(file, prefix="vae.", naming="original"),
        }
    )
    made = converted(plan, tmp_path)
    assert all(equal(made[name], weights(name)) for name in (TRANSFORMER, TEXT_ENCODER, VAE))
    assert set(plan.left_out) == {"text_encoders.qwen3_4b.logit_scale", "model.diffusion_model.norm_final.weight"}


def test_a_part_without_a_prefix_takes_nothing_of_another_that_has_one(tmp_path: Path) -> None:
    file = tmp_path / "merged.safetensors"
    save_file(comfy_transformer() | prefixed(weights(TEXT_ENCODER), "te."), file)
    plan = copy_plan({"transformer": part(file, naming="original"), "text_encoder": part(file, prefix="te.")})
    assert equal(converted(plan, tmp_path)[TRANSFORMER], weights(TRANSFORMER))
    assert plan.left_out == ()


@pytest.mark.parametrize("prefix", ["", "model."])
def test_the_head_of_a_language_model_is_left_out(tmp_path: Path, prefix: str) -> None:
    file = tmp_path / "te.safetensors"
    save_file(prefixed(weights(TEXT_ENCODER), prefix) | {"lm_head.weight": torch.ones(8, 8)}, file)
    made = converted(copy_plan({"text_encoder": part(file, prefix=prefix)}), tmp_path)[TEXT_ENCODER]
    assert equal(made, prefixed(weights(TEXT_ENCODER), prefix))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("piece", [1, 7, 4096])
def test_numbers_become_bf16_wherever_the_pieces_are_cut(tmp_path: Path, dtype: torch.dtype, piece: int) -> None:
    file = tmp_path / "te.safetensors"
    held = {
        "layers.0.a": torch.randn(3, 37).to(dtype),
        "layers.0.b": torch.arange(5),
        "norm.weight": torch.ones(1).to(dtype),
    }
    save_file(held, file)
    made = converted(copy_plan({"text_encoder": part(file)}), tmp_path, piece=piece)[TEXT_ENCODER]
    assert torch.equal(made["layers.0.a"], held["layers.0.a"].bfloat16())
    assert torch.equal(made["layers.0.b"], held["layers.0.b"])


def test_a_file_that_needs_no_change_stays_the_same_bytes(tmp_path: Path) -> None:
    file = tmp_path / "odd-name.safetensors"
    save_file(weights(TRANSFORMER), file, metadata={"who": "me"})
    (target,) = copy_plan({"transformer": part(file)}).targets
    assert (target.is_same, target.whole_bytes) == (True, file.stat().st_size)


@given(st.lists(st.floats(width=32), min_size=1, max_size=50))
def test_every_number_rounds_as_in_torch(values: list[float]) -> None:
    wide = torch.tensor(values, dtype=torch.float32)
    narrow = torch.frombuffer(bytearray(to_bf16(wide.numpy().tobytes(), "F32")), dtype=torch.bfloat16)
    assert torch.equal(narrow.nan_to_num(1.5), wide.bfloat16().nan_to_num(1.5))
    assert torch.equal(narrow.isnan(), wide.isnan())


def test_every_half_precision_number_rounds_as_in_torch() -> None:
    wide = torch.arange(-(2**15), 2**15, dtype=torch.int16).view(torch.float16)
    narrow = torch.frombuffer(bytearray(to_bf16(wide.numpy().tobytes(), "F16")), dtype=torch.bfloat16)
    assert torch.equal(narrow.nan_to_num(1.5), wide.bfloat16().nan_to_num(1.5))


def test_a_tensor_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in "ab":
        save_file({"layers.0.a": torch.ones(2)}, tmp_path / f"{name}.safetensors")
    with pytest.raises(ModelInvalid, match="both hold"):
        copy_plan({"transformer": part(tmp_path / "a.safetensors", tmp_path / "b.safetensors")})


def test_quantised_numbers_are_refused(tmp_path: Path) -> None:
    save_file({"layers.0.a": torch.ones(2, 2).to(torch.float8_e4m3fn)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelInvalid, match="not a quantised one"):
        copy_plan({"transformer": part(tmp_path / "a.safetensors")})
