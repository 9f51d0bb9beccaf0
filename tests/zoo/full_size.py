"""Layouts at full size: real names, shapes and sizes of files over holes, so that 33 GB take no room.

Whoever reads their numbers reads 33 GB of zeros: they are for what judges headers.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from zoo.embedded import (
    STEMS,
    THREE,
    TURBO,
    TWO,
    PartName,
    edit_json,
    frame,
    index_of,
    published_tokenizer,
    single,
    write_json,
)
from zoo.layout import Written, layout
from zoo.naming import comfy, ldm, prefixed
from zoo.tensor_files import Tensor, Tensors, shards, write_tensors

SHAPES = Path(__file__).with_name("full_size.json")


@cache
def _described() -> dict[str, dict[str, dict[str, object]]]:
    return json.loads(SHAPES.read_text("utf-8"))


def tensors_at_full_size(part: PartName, dtype: str = "BF16") -> dict[str, Tensor]:
    """One part's tensors in diffusers' names, without numbers.

    Args:
        part: which.
        dtype: of all of them.
    """
    described = _described()[part]["tensors"]
    return {name: Tensor(dtype, tuple(shape)) for name, shape in described.items()}  # type: ignore[arg-type]


def write_sharded(part: PartName, folder: Path, tensors: Tensors, sizes: tuple[float, ...]) -> None:
    """Shards and their index.

    Args:
        part: which.
        folder: of the model.
        tensors: of the part.
        sizes: of the shards, in any unit.
    """
    pieces = list(shards(tensors, sizes))
    names = [f"{STEMS[part]}-{n:05}-of-{len(pieces):05}.safetensors" for n in range(1, len(pieces) + 1)]
    for name, piece in zip(names, pieces, strict=True):
        write_tensors(folder / part / name, piece)
    write_json(folder / part / f"{STEMS[part]}.safetensors.index.json", index_of(zip(names, pieces, strict=True)))


def configured(model: Path) -> Path:
    """The embedded model's frame with the real model's configurations."""
    for part in STEMS:
        edit_json(model / part / "config.json", **_described()[part]["config"])
    edit_json(model / "text_encoder/config.json", layer_types=["full_attention"] * 36, max_position_embeddings=40960)
    published_tokenizer(model / "tokenizer")
    return model


def full_size(model: Path, *, dtype: str, sizes: tuple[float, ...], shift: float) -> Path:
    """A whole folder.

    Args:
        model: the folder.
        dtype: of the transformer.
        sizes: of its shards.
        shift: of its scheduler.
    """
    configured(frame(model, title=model.name, shift=shift))
    write_sharded("transformer", model, tensors_at_full_size("transformer", dtype), sizes)
    write_sharded("text_encoder", model, prefixed("model.", tensors_at_full_size("text_encoder")), (3.96, 3.99, 0.1))
    write_tensors(model / "vae/diffusion_pytorch_model.safetensors", tensors_at_full_size("vae"))
    return model


@layout("full size")
def full_size_turbo(folder: Path) -> Path:
    """Z-Image-Turbo as published: 33 GB."""
    return full_size(folder / TURBO, dtype="F32", sizes=THREE, shift=3.0)


@layout("full size")
def full_size_base(folder: Path) -> Path:
    """Z-Image as published: 20 GB."""
    return full_size(folder / "Z-Image", dtype="BF16", sizes=TWO, shift=6.0)


def comfy_files(models: Path) -> Path:
    """ComfyUI's three files in its folders."""
    write_tensors(
        models / "diffusion_models/z_image_turbo_bf16.safetensors", comfy(tensors_at_full_size("transformer"))
    )
    write_tensors(
        models / "text_encoders/qwen_3_4b.safetensors", prefixed("model.", tensors_at_full_size("text_encoder"))
    )
    write_tensors(models / "vae/ae.safetensors", ldm(tensors_at_full_size("vae", "F32")))
    return models


@layout("full size")
def full_size_comfyui(folder: Path) -> Path:
    """ComfyUI's three files: 20 GB."""
    return comfy_files(folder / "ComfyUI/models")


@layout("full size")
def full_size_aio(folder: Path) -> Path:
    """An all-in-one checkpoint: 20 GB."""
    held = prefixed("model.diffusion_model.", comfy(tensors_at_full_size("transformer")))
    held |= prefixed("text_encoders.qwen3_4b.transformer.model.", tensors_at_full_size("text_encoder"))
    return write_tensors(
        folder / "z_image_turbo_aio_bf16.safetensors", held | prefixed("vae.", ldm(tensors_at_full_size("vae")))
    )


@layout("full size")
def full_size_single_file(folder: Path) -> Written:
    """A finetune of 12 GB beside the folder of 33 GB."""
    model = full_size(folder / TURBO, dtype="F32", sizes=THREE, shift=3.0)
    file = write_tensors(
        folder / "files/mymodel_v3.safetensors",
        prefixed("model.diffusion_model.", comfy(tensors_at_full_size("transformer"))),
    )
    return Written(model=str(model), transformer_file=str(file))


@layout("full size")
def full_size_file_in_a_toy_folder(folder: Path) -> Written:
    """A full-size file beside the embedded model: another width than the folder's configuration says."""
    model = single(folder / "demo", origin="zimage-worker-demo")
    file = write_tensors(folder / "files/z_image_turbo_bf16.safetensors", comfy(tensors_at_full_size("transformer")))
    return Written(model=str(model), transformer_file=str(file))
