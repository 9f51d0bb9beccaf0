"""Signs of a model's kind, from its names, its card, its scheduler, its record and a single file's own words.

Knows where such words stand; what they come to, `kinds` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from worker.identity import ModelKind
from worker.records import Recommendation
from worker.studio.model_files.kinds import (
    KINDS,
    Sign,
    Trust,
    contradiction,
    decided,
    few_steps,
    is_bare,
    is_official_base,
    kinds_in,
    kinds_of_shift,
)
from worker.studio.model_files.model_card import CARD_BYTES, ModelCard, card_text
from worker.studio.model_files.model_record import RECORD, ModelRecord
from worker.studio.model_files.parts import ModelSource, read_json
from worker.studio.model_files.safetensors_file import FileFaultError, open_regular, read_header
from worker.translation import gettext

SCHEDULER = "scheduler/scheduler_config.json"
"""Where it says `use_dynamic_shifting`, its `shift` is not used."""
TITLES = ("modelspec.title", "name", "ss_output_name")
"""Keys of a safetensors file's metadata that name the model. Source: the ModelSpec metadata standard; kohya's
trainers."""
ANCESTORS = ("base_model", "ss_base_model_version", "ss_sd_model_name")
"""Keys there that name what it was made from."""
LONGEST_NAME, SHOWN = 300, 80
"""Characters of a name that are read, and told."""
LEVELS = 8
"""How far above a part of a model its cache's folder may lie; a name of strangers may have thousands of levels."""
CACHED = re.compile(r"^models--(.+?)--(.+)$")
"""A repository's folder in the cache of huggingface_hub."""
SNAPSHOTS = re.compile(r"^(?:models--)?(.+?)--(.+)$")
"""The folder above `snapshots` there, or in the cache of modelscope_hub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldKind:
    """The kind of a model, and why."""

    kind: ModelKind
    signs: tuple[Sign, ...]
    """Everything that tells it; none where the settings do."""
    contradiction: str
    """For a person; empty where all signs agree, or a person has decided."""
    recommendation: Recommendation
    shift: float | None
    """To be set at loading; None leaves the scheduler as its folder has it."""


def told_kind(
    source: ModelSource, record: ModelRecord | None, *, asked: Literal["auto"] | ModelKind = "auto"
) -> ToldKind | None:
    """The kind of a model, by everything that its files and names say; None where they say nothing.

    A person's `model_kind` decides alone. Else a folder's record (`model.json`) does, unless a single file stands in
    for the folder's transformer. A single file brings its own kind, and the shift of that kind: the folder's scheduler
    was for another transformer.

    Args:
        source: of the model.
        record: in its folder; None where there is none.
        asked: the setting `model_kind`.

    Raises:
        OSError: a file cannot be read now.
    """
    record_kind = record.kind if record and record.kind != "demo" else None  # that one is known by its index
    is_recorded = record_kind is not None and source.transformer_file is None
    signs = tuple(_recorded(record_kind)) if is_recorded else tuple(all_signs(source, record_kind))
    kind = asked if asked != "auto" else decided(signs)
    if kind is None:
        return None
    given = record if is_recorded and record_kind == kind else None
    return ToldKind(
        kind=kind,
        signs=signs if asked == "auto" else (),
        contradiction=contradiction(signs, kind) if asked == "auto" else "",
        recommendation=_recommendation(kind, given, source),
        shift=_shift(
            kind, given, source, is_known=asked != "auto" or any(one.trust >= Trust.FILE_LINEAGE for one in signs)
        ),
    )


def all_signs(source: ModelSource, record_kind: ModelKind | None = None) -> Iterator[Sign]:
    """Every sign of a model's kind.

    Args:
        source: of the model.
        record_kind: what the folder's record says.

    Raises:
        OSError: a file cannot be read now.
    """
    if source.transformer_file is not None:
        yield from _of_file(source.transformer_file)
    yield from _recorded(record_kind)
    index, card = read_json(source.folder / "model_index.json"), ModelCard(_card(source.folder))
    name, origin = folder_name(source.folder), str(index.get("_name_or_path") or "")
    yield from _of_place(source.folder, Trust.NAME, gettext("the folder's name {name}", name=_shown(name)))
    yield from _named(card.title, Trust.NAME, gettext("the title of README.md {title}", title=_shown(card.title)))
    yield from _of_place(
        Path(origin),
        Trust.LINEAGE,
        gettext("_name_or_path {name} of model_index.json", name=_shown(folder_name(Path(origin)))),
    )
    for ancestor in card.ancestors:
        yield from _named(ancestor, Trust.LINEAGE, gettext("base_model {name} of README.md", name=_shown(ancestor)))
    scheduler = read_json(source.folder / SCHEDULER)
    if not scheduler.get("use_dynamic_shifting"):
        shift = scheduler.get("shift")
        for kind in kinds_of_shift(shift):
            yield Sign(kind=kind, trust=Trust.SHIFT, where=gettext("the scheduler's shift {shift}", shift=str(shift)))


def folder_name(folder: Path) -> str:
    """The name by which people know a folder: of a snapshot in a download cache, that of its repository.

    Args:
        folder: need not be there.
    """
    return _owned_name(folder).partition("/")[2]


def cached_repository(folder: Path) -> str | None:
    """The repository that a download cache keeps in a folder, or in one above it: `Tongyi-MAI/Z-Image-Turbo`.

    Args:
        folder: need not be there.
    """
    above = (folder, *islice(folder.parents, LEVELS))
    snapshots = (place.parent.parent.name for place in above if place.parent.name == "snapshots")
    found = [*map(SNAPSHOTS.match, snapshots), *(CACHED.match(place.name) for place in above)]
    return next((f"{one[1]}/{one[2]}" for one in found if one), None)


def _owned_name(folder: Path) -> str:
    """The same after its owner, or after the folder that it lies in."""
    return cached_repository(folder) or f"{folder.parent.name}/{folder.name}"


def _of_place(folder: Path, trust: Trust, where: str) -> Iterator[Sign]:
    owned = _owned_name(folder)
    yield from _named(owned if is_official_base(owned) else folder_name(folder), trust, where, bare=Trust.BARE_NAME)


def _shown(name: str) -> str:
    return repr(name if len(name) <= SHOWN else f"{name[:SHOWN]}…")


def _named(name: str, trust: Trust, where: str, *, bare: Trust | None = None) -> Iterator[Sign]:
    """A sign for each kind that a name means; a bare name means the base model, as far as `bare` says."""
    name = name[:LONGEST_NAME]
    for kind in kinds_in(name):
        yield Sign(kind=kind, trust=trust, where=where)
    if bare is not None and is_bare(name):
        yield Sign(kind="base", trust=bare, where=where)


def _recorded(kind: ModelKind | None) -> Iterator[Sign]:
    if kind is not None:
        yield Sign(kind=kind, trust=Trust.RECORD, where=gettext("its record {file}", file=RECORD))


def _of_file(file: Path) -> Iterator[Sign]:
    where = gettext("the name of {file}", file=file.name)
    yield from _named(file.stem, Trust.FILE, where, bare=Trust.FILE_LINEAGE)
    told: Mapping[str, Any] = {}
    with suppress(FileFaultError, FileNotFoundError, NotADirectoryError, IsADirectoryError):  # which `faults` tells
        told = read_header(file).metadata
    for keys, trust in ((TITLES, Trust.FILE), (ANCESTORS, Trust.FILE_LINEAGE)):
        for key in keys:
            if isinstance(value := told.get(key), str):
                where = gettext("{key} {value} in {file}", key=key, value=_shown(value), file=file.name)
                yield from _named(value, trust, where)


def _card(folder: Path) -> str:
    """The beginning of the model card; empty where there is none."""
    try:
        with open_regular(folder / "README.md") as file:
            return card_text(file.read(CARD_BYTES))
    except (FileFaultError, FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""


def _recommendation(kind: ModelKind, record: ModelRecord | None, source: ModelSource) -> Recommendation:
    usual = KINDS[kind].recommendation
    if record:
        return replace(usual, steps=record.steps, guidance=float(record.guidance))
    name = source.transformer_file.stem if source.transformer_file else folder_name(source.folder)
    named = few_steps(name) if kind == "distilled" else None
    return replace(usual, steps=named or usual.steps)


def _shift(kind: ModelKind, record: ModelRecord | None, source: ModelSource, *, is_known: bool) -> float | None:
    if source.transformer_file is not None:
        return KINDS[kind].shift if is_known else None
    if record is None or record.shift is None or read_json(source.folder / SCHEDULER).get("use_dynamic_shifting"):
        return None
    return float(record.shift)
