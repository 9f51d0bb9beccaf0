"""What lies in the place of a part's files that are missing, and what helps.

Knows how files of weights are named by those who publish, download and copy them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from worker.studio.model_files.parts import WEIGHTS, PartName
from worker.studio.model_files.recognise.found import Fault, said
from worker.studio.model_files.recognise.weights_file import recognise_file
from worker.translation import gettext

MOST_ENTRIES = 10_000
"""Of a folder, looked at."""
VARIANTS = ("bf16", "fp32", "fp16")
"""Of names of weights: those that `model add` takes, the best first."""
MODEL_ADD = gettext("Give the folder to `zimage-worker model add`, which takes them.")


OTHER_FORMATS = {
    ".bin": gettext("holds its weights as pickles (.bin) only, which can run code: download the .safetensors files."),
    ".flashpack": gettext("holds its weights as a flashpack, for another program: download the .safetensors files."),
    ".gguf": gettext(
        "holds its weights as a GGUF file, quantised for other programs: download the .safetensors files."
    ),
    ".msgpack": gettext("holds its weights for Flax: download the .safetensors files."),
    ".onnx": gettext("holds its weights for ONNX: download the .safetensors files."),
}
"""Endings of files that hold weights in other formats."""


def instead_of(folder: Path, part: PartName, missing: list[Path], *, is_sharded: bool) -> Iterator[Fault]:
    """Files that are missing, by what lies there in their place.

    Args:
        folder: of the part.
        part: which it is.
        missing: files that loading would read.
        is_sharded: whether an index names them.

    Raises:
        OSError: something cannot be read now.
    """
    with os.scandir(folder) as entries:
        there = sorted(entry.name for entry in islice(entries, MOST_ENTRIES))
    stem = WEIGHTS[part].removesuffix(".safetensors")
    if is_sharded and f"{stem}.safetensors" in there:
        yield Fault(
            "stale index",
            f"{part}/",
            gettext(
                "{index} names files that are not there, while {whole} is: delete the index.",
                index=f"{part}/{stem}.safetensors.index.json",
                whole=f"{part}/{stem}.safetensors",
            ),
        )
        return
    dead = [file for file in missing if file.is_symlink()]
    if dead:
        for file in dead:
            yield _dead_link(file, f"{part}/{file.name}")
        return
    copies = {file: _copy_of(file.name, there) for file in missing}
    if all(copies.values()):
        for file, copy in copies.items():
            yield Fault(
                f"renamed {file.name}",
                f"{part}/{file.name}",
                gettext("Rename {copy} to {name}.", copy=f"{part}/{copy}", name=file.name),
            )
        return
    if is_sharded:
        for file in missing:
            name = f"{part}/{file.name}"
            yield Fault("missing", name, gettext("{name} is missing: download it into place.", name=name))
        return
    yield _not_named_so(folder, part, there)


def _dead_link(file: Path, name: str) -> Fault:
    with suppress(FileNotFoundError):
        file.stat()  # a link that leads in a circle is the path's own fault
    return Fault(
        "dead link",
        name,
        gettext(
            "{name} is a link to a file that is not there ({target}): mount the disk to which it leads, or copy the "
            "model again with `cp -rL`.",
            name=name,
            target=str(file.readlink()),
        ),
    )


def _not_named_so(folder: Path, part: PartName, there: list[str]) -> Fault:
    stem = WEIGHTS[part].removesuffix(".safetensors")
    variant = _variant(folder, part, there)
    if variant is not None:
        return variant
    shards = [name for name in there if re.fullmatch(rf"{stem}-\d+-of-\d+\.safetensors", name)]
    if shards:
        return Fault(
            "no index",
            f"{part}/",
            gettext(
                "{part}/ holds pieces of its weights, but not the index {index}: download it into place.",
                part=part,
                index=f"{stem}.safetensors.index.json",
            ),
        )
    for ending, text in OTHER_FORMATS.items():
        if any(name.endswith(ending) for name in there):
            return Fault(ending, f"{part}/", gettext("{part}/ {other}", part=part, other=text))
    single = [name for name in there if name.endswith(".safetensors")]
    if len(single) == 1 and not (folder / single[0]).exists():
        return _dead_link(folder / single[0], f"{part}/{single[0]}")
    if len(single) == 1:
        found = recognise_file(folder / single[0], f"{part}/{single[0]}")
        if found.what in ("single file", "aio", "text encoder", "vae"):
            return Fault(
                "other name",
                f"{part}/",
                gettext(
                    "{text} It is not named {name}. {remedy}", text=found.text, name=WEIGHTS[part], remedy=MODEL_ADD
                ),
            )
        return Fault(found.what, f"{part}/{single[0]}", said(found))
    name = f"{part}/{WEIGHTS[part]}"
    return Fault("missing", name, gettext("{name} is missing: download it into place.", name=name))


def _variant(folder: Path, part: PartName, there: list[str]) -> Fault | None:
    stem = WEIGHTS[part].removesuffix(".safetensors")
    for variant in VARIANTS:
        names = variant_files(there, stem, variant)
        if names:
            return Fault(
                "variant",
                f"{part}/",
                gettext(
                    "{part}/ holds the variant {variant} of its weights ({name}): give the folder to "
                    "`zimage-worker model add`, which takes it.",
                    part=part,
                    variant=variant,
                    name=names[0],
                ),
            )
    others = variant_files(there, stem)
    if not others or sum(name.endswith(".safetensors") for name in there) == 1:  # which is told by what is in it
        return None
    name = others[0]
    found = recognise_file(folder / name, f"{part}/{name}")
    if not found.parts and found.what not in ("incomplete", "incomplete part"):
        return Fault(found.what, f"{part}/{name}", said(found))
    return Fault(
        "other variant",
        f"{part}/",
        gettext(
            "{part}/ holds a variant of its weights ({name}) that cannot be taken: download {wanted}.",
            part=part,
            name=name,
            wanted=WEIGHTS[part],
        ),
    )


def variant_files(there: list[str], stem: str, variant: str = r"\w+") -> list[str]:
    """The files of a variant, in either way of naming them.

    Args:
        there: names of a part's files.
        stem: of the weights' names, without ending.
        variant: which, or a pattern.
    """
    forms = (rf"{stem}\.({variant})(-\d+-of-\d+)?\.safetensors", rf"{stem}-\d+-of-\d+\.({variant})\.safetensors")
    found = ([name for name in there if re.fullmatch(form, name)] for form in forms)
    return next((names for names in found if names), [])


def _copy_of(name: str, there: list[str]) -> str | None:
    """A file that a browser or copier has named anew: `name (1).safetensors`."""
    stem, _, ending = name.rpartition(".")
    pattern = re.compile(rf"{re.escape(stem)}\s*(\(\d+\)|- Copy|_\d|的副本)\.{re.escape(ending)}")
    return next((one for one in there if pattern.fullmatch(one)), None)
