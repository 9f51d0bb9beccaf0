"""Everything wrong with the weights of one part of a model folder, or with a single-file transformer.

Knows how a part's files are named, and what lies there in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from worker.studio.model_files.parts import (
    WEIGHTS,
    PartName,
    is_shard_name,
    read_json,
    shard_index,
    weight_files,
    weight_map,
)
from worker.studio.model_files.recognise.first_bytes import not_weights
from worker.studio.model_files.recognise.found import Fault, Recognised, plain, said
from worker.studio.model_files.recognise.misfits import misfit, other_size
from worker.studio.model_files.recognise.missing_files import MODEL_ADD, instead_of
from worker.studio.model_files.recognise.own_parts import OwnPart, own_parts
from worker.studio.model_files.recognise.tensor_names import expected
from worker.studio.model_files.recognise.weights_file import TITLES, parts_said, read_tensors, recognise_tensors
from worker.studio.model_files.safetensors_file import NAME_SHOWN, Tensor
from worker.translation import gettext

OTHER_SIZE = "another size: "
"""Cause of a fault, before the part: its weights and its configuration are not of one model."""
LOADED_PREFIXES: Mapping[str, tuple[str, ...]] = {"transformer": ("",), "text_encoder": ("", "model."), "vae": ("",)}
"""Prefixes that the classes themselves know."""


def part_faults(folder: Path, part: PartName) -> list[Fault]:
    """What is wrong with a part's weights.

    Args:
        folder: of the part.
        part: which it is.

    Raises:
        OSError: a file cannot be read now.
    """
    return [*_part_faults(folder, part)]


def _part_faults(folder: Path, part: PartName) -> Iterator[Fault]:
    stem = WEIGHTS[part]
    index, files = shard_index(folder, stem), weight_files(folder, stem)
    if index is not None:
        wrong = _index_fault(index, f"{part}/{index.name}")
        if wrong is not None:
            yield wrong
            return
    missing = [file for file in files if not file.exists()]
    if missing:
        yield from instead_of(folder, part, missing, is_sharded=index is not None)
        return
    tensors: dict[str, Tensor] = {}
    broken = False
    for file in files:
        read = read_tensors(file, f"{part}/{file.name}")
        if isinstance(read, Recognised):
            broken = True
            yield Fault(read.what, f"{part}/{file.name}", said(read))
        else:
            tensors |= read
    if not broken:
        yield from _content_faults(folder, part, files, tensors, index)


def _index_fault(index: Path, name: str) -> Fault | None:
    names = weight_map(index)
    strange = sorted(repr(one) for one in names.values() if not is_shard_name(one))
    if strange:
        return Fault(
            "strange names",
            name,
            gettext(
                "{index} names {name}: only names of files beside it are allowed. "
                "No model needs another: do not trust this folder, download it from its source.",
                index=name,
                name=strange[0][:NAME_SHOWN],
            ),
        )
    pickled = sorted(str(one) for one in names.values() if not str(one).endswith(".safetensors"))
    if pickled:
        return Fault(
            "pickled",
            name,
            gettext(
                "{index} names {name}, no safetensors file: download the index and the files that end in .safetensors.",
                index=name,
                name=pickled[0][:NAME_SHOWN],
            ),
        )
    if names:
        return None
    other = not_weights(index, name)
    if other is not None and other.what in ("lfs pointer", "html page", "empty", "zeros", "no file"):
        return Fault(other.what, name, said(other))
    return Fault("no names", name, gettext("{index} names no files: download it once more.", index=name))


def _content_faults(
    folder: Path, part: PartName, files: tuple[Path, ...], tensors: Mapping[str, Tensor], index: Path | None
) -> Iterator[Fault]:
    name = f"{part}/" if len(files) > 1 else f"{part}/{files[0].name}"
    wrong = _content_fault(
        tensors, part, read_json(folder / "config.json"), files=files, name=name, prefixes=LOADED_PREFIXES[part]
    )
    if wrong is not None:
        yield wrong
        return
    lost = {*weight_map(index)} - tensors.keys() if index else set()
    if lost and index:
        yield Fault(
            "lost",
            name,
            gettext(
                "{index} promises {count} tensors that no file holds, such as {tensor}: "
                "download the files of {part}/ once more.",
                index=f"{part}/{index.name}",
                count=len(lost),
                tensor=min(lost)[:NAME_SHOWN],
                part=part,
            ),
        )


def _content_fault(
    tensors: Mapping[str, Tensor],
    part: PartName,
    config: Mapping[str, object],
    *,
    files: tuple[Path, ...],
    name: str,
    prefixes: tuple[str, ...] | None = None,
) -> Fault | None:
    """Why tensors cannot be loaded as a part.

    Args:
        tensors: by name.
        part: that they should be.
        config: of the part.
        files: in which they lie.
        name: for the sentence.
        prefixes: that can be loaded; any in any naming, when not given.
    """
    found = recognise_tensors(tensors, files=files, name=name)
    own = own_parts(tensors).get(part)
    if found.what in ("incomplete", "incomplete part") and own is not None:
        return Fault(f"misfit: {part}", name, misfit(part, own, config, name=name) or plain(found.text))
    if not found.parts and not (part == "vae" and own is not None and found.what == "other part"):
        return Fault(found.what, name, said(found))
    if own is None:
        return Fault(
            "other part",
            name,
            gettext("{text} {wanted} belongs there.", text=found.text, wanted=TITLES[part]),
        )
    wrong = misfit(part, own, config, name=name)
    if wrong is not None:
        is_size = wrong == other_size(part, own, expected(part, config) or {}, name=name)
        return Fault(f"{OTHER_SIZE}{part}" if is_size else f"misfit: {part}", name, wrong)
    return _naming_fault(own, name, prefixes) if prefixes is not None else None


def _naming_fault(own: OwnPart, name: str, prefixes: tuple[str, ...]) -> Fault | None:
    if own.naming == "diffusers" and own.prefix in prefixes:
        return None
    return Fault(
        "naming",
        name,
        gettext(
            "{name} has its tensors under other names than diffusers' ({how}). {remedy}",
            name=name,
            how=gettext("ComfyUI's or LDM's") if own.naming == "original" else repr(own.prefix),
            remedy=MODEL_ADD,
        ),
    )


def single_file_fault(file: Path, config: Path) -> list[Fault]:
    """What is wrong with a single-file transformer beside the configuration that it is loaded with.

    Args:
        file: of the transformer.
        config: of the model folder's own.

    Raises:
        OSError: a file cannot be read now.
    """
    try:
        read = read_tensors(file, file.name)
    except FileNotFoundError:
        text = gettext("`transformer_file:` {file} is missing: copy it into place.", file=str(file.absolute()))
        return [Fault("missing", file.name, text)]
    if isinstance(read, Recognised):
        return [Fault(read.what, file.name, said(read))]
    wrong = _content_fault(read, "transformer", read_json(config), files=(file,), name=file.name)
    return [wrong] if wrong is not None else []


def ignored(file: Path) -> str:
    """What lies in a single-file transformer besides and is not used: a sentence; empty when nothing does.

    Args:
        file: without faults.

    Raises:
        OSError: it cannot be read now.
    """
    read = read_tensors(file, file.name)
    if isinstance(read, Recognised):  # it has changed meanwhile, which hashing tells
        return ""
    others = [part for part in own_parts(read) if part != "transformer"]
    if not others:
        return ""
    return gettext(
        "{file} also holds {parts}, not used: the folder of `model:` has its own. To use them, give the file to "
        "`zimage-worker model add`.",
        file=file.name,
        parts=parts_said(others),
    )
