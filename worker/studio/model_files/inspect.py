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

from worker.errors import ModelAway, ModelInvalid
from worker.identity import ModelIdentity, ModelKind
from worker.records import LONGEST_PX, Recommendation
from worker.studio.model_files.fitting import configs_of, longest_px, misfits
from worker.studio.model_files.hashes import HashCache
from worker.studio.model_files.parts import ModelSource, loaded_files, read_json, reading, unusable
from worker.studio.model_files.recognise.as_written import as_written
from worker.studio.model_files.recognise.folder_faults import faults
from worker.studio.model_files.recognise.found import said
from worker.studio.model_files.recognise.recognise import recognise
from worker.translation import gettext

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
        folder: in diffusers layout, or one in which such a folder lies (a download cache).
        model_kind: `auto` decides by the scheduler's shift and the folder's own names.
        transformer_file: a single-file transformer in place of the folder's.

    Raises:
        ModelInvalid: `auto` cannot decide, or it is something else than a model.
        ModelAway: there is no such folder, nothing in it, or it cannot be read now.
    """
    places = (folder, transformer_file.parent) if transformer_file else (folder,)
    with reading(folder):
        _require_there(*places)
        found = _inspected(_model_folder(folder), model_kind=model_kind, transformer_file=transformer_file)
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
            _require_written_as_path(folder)
            raise ModelAway(
                gettext(
                    "{folder}: there is no such folder: set `model:` to the folder of the model, or mount its disk.",
                    folder=str(folder.absolute()),
                )
            ) from None
        except NotADirectoryError:
            raise _is_no_folder(folder) from None
        if is_empty:
            raise ModelAway(
                gettext(
                    "{folder} has no model_index.json, nor anything else: mount its disk or share, or copy the model "
                    "there. Give the folder that holds model_index.json.",
                    folder=str(folder.absolute()),
                )
            )


def _require_written_as_path(folder: Path) -> None:
    """Tell what was meant by a path that leads nowhere, where that can be told.

    Raises:
        ModelInvalid: it is an address, a path of Windows, a name on the internet.
    """
    written = as_written(str(folder))
    if written is not None:
        raise ModelInvalid(said(written))


def _is_no_folder(path: Path) -> ModelInvalid:
    found = recognise(path)
    return ModelInvalid(
        gettext(
            "{path} is no folder: set `model:` to the folder of the model. {found}",
            path=str(path.absolute()),
            found=said(found),
        )
    )


def _model_folder(given: Path) -> Path:
    """The folder in diffusers layout that was given, or that lies in what was given.

    Raises:
        ModelInvalid: there is none.
        OSError: it cannot be read.
    """
    if (given / "model_index.json").is_file():
        return given
    found = recognise(given)
    if found.folder is None:
        raise ModelInvalid(said(found))
    return found.folder


def _inspected(
    folder: Path, *, model_kind: Literal["auto"] | ModelKind, transformer_file: Path | None
) -> InspectedModel:
    # absolute, but not resolved: a link named after the model is a better name than a snapshot's hash
    source = ModelSource(
        folder=folder.absolute(), transformer_file=transformer_file.absolute() if transformer_file else None
    )
    found = (*faults(source), *misfits(source))
    is_demo = read_json(source.folder / "model_index.json").get("_name_or_path") == DEMO_ID
    kind: ModelKind = "demo" if is_demo else _kind(source.folder, found) if model_kind == "auto" else model_kind
    name = transformer_file.stem if transformer_file else name_of(source.folder)
    return InspectedModel(
        source=source,
        id=DEMO_ID if is_demo else name,
        kind=kind,
        recommendation=RECOMMENDED[kind],
        faults=found,
        longest_px=longest_px(configs_of(source)),
    )


def name_of(folder: Path) -> str:
    """What people call a model: its folder's name, or that of the repository whose snapshot it is.

    Args:
        folder: in diffusers layout.
    """
    repository = folder.parent.parent.name
    is_snapshot = folder.parent.name == "snapshots" and repository.startswith("models--")
    return repository.rpartition("--")[2] if is_snapshot else folder.name


def _kind(folder: Path, found: tuple[str, ...]) -> ModelKind:
    shift = read_json(folder / "scheduler/scheduler_config.json").get("shift")
    if shift == TURBO_SHIFT:
        return "turbo"
    if isinstance(shift, int | float) and shift >= BASE_SHIFT_FROM:
        return "base"
    for hint in (name_of(folder), str(read_json(folder / "model_index.json").get("_name_or_path", "")), _title(folder)):
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
    """Hash everything that loading reads.

    Args:
        model: without faults.
        cache_file: remembers hashes by path, size and time of change: 20 GB are read once, not at each start.
        between: called several times a second while files are read, in case somebody wants to end it.

    Raises:
        ModelAway: a file went missing or cannot be read.
    """
    cache = HashCache(cache_file, between=between)
    lines = []
    with reading(model.source.folder):
        for path in loaded_files(model.source):
            inside = path.is_relative_to(model.source.folder)
            name = path.relative_to(model.source.folder).as_posix() if inside else path.name
            lines.append(f"{name} {cache.sha256(path)}\n")
    cache.save()
    digest = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    return ModelIdentity(id=model.id, kind=model.kind, sha256=digest, demo=model.is_demo)
