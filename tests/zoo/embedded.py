"""The embedded model as material: its parts as tensors, and folders in diffusers layout made of them."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from zoo.naming import prefixed
from zoo.numbers_as import each, fp32
from zoo.tensor_files import PT, Tensor, Tensors, index_of, read_tensors, shards, write_tensors

WEIGHTS = Path(__file__).resolve().parents[2] / "worker/demo/weights"
PartName = Literal["transformer", "text_encoder", "vae"]
STEMS: Mapping[PartName, str] = {
    "transformer": "diffusion_pytorch_model", "text_encoder": "model", "vae": "diffusion_pytorch_model",
}  # fmt: skip
TURBO = "Z-Image-Turbo"
THREE = (9.97, 9.97, 4.67)
"""Sizes of Z-Image-Turbo's three shards, in GB."""
TWO = (9.97, 2.34)
"""Those of Z-Image's two."""
HASHES: dict[tuple[int, int, int, int], str] = {}
"""SHA-256 by device, inode, size and time of change."""


@cache
def tensors_of(part: PartName) -> dict[str, Tensor]:
    """One part's tensors, bf16, in diffusers' names."""
    return read_tensors(WEIGHTS / part / f"{STEMS[part]}.safetensors")


@cache
def pool() -> Path:
    """Where files lie that several layouts have; gone with the process."""
    folder = Path(tempfile.mkdtemp(prefix="zoo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def link(source: Path, target: Path) -> Path:
    """One file under a second name; a copy where disks differ."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
    return target


def pooled(key: str, target: Path, tensors: Callable[[], Tensors], metadata: Mapping[str, str] | None = PT) -> Path:
    """A weight file that several layouts have: written once in a process, and linked.

    Args:
        key: names what is in it.
        target: its place in the layout.
        tensors: makes its content.
        metadata: of its header.
    """
    source = pool() / f"{key}.safetensors"
    if not source.exists():
        write_tensors(source, tensors(), metadata)
    return link(source, target)


def whole(part: PartName, target: Path) -> Path:
    """One part in one bf16 file, as it is."""
    return pooled(part, target, lambda: tensors_of(part))


def sharded(
    part: PartName, folder: Path, sizes: Sequence[float] = THREE, *, key: str = "", variant: str = "",
    tensors: Callable[[], Tensors] | None = None,
) -> list[Path]:  # fmt: skip
    """One part in shards with their index.

    Args:
        part: which.
        folder: of the part.
        sizes: of the shards, in any unit.
        key: names what is in them, where it is not the part itself.
        variant: as diffusers writes it into file names.
        tensors: makes the content, where it is not the part itself.
    """
    held = (tensors or (lambda: tensors_of(part)))()
    pieces = list(shards(held, sizes))
    dot = f".{variant}" if variant else ""
    names = [f"{STEMS[part]}{dot}-{n:05}-of-{len(pieces):05}.safetensors" for n in range(1, len(pieces) + 1)]
    files = [
        pooled(f"{key or part}-{'-'.join(map(str, sizes))}-{number}", folder / name, lambda piece=piece: piece)
        for number, (name, piece) in enumerate(zip(names, pieces, strict=True))
    ]
    index = f"{STEMS[part]}.safetensors.index{dot}.json"
    write_json(folder / index, index_of(zip(names, pieces, strict=True)))
    return files


def write_json(file: Path, content: object) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=2), "utf-8")
    return file


def edit_json(file: Path, **changes: object) -> None:
    """Change keys of a JSON object; the file may be a link of the pool, and is replaced."""
    content = json.loads(file.read_text("utf-8")) | changes
    file.unlink()
    write_json(file, content)


def rewrite(file: Path, content: bytes) -> Path:
    """Another content under a name that may be a link."""
    file.unlink(missing_ok=True)
    file.write_bytes(content)
    return file


CARD = """---
license: apache-2.0
pipeline_tag: text-to-image
library_name: diffusers
---
# {title}

A text-to-image model.
"""


def frame(folder: Path, *, title: str = TURBO, origin: str = "", shift: float = 3.0) -> Path:
    """Everything of a model folder but weights: index, configurations, tokenizer, card.

    Args:
        folder: of the model.
        title: of its card.
        origin: `_name_or_path` of its index.
        shift: of its scheduler.
    """
    for path in WEIGHTS.rglob("*"):
        if path.is_file() and path.suffix != ".safetensors" and path.name != "README.md":
            target = folder / path.relative_to(WEIGHTS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    edit_json(folder / "model_index.json", _name_or_path=origin)
    edit_json(folder / "scheduler/scheduler_config.json", shift=shift)
    (folder / "README.md").write_text(CARD.format(title=title), "utf-8")
    return folder


def single(folder: Path, **framed: object) -> Path:
    """A whole model in bf16, each part in one file."""
    frame(folder, **framed)  # type: ignore[arg-type]
    for part, stem in STEMS.items():
        whole(part, folder / part / f"{stem}.safetensors")
    return folder


def turbo(folder: Path) -> Path:
    """A whole model as Z-Image-Turbo is published: three fp32 shards, three of the text encoder."""
    frame(folder)
    sharded("transformer", folder / "transformer", key="fp32", tensors=lambda: each(tensors_of("transformer"), fp32))
    sharded(
        "text_encoder", folder / "text_encoder", (3.96, 3.99, 0.1), key="causal-text_encoder",
        tensors=lambda: prefixed("model.", tensors_of("text_encoder")),
    )  # fmt: skip
    whole("vae", folder / "vae/diffusion_pytorch_model.safetensors")
    published_tokenizer(folder / "tokenizer")
    return folder


def published_tokenizer(tokenizer: Path) -> None:
    """As published: template and added tokens in the configuration, the vocabulary in both forms."""
    template = tokenizer / "chat_template.jinja"
    content = json.loads((WEIGHTS / "tokenizer/tokenizer.json").read_text("utf-8"))
    rules = ("content", "lstrip", "normalized", "rstrip", "single_word", "special")
    added = {str(token["id"]): {rule: token[rule] for rule in rules} for token in content["added_tokens"]}
    edit_json(
        tokenizer / "tokenizer_config.json", chat_template=template.read_text("utf-8"), added_tokens_decoder=added
    )
    template.unlink()
    vocabulary_files(tokenizer)


def vocabulary_files(tokenizer: Path) -> None:
    """The old form of the vocabulary, which the published folders have beside `tokenizer.json`."""
    model = json.loads((WEIGHTS / "tokenizer/tokenizer.json").read_text("utf-8"))["model"]
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in model["merges"]]
    (tokenizer / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False), "utf-8")
    (tokenizer / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", "utf-8")


def sha256(file: Path) -> str:
    """Of a file; those of the pool are read once."""
    about = file.stat()
    key = (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)
    if key not in HASHES:
        HASHES[key] = hashlib.sha256(file.read_bytes()).hexdigest()
    return HASHES[key]


def kept_hash(file: Path) -> str:
    """The hash that a hub keeps of a file: sha256 of large ones, git's sha1 of the others."""
    if file.suffix == ".safetensors" or file.name == "tokenizer.json":
        return sha256(file)
    content = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def relative_link(target: Path, to: Path) -> None:
    """A relative link, as the HF cache has them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(os.path.relpath(to, target.parent))
