"""Layouts: the files of one part under other names, in more or fewer pieces, in several forms at once."""

from __future__ import annotations

from pathlib import Path

from zoo.embedded import STEMS, TURBO, TWO, frame, rewrite, sharded, single, turbo, whole
from zoo.layout import layout

PICKLE_IN_ZIP = b"PK\3\4" + bytes(22) + b"\x10\0\0\0archive/data.pkl" + b"\x80\x02}q\0." * 20


def variant(folder: Path) -> Path:
    model = frame(folder / TURBO)
    for part, stem in STEMS.items():
        whole(part, model / part / f"{stem}.bf16.safetensors")
    return model


@layout("folders", works="add")
def variant_bf16_single(folder: Path) -> Path:
    """`variant="bf16"` in file names: plain diffusers loads it."""
    return variant(folder)


@layout("folders", works="add")
def variant_bf16_sharded(folder: Path) -> Path:
    """`variant="bf16"`, the transformer in shards."""
    model = variant(folder)
    (model / "transformer/diffusion_pytorch_model.bf16.safetensors").unlink()
    sharded("transformer", model / "transformer", TWO, variant="bf16")
    return model


@layout("folders", works="run")
def variant_beside_plain(folder: Path) -> Path:
    """Both the plain files and those of a variant, which is damaged: loading takes the plain ones."""
    model = single(folder / TURBO)
    (model / "transformer/diffusion_pytorch_model.fp16.safetensors").write_bytes(b"\x10" + bytes(30))
    return model


@layout("folders", works="run")
def both_index_and_single_transformer(folder: Path) -> Path:
    """The transformer in shards and in one file."""
    model = turbo(folder / TURBO)
    whole("transformer", model / "transformer/diffusion_pytorch_model.safetensors")
    return model


@layout("folders", works="run")
def both_index_and_single_te(folder: Path) -> Path:
    """The text encoder in shards and in one file."""
    model = turbo(folder / TURBO)
    whole("text_encoder", model / "text_encoder/model.safetensors")
    return model


@layout("folders")
def stale_index_single_present(folder: Path) -> Path:
    """The index of shards that are gone, beside the whole transformer."""
    model = both_index_and_single_transformer(folder)
    for file in (model / "transformer").glob("*-of-*"):
        file.unlink()
    return model


@layout("folders")
def shards_without_index(folder: Path) -> Path:
    """All three shards without their index."""
    model = turbo(folder / TURBO)
    (model / "transformer/diffusion_pytorch_model.safetensors.index.json").unlink()
    return model


@layout("folders", works="run")
def bin_beside_safetensors(folder: Path) -> Path:
    """Pickles beside the safetensors files: loading takes the latter."""
    model = single(folder / TURBO)
    (model / "transformer/diffusion_pytorch_model.bin").write_bytes(b"\x80\x02}q\0.")
    return model


@layout("folders")
def bin_only(folder: Path) -> Path:
    """Pickles in place of safetensors files."""
    model = frame(folder / TURBO)
    for part, stem in STEMS.items():
        name = "pytorch_model" if part == "text_encoder" else stem
        (model / part / f"{name}.bin").write_bytes(PICKLE_IN_ZIP)
    return model


@layout("folders", works="run")
def twelve_shards(folder: Path) -> Path:
    """The transformer saved anew in many small shards."""
    model = single(folder / TURBO)
    (model / "transformer/diffusion_pytorch_model.safetensors").unlink()
    sharded("transformer", model / "transformer", [1] * 12)
    return model


@layout("folders", works="run")
def shards_of_other_names(folder: Path) -> Path:
    """An index whose shards have names of their own, which loading takes from it."""
    model = single(folder / TURBO)
    (model / "transformer/diffusion_pytorch_model.safetensors").unlink()
    index = model / "transformer/diffusion_pytorch_model.safetensors.index.json"
    for file, name in zip(sharded("transformer", index.parent, TWO), ("first", "second"), strict=True):
        file.rename(file.with_name(f"{name}.safetensors"))
        rewrite(index, index.read_bytes().replace(file.name.encode(), f"{name}.safetensors".encode()))
    return model
