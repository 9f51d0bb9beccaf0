"""Inspecting a model folder: which kind it is, recommended settings, faults, identity.

Knows the model's files and their names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from worker.errors import ModelAway, ModelInvalid
from worker.identity import ModelIdentity, ModelKind
from worker.records import LONGEST_PX, Recommendation
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.checking.unfinished import unfinished
from worker.studio.model_files.fitting import configs_of, longest_px, misfits
from worker.studio.model_files.parts import ModelSource, faults, read_json, reading, unusable
from worker.studio.model_files.verify import needed_files, verify
from worker.translation import gettext

log = structlog.get_logger()

DEMO_ID = "zimage-worker-demo"
"""`_name_or_path` in the embedded model's model_index.json: it is known wherever the folder is copied."""

RECOMMENDED: dict[ModelKind, Recommendation] = {
    "turbo": Recommendation(width_px=1024, height_px=1024, steps=8, guidance=0.0),
    "base": Recommendation(width_px=1024, height_px=1024, steps=40, guidance=4.0),
    "demo": Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0),
}
"""Source: the model cards of Z-Image-Turbo and Z-Image; guidance counts as ZImagePipeline counts it."""

TURBO_SHIFT, BASE_SHIFT_FROM = 3.0, 5.0
"""Shift of the scheduler: 3 in Z-Image-Turbo, 6 in Z-Image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedModel:
    """A model as its files describe it, before anything is loaded."""

    source: ModelSource
    id: str
    kind: ModelKind
    recommendation: Recommendation
    faults: tuple[str, ...]
    """What is wrong, a sentence each with its remedy; empty when it can be loaded."""
    longest_px: tuple[int, int] = LONGEST_PX
    """Width and height of a picture at most."""

    @property
    def is_demo(self) -> bool:
        """Whether this is the embedded model."""
        return self.kind == "demo"

    def require_whole(self) -> None:
        """Let a model with faults go no further.

        Raises:
            ModelInvalid: there are faults; the text lists all of them.
        """
        if self.faults:
            raise ModelInvalid(unusable(self.source.folder, self.faults))


def inspect_model(
    folder: Path, *, model_kind: Literal["auto"] | ModelKind = "auto", transformer_file: Path | None = None
) -> InspectedModel:
    """Look at a model's files; a fraction of a second, whatever their size.

    Args:
        folder: in diffusers layout.
        model_kind: `auto` decides by the scheduler's shift and the folder's own names.
        transformer_file: a single-file transformer in place of the folder's.

    Raises:
        ModelInvalid: `auto` cannot decide, or it is no folder.
        ModelAway: there is no such folder, nothing in it, or it cannot be read now.
    """
    places = (folder, transformer_file.parent) if transformer_file else (folder,)
    with reading(folder):
        _require_there(*places)
        found = _inspected(folder, model_kind=model_kind, transformer_file=transformer_file)
        if found.faults:
            _require_there(*places)  # a share that went away meanwhile looks as if parts were missing
        return found


def _require_there(*folders: Path) -> None:
    """Let nobody take an unmounted disk for a damaged model.

    Raises:
        ModelAway: there is no such folder, or nothing in it.
        ModelInvalid: it is something else.
        OSError: it cannot be read.
    """
    for folder in folders:
        try:
            is_empty = next(folder.iterdir(), None) is None
        except FileNotFoundError:
            raise ModelAway(
                gettext(
                    "{folder}: there is no such folder: set `model:` to the folder of the model, or mount its disk.",
                    folder=str(folder.absolute()),
                )
            ) from None
        except NotADirectoryError:
            raise ModelInvalid(
                gettext(
                    "{folder}: is no folder: set `model:` to the folder of the model.", folder=str(folder.absolute())
                )
            ) from None
        if is_empty:
            raise ModelAway(
                gettext(
                    "{folder} has no model_index.json, nor anything else: mount its disk or share, or copy the model "
                    "there. Give the folder that holds model_index.json.",
                    folder=str(folder.absolute()),
                )
            )


def _inspected(
    folder: Path, *, model_kind: Literal["auto"] | ModelKind, transformer_file: Path | None
) -> InspectedModel:
    # absolute, but not resolved: a link named after the model is a better name than a snapshot's hash
    source = ModelSource(
        folder=folder.absolute(), transformer_file=transformer_file.absolute() if transformer_file else None
    )
    # whose download has not ended lacks whatever comes later, which needs no telling
    rests: tuple[str, ...] = tuple(unfinished(needed_files(source)))
    found = rests or (*faults(source), *misfits(source))
    is_demo = read_json(source.folder / "model_index.json").get("_name_or_path") == DEMO_ID
    kind: ModelKind = "demo" if is_demo else _kind(source.folder, found) if model_kind == "auto" else model_kind
    name = transformer_file.stem if transformer_file else source.folder.name
    return InspectedModel(
        source=source,
        id=DEMO_ID if is_demo else name,
        kind=kind,
        recommendation=RECOMMENDED[kind],
        faults=found,
        longest_px=longest_px(configs_of(source)),
    )


def _kind(folder: Path, found: tuple[str, ...]) -> ModelKind:
    shift = read_json(folder / "scheduler/scheduler_config.json").get("shift")
    if shift == TURBO_SHIFT:
        return "turbo"
    if isinstance(shift, int | float) and shift >= BASE_SHIFT_FROM:
        return "base"
    for hint in (folder.name, str(read_json(folder / "model_index.json").get("_name_or_path", "")), _title(folder)):
        word = re.search(r"(?<![a-z])(turbo|base)(?![a-z])", hint.lower())
        if word:
            return "turbo" if word[1] == "turbo" else "base"
    kind_unknown = gettext("it says nowhere which kind it is: set `model_kind` to turbo or base")
    raise ModelInvalid(unusable(folder, (kind_unknown, *found)))


def _title(folder: Path) -> str:
    """First heading of the folder's model card."""
    try:
        lines = (folder / "README.md").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith("#")), "")


def identify(
    model: InspectedModel, *, cache_file: Path | None = None, between: Callable[[], object] = lambda: None
) -> ModelIdentity:
    """Read everything that loading reads, compare it with what its download kept, and hash it.

    Args:
        model: without faults.
        cache_file: remembers what was read, file by file: 20 GB are read once, not at each start.
        between: called several times a second while files are read, in case somebody wants to end it.

    Raises:
        ModelAway: a file went missing or cannot be read.
        ModelInvalid: a file is not what was downloaded, or is damaged.
    """
    with reading(model.source.folder):
        found = verify(model.source, model.id, ReadCache(cache_file, between=between))
    if found.faults:
        raise ModelInvalid(unusable(model.source.folder, found.faults))
    log.info("model.verified", said=found.summary())
    lines = sorted(f"{file.name} {file.read.sha256}\n" for file in found.files if file.read)
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    return ModelIdentity(id=model.id, kind=model.kind, sha256=digest, demo=model.is_demo)
