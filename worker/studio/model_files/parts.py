"""The parts of a model folder: which files each needs, and how they are read.

Knows the diffusers layout of Z-Image, by files alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeGuard

from worker.errors import ModelAway, ModelInvalid
from worker.plain_names import is_plain_file_name
from worker.studio.model_files.reach import WRONG, unreachable
from worker.studio.model_files.safetensors_file import open_regular, parse_json
from worker.translation import gettext, joined

PIPELINES = ("ZImagePipeline", "ZImageImg2ImgPipeline", "ZImageInpaintPipeline")
"""Classes of diffusers that have the same parts."""
CLASSES = {
    "scheduler": ("FlowMatchEulerDiscreteScheduler",),
    "text_encoder": ("Qwen3Model", "Qwen3ForCausalLM"),
    "tokenizer": ("Qwen2Tokenizer", "Qwen2TokenizerFast"),
    "transformer": ("ZImageTransformer2DModel",),
    "vae": ("AutoencoderKL",),
}
"""Classes of model_index.json that this program can load."""

PartName = Literal["transformer", "text_encoder", "vae"]
CONFIGS = {
    "scheduler": "scheduler_config.json",
    "text_encoder": "config.json",
    "tokenizer": "tokenizer_config.json",
    "transformer": "config.json",
    "vae": "config.json",
}
WEIGHTS: dict[PartName, str] = {
    "text_encoder": "model.safetensors",
    "transformer": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
}
"""File name when in one piece; sharded weights have it with `.index.json` at the end."""

NAME_BYTES = 255
"""Of a file's name at most, on any file system."""
JSON_BYTES = 32 * 1024**2
"""Of a JSON file at most: a tokenizer.json has 11 MB."""

VOCABULARY = ("tokenizer.json", "vocab.json", "merges.txt")
TOKENIZER_EXTRAS = ("chat_template.jinja", "chat_template.json", "added_tokens.json", "special_tokens_map.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """Where a model's files lie."""

    folder: Path
    """In diffusers layout, absolute."""
    transformer_file: Path | None = None
    """A safetensors file with all of the transformer's weights, in place of the folder's own."""
    shift: float | None = None
    """Of the scheduler, in place of the folder's own."""


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """While files of a model are read: one that cannot be read now says nothing about the model.

    Args:
        folder: named where the error names no file.

    Raises:
        ModelAway: in place of any OSError; a missing right too, which others mend, without this worker's doing.
        ModelInvalid: the path itself is wrong: links in a circle, a name too long.
    """
    try:
        yield
    except OSError as error:
        if error.errno in WRONG:
            raise ModelInvalid(unreachable(error, folder)) from error
        raise ModelAway(unreachable(error, folder)) from error


def read_json(path: Path) -> dict[str, object]:
    """A JSON object, or an empty one when the file is missing or no such thing (`faults` tells that).

    It follows links, unlike `disk.json_records.read_record`: a download cache has its files behind them.

    Raises:
        OSError: it cannot be read now, which says nothing about it.
    """
    try:
        with open_regular(path) as file:
            text = file.read(JSON_BYTES + 1)
        content = parse_json(text) if len(text) <= JSON_BYTES else None
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def loaded_files(source: ModelSource) -> tuple[Path, ...]:
    """Every existing file that loading reads: what the model's hash is over."""
    folder = source.folder
    names = {folder / "model_index.json", *(folder / part / config for part, config in CONFIGS.items())}
    names |= {folder / "tokenizer" / name for name in VOCABULARY + TOKENIZER_EXTRAS}
    for part, stem in WEIGHTS.items():
        if not (part == "transformer" and source.transformer_file):
            names |= {
                *weight_files(folder / part, stem),
                shard_index(folder / part, stem) or folder / "model_index.json",
            }
    if source.transformer_file:
        names.add(source.transformer_file)
    return tuple(sorted(name for name in names if name.is_file()))


def needed_files(source: ModelSource) -> tuple[Path, ...]:
    """The files that loading reads, also those that no model lacks, where they are missing."""
    own = {source.folder / part / config for part, config in CONFIGS.items()} | {source.folder / "model_index.json"}
    own |= {name for part, stem in WEIGHTS.items() for name in weight_files(source.folder / part, stem)}
    if source.transformer_file:
        own = {name for name in own if name.suffix != ".safetensors" or name.parent.name != "transformer"}
        own.add(source.transformer_file)
    return tuple(sorted({*own, *loaded_files(source)}))


def shard_index(part: Path, stem: str) -> Path | None:
    """The shard index by which loading goes, or None when the part is in one piece.

    Args:
        part: folder of the part.
        stem: name of its weights when in one piece, a value of `WEIGHTS`.
    """
    index = part / f"{stem}.index.json"
    # diffusers prefers the index, transformers the single file
    is_sharded = index.is_file() and not (stem == WEIGHTS["text_encoder"] and (part / stem).is_file())
    return index if is_sharded else None


def weight_files(part: Path, stem: str) -> tuple[Path, ...]:
    """The files with one part's weights; they may be missing.

    Args:
        part: folder of the part.
        stem: as `shard_index` has it.
    """
    index = shard_index(part, stem)
    if index is None:
        return (part / stem,)
    return tuple(part / name for name in sorted({name for name in weight_map(index).values() if is_shard_name(name)}))


def is_shard_name(name: object) -> TypeGuard[str]:
    """Whether an index may name this file: one beside it, never a way to another folder; faults tell it on one line.

    Args:
        name: as an index has it.
    """
    return (
        isinstance(name, str) and is_plain_file_name(name) and name.isprintable() and len(name.encode()) <= NAME_BYTES
    )


def weight_map(index: Path) -> dict[str, object]:
    """File name by tensor name, as the index has it, which may be no name; empty when the index is no such thing.

    Args:
        index: the file.
    """
    entries = read_json(index).get("weight_map")
    return dict(entries) if isinstance(entries, dict) else {}


def name_in(folder: Path, path: Path) -> str:
    """What a file is called to people: its path in the model's folder; of one that lies elsewhere its own name.

    Args:
        folder: of the model.
        path: of the file.
    """
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def listed(head: str, faults: Iterable[str]) -> str:
    """One text of a sentence and what it announces, a line each.

    Args:
        head: the sentence.
        faults: a sentence each.
    """
    return joined((head, *faults), "\n- ")


def unusable(folder: Path, faults: Iterable[str]) -> str:
    """Why a model cannot be used, for a person.

    Args:
        folder: of the model.
        faults: all of them, a sentence each.
    """
    return listed(gettext("The model in {folder} cannot be used:", folder=str(folder)), faults)
