"""Layouts: downloads that went wrong, and files that changed afterwards."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from zoo.embedded import STEMS, TURBO, frame, link, pool, rewrite, sha256, single, turbo
from zoo.layout import layout
from zoo.published import hub, kept_by_download

SHARD = "transformer/diffusion_pytorch_model-{:05}-of-00003.safetensors"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to continue</body></html>\n"
REFUSAL = b'{"error":"Access to model Tongyi-MAI/Z-Image-Turbo is restricted. Please log in."}'


def pointer(content: bytes) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n".encode()


def flip(second_shard: Path) -> None:
    """Let three bits of it be others; one file for all layouts."""
    spoilt = pool() / "flipped.safetensors"
    if not spoilt.exists():
        content = bytearray(second_shard.read_bytes())
        for place in (2_000_000, 4_000_000, 6_000_000):
            content[place] ^= 0x40
        spoilt.write_bytes(content)
    second_shard.unlink()
    link(spoilt, second_shard)


@layout("download gone wrong")
def hf_cache_copied_dead_links(folder: Path) -> Path:
    """A snapshot copied to another disk as links, whose blobs stayed behind."""
    snapshot = hub(folder)
    copied = folder / "usb" / snapshot.name
    shutil.copytree(snapshot, copied, symlinks=True)
    return copied


@layout("download gone wrong")
def hf_cache_incomplete(folder: Path) -> Path:
    """A hub cache whose download was broken off: one blob has the ending of an unfinished one, its link is missing."""
    snapshot = hub(folder)
    linked = snapshot / SHARD.format(3)
    blob = linked.resolve()
    linked.unlink()
    rewrite(blob.with_name(f"{blob.name}.incomplete"), blob.read_bytes()[:1_000_000])
    blob.unlink()
    return snapshot


@layout("download gone wrong")
def hf_blob_flipped(folder: Path) -> Path:
    """Bits of a blob changed after the download: its name tells."""
    snapshot = hub(folder)
    blob = (snapshot / SHARD.format(2)).resolve()
    flip(blob)
    return snapshot


@layout("download gone wrong")
def half_missing_shard(folder: Path) -> Path:
    """One shard has not come yet."""
    model = turbo(folder / TURBO)
    (model / SHARD.format(2)).unlink()
    return model


@layout("download gone wrong")
def half_missing_parts(folder: Path) -> Path:
    """Whole parts have not come yet."""
    model = turbo(folder / TURBO)
    shutil.rmtree(model / "transformer")
    shutil.rmtree(model / "vae")
    return model


@layout("download gone wrong")
def truncated_shard(folder: Path) -> Path:
    """A shard that ends early."""
    model = turbo(folder / TURBO)
    file = model / SHARD.format(3)
    rewrite(file, file.read_bytes()[:3_000_000])
    return model


@layout("download gone wrong")
def preallocated_zeros_aria2(folder: Path) -> Path:
    """An aria2 download broken off: full size, the rest zeros, `.aria2` beside it."""
    model = turbo(folder / TURBO)
    file = model / SHARD.format(1)
    content = file.read_bytes()
    begun = int(len(content) * 0.41)
    os.truncate(rewrite(file, content[:begun]), len(content))
    file.with_name(f"{file.name}.aria2").write_bytes(b"\0\1\0\0\0\0" + bytes(60))
    return model


@layout("download gone wrong")
def preallocated_zeros_alone(folder: Path) -> Path:
    """The same without anything beside it: holes of zeros in the weights."""
    model = preallocated_zeros_aria2(folder)
    file = model / SHARD.format(1)
    file.with_name(f"{file.name}.aria2").unlink()
    return model


def unfinished(ending: str):
    def make(folder: Path) -> Path:
        model = turbo(folder / TURBO)
        file = model / SHARD.format(1)
        file.rename(file.with_name(file.name + ending))
        return model

    make.__doc__ = f"A shard whose name still ends in `{ending}`."
    return make


for ending in (".part", ".crdownload", ".incomplete", ".!qB", ".td.cfg"):
    layout("download gone wrong", name=f"unfinished_{ending.strip('.!').replace('.', '_')}")(unfinished(ending))


@layout("download gone wrong")
def part_beside_a_whole_file(folder: Path) -> Path:
    """A file and an unfinished download of it beside it."""
    model = single(folder / TURBO)
    (model / "vae/diffusion_pytorch_model.safetensors.part").write_bytes(bytes(1000))
    return model


@layout("download gone wrong")
def local_dir_incomplete(folder: Path) -> Path:
    """`hf download --local-dir` broken off: a shard is still in its cache, under its name for unfinished ones."""
    model = kept_by_download(turbo(folder / TURBO))
    file = model / SHARD.format(3)
    begun = model / ".cache/huggingface/download/transformer" / ("Zx9=." + "cd" * 32 + ".incomplete")
    begun.write_bytes(file.read_bytes()[:1_000_000])
    file.unlink()
    (model / ".cache/huggingface/download" / f"{SHARD.format(3)}.metadata").unlink()
    return model


@layout("download gone wrong")
def local_dir_flipped(folder: Path) -> Path:
    """Three bits changed after the download, whose notes tell."""
    model = kept_by_download(turbo(folder / TURBO))
    file = model / SHARD.format(2)
    flip(file)
    return model


@layout("download gone wrong")
def three_flipped_bits(folder: Path) -> Path:
    """Three bits changed, and nothing kept that would tell, but a list of hashes."""
    model = turbo(folder / TURBO)
    files = sorted(model.rglob("*.safetensors"))
    lines = [f"{sha256(file)}  {file.relative_to(model)}\n" for file in files]
    (model / "SHA256SUMS").write_text("".join(lines))
    file = model / SHARD.format(2)
    flip(file)
    return model


@layout("download gone wrong")
def zeros_in_text_encoder(folder: Path) -> Path:
    """A hole of zeros in the text encoder."""
    model = single(folder / TURBO)
    file = model / "text_encoder/model.safetensors"
    content = file.read_bytes()
    rewrite(file, content[:500_000] + bytes(600_000) + content[1_100_000:])
    return model


@layout("download gone wrong", works="run")
def shards_swapped(folder: Path) -> Path:
    """Two shards under each other's names: loading finds every tensor all the same."""
    model = turbo(folder / TURBO)
    one, other, aside = model / SHARD.format(1), model / SHARD.format(2), model / "aside"
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    return model


@layout("download gone wrong")
def browser_name_1(folder: Path) -> Path:
    """A browser's second download of the same name."""
    model = turbo(folder / TURBO)
    file = model / SHARD.format(2)
    file.rename(file.with_name("diffusion_pytorch_model-00002-of-00003 (1).safetensors"))
    return model


@layout("download gone wrong")
def browser_flat(folder: Path) -> Path:
    """All files in one folder, as a browser saves them: names that came twice have a number."""
    model, flat = turbo(folder / "made"), folder / "Z-Image-Turbo"
    flat.mkdir()
    for file in sorted(path for path in model.rglob("*") if path.is_file()):
        target = flat / file.name
        number = 0
        while target.exists():
            number += 1
            target = flat / f"{file.stem} ({number}){file.suffix}"
        file.rename(target)
    shutil.rmtree(model)
    return flat


@layout("download gone wrong")
def git_no_lfs(folder: Path) -> Path:
    """A git clone without Git LFS: pointers in place of all large files."""
    model = turbo(folder / TURBO)
    for file in [*model.rglob("*.safetensors"), model / "tokenizer/tokenizer.json"]:
        rewrite(file, pointer(file.read_bytes()))
    return model


@layout("download gone wrong")
def page_in_place_of_weights(folder: Path) -> Path:
    """A page of a site in place of the weights: a download without a login."""
    model = single(folder / TURBO)
    rewrite(model / "vae/diffusion_pytorch_model.safetensors", PAGE)
    return model


@layout("download gone wrong")
def refusal_in_place_of_weights(folder: Path) -> Path:
    """A site's refusal as JSON in place of the weights."""
    model = single(folder / TURBO)
    rewrite(model / "text_encoder/model.safetensors", REFUSAL)
    return model


@layout("download gone wrong")
def empty_weights(folder: Path) -> Path:
    """A weight file of no bytes."""
    model = single(folder / TURBO)
    rewrite(model / "transformer/diffusion_pytorch_model.safetensors", b"")
    return model


@layout("download gone wrong")
def all_zero_weights(folder: Path) -> Path:
    """A weight file of the right size and zeros only, header included."""
    model = single(folder / TURBO)
    file = model / "vae/diffusion_pytorch_model.safetensors"
    size = file.stat().st_size
    os.truncate(rewrite(file, b""), size)
    return model


@layout("download gone wrong")
def page_in_place_of_configs(folder: Path) -> Path:
    """A page of a site in place of each JSON file."""
    model = frame(folder / TURBO)
    for part, stem in STEMS.items():
        rewrite(model / part / "config.json", PAGE)
        rewrite(model / part / f"{stem}.safetensors", PAGE)
    return model


@layout("download gone wrong")
def no_transformer_config(folder: Path) -> Path:
    """The transformer's weights without its configuration."""
    model = single(folder / TURBO)
    (model / "transformer/config.json").unlink()
    return model


@layout("download gone wrong")
def no_scheduler(folder: Path) -> Path:
    """No scheduler."""
    model = single(folder / TURBO)
    shutil.rmtree(model / "scheduler")
    return model


@layout("download gone wrong")
def index_cut(folder: Path) -> Path:
    """An index of shards that ends early, as JSON."""
    model = turbo(folder / TURBO)
    file = model / "transformer/diffusion_pytorch_model.safetensors.index.json"
    rewrite(file, file.read_bytes()[:2000])
    return model


@layout("download gone wrong")
def shard_twice(folder: Path) -> Path:
    """The second shard is the first once more, under its name: a third of the tensors is nowhere."""
    model = turbo(folder / TURBO)
    (model / SHARD.format(2)).unlink()
    link(model / SHARD.format(1), model / SHARD.format(2))
    return model
