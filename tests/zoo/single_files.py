"""Layouts: a `transformer_file` beside a whole model folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zoo.downloads import PAGE, REFUSAL, pointer
from zoo.embedded import TURBO, pooled, single, tensors_of, turbo, whole
from zoo.layout import Layout, Maker, Works, Written, add_each, layout
from zoo.naming import comfy, ldm, prefixed
from zoo.numbers_as import each, fp16, fp32
from zoo.tensor_files import PT, Tensor, Tensors, header_of, hollow, shards, write_tensors

COMFY_PREFIX = "model.diffusion_model."
Change = Callable[[], Tensors]


def transformer() -> dict[str, Tensor]:
    return tensors_of("transformer")


def original() -> dict[str, Tensor]:
    """The transformer in the original names."""
    return comfy(transformer())


def beside(folder: Path, file: Path) -> Written:
    """A single file that stands for the transformer of a whole folder."""
    return Written(model=str(single(folder / TURBO)), transformer_file=str(file))


def holding(tensors: Change, *, file: str, key: str) -> Maker:
    def make(folder: Path) -> Written:
        return beside(folder, pooled(key, folder / "files" / file, tensors))

    make.__doc__ = f"`transformer_file: {file}`"
    return make


def row(name: str, tensors: Change, *, works: Works = "no", file: str = "", picture: str = "embedded") -> None:
    """A layout of one file with tensors; the file is called as the layout, if not otherwise."""
    made = holding(tensors, file=f"{file or name.removeprefix('tf_')}.safetensors", key=name)
    layout("single files", name=name, works=works, picture=picture)(made)  # type: ignore[arg-type]


def text_encoder_in_checkpoint() -> dict[str, Tensor]:
    """As ComfyUI's `CheckpointSave` writes it."""
    return prefixed("text_encoders.qwen3_4b.transformer.model.", tensors_of("text_encoder"))


def checkpoint() -> dict[str, Tensor]:
    """All three parts in one file."""
    held = prefixed(COMFY_PREFIX, original()) | text_encoder_in_checkpoint()
    return held | prefixed("vae.", ldm(tensors_of("vae")))


def with_final_norm(tensors: Tensors) -> dict[str, Tensor]:
    """A tensor that training tools leave, which no program reads: not a number, in every place."""
    return {**tensors, "norm_final.weight": Tensor("BF16", (192,), b"\xc0\x7f" * 192)}


def of_one_dimension(tensors: Tensors) -> dict[str, Tensor]:
    return {
        name: Tensor(tensor.dtype, tensor.shape[1:], tensor.data) if name.endswith("_pad_token") else tensor
        for name, tensor in tensors.items()
    }


def deeper(tensors: Tensors) -> dict[str, Tensor]:
    """Three layers more, all like the last."""
    more = {
        name.replace("layers.6.", f"layers.{number}."): tensor
        for number in (7, 8, 9)
        for name, tensor in tensors.items()
        if name.startswith("layers.6.")
    }
    return {**tensors, **more}


def shallower(tensors: Tensors) -> dict[str, Tensor]:
    """Two layers less."""
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(("layers.5.", "layers.6."))}


def half_as_wide(tensors: Tensors) -> dict[str, Tensor]:
    """A smaller model of the same kind."""

    def narrowed(tensor: Tensor) -> Tensor:
        shape = tuple((length + 1) // 2 for length in tensor.shape)
        numbers = np.frombuffer(tensor.data or b"", "<u2").reshape(tensor.shape)
        return Tensor(
            tensor.dtype, shape, numbers[tuple(slice(0, length) for length in shape)].copy(order="C").tobytes()
        )

    return each(tensors, narrowed)


def without(tensors: Tensors, *names: str) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in tensors.items() if name not in names}


row("tf_z_image_turbo_bf16", original, works="run")
row("tf_cyberrealisticZImage_v70_bf16", lambda: prefixed(COMFY_PREFIX, original()), works="run")
row("tf_diffusion_model_prefix", lambda: prefixed("diffusion_model.", original()), works="add")
row("tf_diffusers_names_prefixed", lambda: prefixed(COMFY_PREFIX, transformer()), works="add")
row("tf_transformer_prefix", lambda: prefixed("transformer.", transformer()), works="add")
row("tf_model_prefix", lambda: prefixed("model.", original()), works="add")
row("tf_odd_prefix", lambda: prefixed("net.backbone.", original()), works="add")
row("tf_unstableRevolution_norm_final_nan", lambda: with_final_norm(original()), works="run")
row("tf_norm_final_diffusers_names", lambda: with_final_norm(transformer()), works="add")
row("tf_z_image_turbo_aio_bf16", checkpoint, works="run")
row(
    "tf_merged_with_text_encoder",
    lambda: prefixed(COMFY_PREFIX, original()) | text_encoder_in_checkpoint(),
    works="run",
)
row("tf_fp16_comfy", lambda: each(original(), fp16), works="run", picture="fp16 transformer")
row("tf_fp32_comfy", lambda: each(original(), fp32), works="run")
row("tf_no_x_pad_token", lambda: hollow(without(original(), "x_pad_token")))
row("tf_no_pad_tokens", lambda: hollow(without(original(), "x_pad_token", "cap_pad_token")))
row("tf_pad_tokens_1d", lambda: hollow(of_one_dimension(original())))
row("tf_other_size_dim_half", lambda: half_as_wide(original()))
row("tf_deeper_10_layers", lambda: deeper(original()))
row("tf_shallower_5_layers", lambda: hollow(shallower(original())))
row("tf_ema_beside", lambda: {**original(), **prefixed("model_ema.", hollow(shallower(original())))})


@layout("single files", works="run")
def tf_diffusers_names(folder: Path) -> Written:
    """The folder's own file, given as a single one."""
    return beside(folder, whole("transformer", folder / "files/my_finetune.safetensors"))


@layout("single files", works="run")
def tf_slim_folder(folder: Path) -> Written:
    """A folder without the transformer's weights, which the file has."""
    written = beside(folder, pooled("tf_z_image_turbo_bf16", folder / "files/z_image_turbo_bf16.safetensors", original))
    (Path(written.model) / "transformer/diffusion_pytorch_model.safetensors").unlink()
    return written


@layout("single files")
def tf_slim_folder_no_config(folder: Path) -> Written:
    """A folder without the transformer's weights and configuration."""
    written = tf_slim_folder(folder)
    (Path(written.model) / "transformer/config.json").unlink()
    return written


@layout("single files")
def tf_one_shard(folder: Path) -> Written:
    """One shard of three."""
    model = turbo(folder / TURBO)
    return Written(
        model=str(model), transformer_file=str(model / "transformer/diffusion_pytorch_model-00001-of-00003.safetensors")
    )


@layout("single files")
def tf_one_shard_renamed(folder: Path) -> Written:
    """The second shard of three under a name of its own: only what it holds tells."""
    second = list(shards(transformer(), (1, 1, 1)))[1]
    return beside(folder, write_tensors(folder / "files/z_image_turbo.safetensors", second))


@layout("single files")
def tf_index(folder: Path) -> Written:
    """The index of the shards."""
    model = turbo(folder / TURBO)
    return Written(
        model=str(model), transformer_file=str(model / "transformer/diffusion_pytorch_model.safetensors.index.json")
    )


@layout("single files")
def tf_folder(folder: Path) -> Written:
    """A folder in place of a file."""
    model = turbo(folder / TURBO)
    return Written(model=str(model), transformer_file=str(model / "transformer"))


@layout("single files")
def tf_missing(folder: Path) -> Written:
    """No such file, in a folder that is there."""
    (folder / "files").mkdir()
    (folder / "files/other.txt").touch()
    return beside(folder, folder / "files/nowhere.safetensors")


def with_content(content: Callable[[], bytes], file: str, *, more: int = 0) -> Maker:
    def make(folder: Path) -> Written:
        target = folder / "files" / file
        target.parent.mkdir()
        target.write_bytes(content())
        os.truncate(target, target.stat().st_size + more)  # zeros that take no room
        return beside(folder, target)

    make.__doc__ = f"`transformer_file: {file}`"
    return make


def written() -> bytes:
    """A whole file with the original names."""
    held = original()
    return header_of(held, PT) + b"".join(tensor.data or b"" for tensor in held.values())


def damaged_header() -> bytes:
    head = bytearray(header_of(original(), PT))
    head[40:48] = b"\x00\xff" * 4
    return bytes(head)


add_each(
    "single files",
    {
        "tf_cut": with_content(lambda: header_of(original(), PT), "cut.safetensors", more=5_000_000),
        "tf_too_long": with_content(lambda: header_of(original(), PT), "too_long.safetensors", more=11_500_000),
        "tf_damaged_header": with_content(damaged_header, "damaged.safetensors", more=11_000_000),
        "tf_lfs": with_content(lambda: pointer(written()), "lfs.safetensors"),
        "tf_html_page": with_content(lambda: PAGE, "page.safetensors"),
        "tf_json_error": with_content(lambda: REFUSAL, "z_image_turbo.safetensors"),
        "tf_empty": with_content(lambda: b"", "empty.safetensors"),
        "tf_zeros": with_content(lambda: b"", "zeros.safetensors", more=11_000_000),
        "tf_gguf": with_content(lambda: b"GGUF\3\0\0\0" + bytes(5016), "z_image_turbo-Q8_0.gguf"),
        "tf_gguf_named_safetensors": with_content(lambda: b"GGUF\3\0\0\0" + bytes(5016), "z_image.safetensors"),
        "tf_png_named_safetensors": with_content(lambda: b"\x89PNG\r\n\x1a\n" + bytes(900), "z.safetensors"),
    },
)


def model_is(name: str) -> Maker:
    """The single file of another layout, written where the folder belongs."""

    def make(folder: Path) -> Written:
        made = _layout(name).make(folder / "made")
        return Written(model=str(made.transformer_file))

    make.__doc__ = f"`model:` is the file of {name}."
    return make


def _layout(name: str) -> Layout:
    from zoo.layout import LAYOUTS

    return LAYOUTS[name]


add_each(
    "single files",
    {
        "model_is_file": model_is("tf_z_image_turbo_bf16"),
        "model_is_gguf": model_is("tf_gguf"),
        "model_is_lfs_pointer": model_is("tf_lfs"),
        "model_is_html_page": model_is("tf_html_page"),
        "model_is_shard": model_is("tf_one_shard"),
    },
)
add_each("single files", {"model_is_aio_file": model_is("tf_z_image_turbo_aio_bf16")}, works="add")
