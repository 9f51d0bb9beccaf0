"""The parts of a model folder: which files each needs, and what is wrong with them.

Knows the diffusers layout of Z-Image, by files alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TypeGuard

from worker.errors import ModelAway
from worker.plain_names import is_plain_file_name
from worker.studio.model_files.safetensors_file import FileFaultError, read_header
from worker.translation import gettext

PIPELINE = "ZImagePipeline"
CLASSES = {
    "scheduler": ("FlowMatchEulerDiscreteScheduler",),
    "text_encoder": ("Qwen3Model", "Qwen3ForCausalLM"),
    "tokenizer": ("Qwen2Tokenizer", "Qwen2TokenizerFast"),
    "transformer": ("ZImageTransformer2DModel",),
    "vae": ("AutoencoderKL",),
}
"""Classes of model_index.json that this program can load."""

CONFIGS = {
    "scheduler": "scheduler_config.json",
    "text_encoder": "config.json",
    "tokenizer": "tokenizer_config.json",
    "transformer": "config.json",
    "vae": "config.json",
}
WEIGHTS = {
    "text_encoder": "model.safetensors",
    "transformer": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
}
"""File name when in one piece; sharded weights have it with `.index.json` at the end."""

READABLE = {"BF16", "F32", "F16", "I64", "I32", "BOOL"}
"""Kinds of number that become bf16 by rounding alone; 8-bit weights need their scales and another loader."""

JSON_BYTES = 32 * 1024**2
"""Of a JSON file at most: a tokenizer.json has 11 MB."""

VOCABULARY = ("tokenizer.json", "vocab.json", "merges.txt")
TOKENIZER_EXTRAS = ("chat_template.jinja", "added_tokens.json", "special_tokens_map.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """Where a model's files lie."""

    folder: Path
    """In diffusers layout, absolute."""
    transformer_file: Path | None = None
    """A safetensors file with all of the transformer's weights, in place of the folder's own."""


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """While files of a model are read: one that cannot be read now says nothing about the model.

    Args:
        folder: named where the error names no file.

    Raises:
        ModelAway: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise ModelAway(
            gettext(
                "{file} cannot be read ({why}): mount its disk or share; check its rights, and those of the folders "
                "above it (a service sees nothing below /home).",
                file=str(error.filename or folder.absolute()),
                why=error.strerror or str(error),
            )
        ) from error


def read_json(path: Path) -> dict[str, object]:
    """A JSON object, or an empty one when the file is missing or no such thing (`faults` tells that).

    It follows links, unlike `disk.content.read_record`: a download cache has its files behind them.

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
    return tuple(part / name for name in sorted({name for name in _weight_map(index).values() if _is_shard_name(name)}))


def _is_shard_name(name: object) -> TypeGuard[str]:
    """Whether an index may name this file: one beside it, never a way to another folder; faults tell it on one line."""
    return isinstance(name, str) and is_plain_file_name(name) and name.isprintable()


def _weight_map(index: Path) -> dict[str, object]:
    """File name by tensor name, as the index has it, which may be no name; empty when the index is no such thing."""
    entries = read_json(index).get("weight_map")
    return dict(entries) if isinstance(entries, dict) else {}


def listed(head: str, faults: Iterable[str]) -> str:
    """One text of a sentence and what it announces, a line each.

    Args:
        head: the sentence.
        faults: a sentence each.
    """
    return reduce(lambda text, fault: gettext("{text}\n- {fault}", text=text, fault=fault), faults, head)


def unusable(folder: Path, faults: Iterable[str]) -> str:
    """Why a model cannot be used, for a person.

    Args:
        folder: of the model.
        faults: all of them, a sentence each.
    """
    return listed(gettext("The model in {folder} cannot be used:", folder=str(folder)), faults)


def faults(source: ModelSource) -> Iterator[str]:
    """Everything wrong with a model's files, without loading them: a sentence each, with its remedy.

    Raises:
        OSError: one cannot be read now, which says nothing about it.
    """
    folder = source.folder
    if not (folder / "model_index.json").is_file():
        yield gettext(
            "{folder} has no model_index.json: it is not a model folder in diffusers layout. "
            "Give the folder that holds model_index.json.",
            folder=str(folder),
        )
        return
    yield from _class_faults(read_json(folder / "model_index.json"))
    for part, config in CONFIGS.items():
        if not read_json(folder / part / config):
            yield gettext(
                "{part}/{config} is missing or not JSON: copy the folder {part}/ once more.", part=part, config=config
            )
    if not ((folder / "tokenizer/tokenizer.json").is_file() or _has(folder, "vocab.json", "merges.txt")):
        yield gettext("tokenizer/ has neither tokenizer.json nor vocab.json with merges.txt: copy it once more.")
    yield from _template_faults(folder)
    for part, stem in WEIGHTS.items():
        if not (part == "transformer" and source.transformer_file):
            yield from _weight_faults(folder / part, stem)
    if source.transformer_file:
        yield from _file_faults(source.transformer_file, source.transformer_file.name, held=set())


def _has(folder: Path, *names: str) -> bool:
    return all((folder / "tokenizer" / name).is_file() for name in names)


def _class_faults(index: dict[str, object]) -> Iterator[str]:
    if index.get("_class_name") != PIPELINE:
        name = index.get("_class_name")
        yield gettext(
            "model_index.json is for {name}, not {pipeline}: use a Z-Image or Z-Image-Turbo model.",
            name=repr(name),
            pipeline=PIPELINE,
        )
        return
    for part, allowed in CLASSES.items():
        entry = index.get(part)
        name = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
        if name not in allowed:
            either = reduce(lambda some, other: gettext("{some} or {other}", some=some, other=other), allowed)
            yield gettext(
                "model_index.json names {name} as {part}; {allowed} can be used.",
                name=repr(name),
                part=part,
                allowed=either,
            )


def _template_faults(folder: Path) -> Iterator[str]:
    config = read_json(folder / "tokenizer/tokenizer_config.json")
    if config and not config.get("chat_template") and not _has(folder, "chat_template.jinja"):
        yield gettext(
            "tokenizer/ has no chat template (in tokenizer_config.json or chat_template.jinja): copy it once more."
        )


def _weight_faults(part: Path, stem: str) -> Iterator[str]:
    index = shard_index(part, stem)
    held: set[str] = set()
    for file in weight_files(part, stem):
        yield from _file_faults(file, f"{part.name}/{file.name}", held=held)
    if index is None:
        return
    strange = sorted(repr(name) for name in _weight_map(index).values() if not _is_shard_name(name))
    if strange:
        yield gettext(
            "{index} names {name}: only names of files beside it are allowed. "
            "No model needs another: do not trust this folder, download it from its source.",
            index=f"{part.name}/{index.name}",
            name=strange[0],
        )
        return
    promised = set(_weight_map(index))
    if not promised:
        yield gettext("{index} names no files: copy it once more.", index=f"{part.name}/{index.name}")
    # a missing file has been told already
    elif promised - held and all(file.is_file() for file in weight_files(part, stem)):
        lost = promised - held
        yield gettext(
            "{index} promises {count} tensors that no file holds, such as {tensor}: copy {part}/ once more.",
            index=f"{part.name}/{index.name}",
            count=len(lost),
            tensor=min(lost),
            part=part.name,
        )


def _file_faults(path: Path, name: str, *, held: set[str]) -> Iterator[str]:
    try:
        header = read_header(path)
    except FileNotFoundError:
        yield gettext("{name} is missing: copy it into place.", name=name)
    except FileFaultError as fault:
        yield gettext("{name} {fault}.", name=name, fault=fault.args[0])
    except IsADirectoryError:
        yield gettext("{name} is a folder: copy the file into its place.", name=name)
    else:
        held.update(header.tensors)
        strange = {tensor.dtype for tensor in header.tensors.values()} - READABLE
        if strange:
            yield gettext(
                "{name} holds {kinds} numbers: use a file in bf16 or fp32, not a quantised one.",
                name=name,
                kinds=", ".join(sorted(strange)),
            )
