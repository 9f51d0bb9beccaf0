"""Layouts: ComfyUI's files, in its folders or put by hand where the files of a diffusers folder belong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from zoo.embedded import TURBO, pooled, rewrite, single, tensors_of
from zoo.layout import layout
from zoo.naming import ldm, prefixed
from zoo.single_files import checkpoint, original
from zoo.tensor_files import Tensor, Tensors, write_tensors

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"
TEXT_ENCODER = "text_encoder/model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"


def text_encoder() -> dict[str, Tensor]:
    """`qwen_3_4b.safetensors`: the names of the causal model, without its head."""
    return prefixed("model.", tensors_of("text_encoder"))


def ae() -> dict[str, Tensor]:
    """`ae.safetensors`: LDM's names."""
    return ldm(tensors_of("vae"))


def put_transformer(target: Path) -> Path:
    return pooled("tf_z_image_turbo_bf16", target, original)


def put_text_encoder(target: Path) -> Path:
    return pooled("qwen_3_4b", target, text_encoder)


def put_ae(target: Path) -> Path:
    return pooled("ae", target, ae)


def comfyui(models: Path, *, transformers: str = "diffusion_models", encoders: str = "text_encoders") -> Path:
    """ComfyUI's `models/` with the three files of its example workflow, beside empty folders and another model."""
    put_transformer(models / transformers / "z_image_turbo_bf16.safetensors")
    put_text_encoder(models / encoders / "qwen_3_4b.safetensors")
    put_ae(models / "vae/ae.safetensors")
    for name in ("checkpoints", "loras", "controlnet", "embeddings", "upscale_models"):
        (models / name).mkdir()
        (models / name / f"put_{name}_here").touch()
    return models


@layout("comfyui", works="add")
def comfyui_models_folder(folder: Path) -> Path:
    """ComfyUI's `models/`."""
    return comfyui(folder / "ComfyUI/models")


@layout("comfyui", works="add")
def comfyui_models_folder_old_names(folder: Path) -> Path:
    """ComfyUI's `models/` with the older folders `unet/` and `clip/`."""
    return comfyui(folder / "ComfyUI/models", transformers="unet", encoders="clip")


@layout("comfyui", works="add")
def comfyui_top(folder: Path) -> Path:
    """ComfyUI's own folder, above `models/`."""
    comfyui(folder / "ComfyUI/models")
    (folder / "ComfyUI/main.py").write_text("")
    return folder / "ComfyUI"


@layout("comfyui", works="add")
def comfyui_split_files(folder: Path) -> Path:
    """The repository that ComfyUI's example names, as downloaded: `split_files/`."""
    top = folder / "z_image_turbo"
    put_transformer(top / "split_files/diffusion_models/z_image_turbo_bf16.safetensors")
    put_text_encoder(top / "split_files/text_encoders/qwen_3_4b.safetensors")
    put_ae(top / "split_files/vae/ae.safetensors")
    return top


@layout("comfyui", works="add")
def comfyui_three_files_flat(folder: Path) -> Path:
    """The three files in one folder."""
    flat = folder / "z-image"
    put_transformer(flat / "z_image_turbo_bf16.safetensors")
    put_text_encoder(flat / "qwen_3_4b.safetensors")
    put_ae(flat / "ae.safetensors")
    return flat


@layout("comfyui", works="add")
def comfyui_checkpoints_aio(folder: Path) -> Path:
    """ComfyUI's `models/` with an all-in-one checkpoint alone."""
    models = folder / "ComfyUI/models"
    pooled("tf_z_image_turbo_aio_bf16", models / "checkpoints/z_image_turbo_aio_bf16.safetensors", checkpoint)
    (models / "vae").mkdir()
    return models


@layout("comfyui")
def comfyui_without_text_encoder(folder: Path) -> Path:
    """ComfyUI's `models/` with two of the three files."""
    models = comfyui(folder / "ComfyUI/models")
    shutil.rmtree(models / "text_encoders")
    return models


@layout("comfyui")
def comfyui_two_transformers(folder: Path) -> Path:
    """ComfyUI's `models/` with Turbo and base: which is meant?"""
    models = comfyui(folder / "ComfyUI/models")
    put_transformer(models / "diffusion_models/z_image_bf16.safetensors")
    return models


def replaced(part_file: str, put: Callable[[Path], object]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        model = single(folder / TURBO)
        (model / part_file).unlink()
        put(model / part_file)
        return model

    make.__doc__ = f"Another program's file under the name {part_file}."
    return make


def put(tensors: Callable[[], Tensors], key: str) -> Callable[[Path], Path]:
    return lambda target: pooled(key, target, tensors)


def with_mark(tensors: Tensors) -> dict[str, Tensor]:
    """A vision model's language half, as its files name it, and a tensor of its other half."""
    held = prefixed("model.language_model.", tensors)
    return {**held, "model.visual.patch_embed.proj.weight": Tensor("BF16", (64, 3, 2, 14, 14), b"\1\x3c" * 37632)}


layout("comfyui", works="add", name="comfy_file_renamed_in_transformer")(replaced(TRANSFORMER, put_transformer))
layout("comfyui", works="add", name="civitai_file_renamed_in_transformer")(
    replaced(
        TRANSFORMER,
        put(lambda: prefixed("model.diffusion_model.", original()), "tf_cyberrealisticZImage_v70_bf16"),
    )
)
layout("comfyui", works="add", name="aio_renamed_in_transformer")(
    replaced(TRANSFORMER, put(checkpoint, "tf_z_image_turbo_aio_bf16"))
)
layout("comfyui", works="add", name="ae_safetensors_renamed_in_vae")(replaced(VAE, put_ae))
layout("comfyui", works="run", name="qwen_3_4b_renamed_in_text_encoder")(replaced(TEXT_ENCODER, put_text_encoder))
layout("comfyui", works="add", name="te_other_prefix")(
    replaced(
        TEXT_ENCODER, put(lambda: prefixed("language_model.model.", tensors_of("text_encoder")), "te_other_prefix")
    )
)
layout("comfyui", name="te_vl_prefix")(
    replaced(TEXT_ENCODER, put(lambda: with_mark(tensors_of("text_encoder")), "te_vl_prefix"))
)
layout("comfyui", name="te_is_the_transformer")(replaced(TEXT_ENCODER, put_transformer))
layout("comfyui", name="vae_is_the_text_encoder")(replaced(VAE, put_text_encoder))


@layout("comfyui", works="add")
def comfy_file_own_name_in_transformer(folder: Path) -> Path:
    """ComfyUI's file put into `transformer/` under its own name, in place of the folder's."""
    model = single(folder / TURBO)
    (model / TRANSFORMER).unlink()
    put_transformer(model / "transformer/z_image_turbo_bf16.safetensors")
    return model


@layout("comfyui")
def te_lacks_a_tensor(folder: Path) -> Path:
    """A text encoder without one of its matrices."""
    model = single(folder / TURBO)
    held = dict(tensors_of("text_encoder"))
    del held["layers.1.mlp.up_proj.weight"]
    rewrite(model / TEXT_ENCODER, b"")
    write_tensors(model / TEXT_ENCODER, held)
    return model
