"""Inspecting a model folder: which kind it is, recommended settings, faults, identity.

Knows the model's files and their names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from worker.disk.mount_tables import MountTables
from worker.errors import ModelAway, ModelInvalid
from worker.identity import ModelIdentity, ModelKind
from worker.lazy_names import LazyLog
from worker.records import LONGEST_PX, Recommendation
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.checking.unfinished import unfinished
from worker.studio.model_files.fitting import configs_of, longest_px, misfits
from worker.studio.model_files.kind_signs import SCHEDULER, ToldKind, folder_name, told_kind
from worker.studio.model_files.kinds import KINDS
from worker.studio.model_files.model_record import ModelRecord, read_model_record
from worker.studio.model_files.parts import PIPELINES, ModelSource, needed_files, read_json, reading, unusable
from worker.studio.model_files.reach import hidden_below, is_bare, require_mounted
from worker.studio.model_files.recognise.as_written import as_written
from worker.studio.model_files.recognise.folder_faults import faults
from worker.studio.model_files.recognise.found import said
from worker.studio.model_files.recognise.part_faults import ignored
from worker.studio.model_files.recognise.recognise import recognise
from worker.studio.model_files.single_file import require_file
from worker.studio.model_files.verify import verify
from worker.translation import enumerated, gettext

log = LazyLog()

DEMO_ID = "zimage-worker-demo"
"""`_name_or_path` in the embedded model's model_index.json: it is known wherever the folder is copied."""

NAMES = {"repo id": 2, "demo": 1}
"""Names that are also good names of folders, and how many folders such a name has."""

RECOMMENDED: dict[ModelKind, Recommendation] = {kind: one.recommendation for kind, one in KINDS.items()}
"""Size, steps and guidance by kind."""


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
    told_by: tuple[str, ...] = ()
    """Where the kind comes from, for a person; empty where it is set, or needs no telling."""
    contradiction: str = ""
    """What speaks for another kind, a sentence with its remedy; empty where nothing does."""
    record: ModelRecord | None = None
    """What `model add` wrote about it; None of any other folder."""
    ignored: str = ""
    """What lies in the single file besides and is not used, a sentence; empty where nothing does."""

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
    folder: Path,
    *,
    model_kind: Literal["auto"] | ModelKind = "auto",
    transformer_file: Path | None = None,
    tables: MountTables | None = None,
) -> InspectedModel:
    """Look at a model's files; a fraction of a second, whatever their size.

    Args:
        folder: in diffusers layout, or a repository of a download cache.
        model_kind: `auto` decides by what the files and their names say.
        transformer_file: a single-file transformer in place of the folder's.
        tables: where this machine says what should be mounted; its own, when not given.

    Raises:
        ModelInvalid: `auto` cannot decide, or it is something else than a model.
        ModelAway: there is no such folder, nothing in it, or it cannot be read now.
    """
    places = (folder, transformer_file.parent) if transformer_file else (folder,)
    tables = tables or MountTables()
    with reading(folder):
        _require_there(folder, transformer_file, tables)
        try:
            found = _inspected(_model_folder(folder), model_kind=model_kind, transformer_file=transformer_file)
        except ModelInvalid:
            require_mounted(*places, tables=tables)
            raise
        if found.faults:
            _require_there(
                folder, transformer_file, tables
            )  # a share that went away meanwhile looks as if parts were missing
            dead = (file for file in needed_files(found.source) if file.is_symlink() and not file.exists())
            require_mounted(*places, *dead, tables=tables)
        return found


def _require_there(folder: Path, transformer_file: Path | None, tables: MountTables) -> None:
    """Let nobody take an unmounted disk for a damaged model.

    Raises:
        ModelAway: there is no such folder, or nothing in it; or so of the file's.
        ModelInvalid: it is something else.
        OSError: it cannot be read.
    """
    try:
        is_empty = next(folder.iterdir(), None) is None
    except FileNotFoundError:
        _require_written_as_path(folder, tables)
        hidden = hidden_below(folder.absolute())
        if hidden is not None:
            raise ModelAway(
                gettext(
                    "{folder}: there is no such folder, nor anything else below {hidden}, of which a service sees "
                    "nothing (`ProtectHome=` of its unit): move the model to a folder such as /srv/models.",
                    folder=str(folder.absolute()),
                    hidden=str(hidden),
                )
            ) from None
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
    if transformer_file is not None:
        require_file(transformer_file)


def _require_written_as_path(folder: Path, tables: MountTables) -> None:
    """Tell what was meant by a path that leads nowhere, where that can be told; a folder of a share may have any name.

    Raises:
        ModelInvalid: it is an address, a path of Windows, a name on the internet.
    """
    written = as_written(str(folder))
    if written is None:
        return
    levels = NAMES.get(written.what)
    if levels is None or not folder.is_absolute() or not is_bare(folder.parents[levels - 1], tables=tables):
        raise ModelInvalid(said(written))


def _is_no_folder(path: Path) -> ModelInvalid:
    found = recognise(path)
    return ModelInvalid(
        gettext(
            "{path}: is no folder: set `model:` to the folder of the model. {found}",
            path=str(path.absolute()),
            found=said(found),
        )
    )


def _model_folder(given: Path) -> Path:
    """The folder in diffusers layout that was given, or the snapshot in use of a repository that was given.

    Raises:
        ModelInvalid: there is none.
        OSError: it cannot be read.
    """
    if (given / "model_index.json").is_file():
        return given
    found = recognise(given)
    if found.folder is None or found.what != "hf cache":
        raise ModelInvalid(said(found))
    return found.folder


def _inspected(
    folder: Path, *, model_kind: Literal["auto"] | ModelKind, transformer_file: Path | None
) -> InspectedModel:
    # absolute, but not resolved: a link named after the model is a better name than a snapshot's hash
    source = ModelSource(
        folder=folder.absolute(), transformer_file=transformer_file.absolute() if transformer_file else None
    )
    found = _faults(source)
    is_demo = read_json(source.folder / "model_index.json").get("_name_or_path") == DEMO_ID
    record = read_model_record(source.folder)
    told = _told(source, record, "demo" if is_demo else model_kind, found)
    name = transformer_file.stem if transformer_file else record.name if record else folder_name(source.folder)
    return InspectedModel(
        source=replace(source, shift=told.shift),
        id=DEMO_ID if is_demo else name,
        kind=told.kind,
        recommendation=told.recommendation,
        faults=found,
        longest_px=longest_px(configs_of(source)),
        told_by=tuple(sign.where for sign in told.signs if sign.kind == told.kind),
        contradiction=told.contradiction,
        record=record,
        ignored=ignored(transformer_file) if transformer_file and not found else "",
    )


def _faults(source: ModelSource) -> tuple[str, ...]:
    # whose download has not ended lacks whatever comes later, which needs no telling
    rests = tuple(unfinished(needed_files(source)))
    if rests:
        return rests
    # of another pipeline's folder the class says it all
    is_ours = read_json(source.folder / "model_index.json").get("_class_name") in PIPELINES
    unfit = tuple(misfits(source)) if is_ours else ()
    return (
        *faults(source, but={part for one in unfit for part in one.parts}),
        *(one.text for one in unfit),
    )


def _told(
    source: ModelSource,
    record: ModelRecord | None,
    model_kind: Literal["auto"] | ModelKind,
    found: tuple[str, ...],
) -> ToldKind:
    told = told_kind(source, record, asked=model_kind)
    if told is None and found:  # whatever it is, that is the reason
        raise ModelInvalid(unusable(source.folder, found))
    if told is None:
        kind_unknown = gettext(
            "nothing says which kind it is: set `model_kind` to one of {kinds}",
            kinds=enumerated(kind for kind in KINDS if kind != "demo"),
        )
        raise ModelInvalid(unusable(source.folder, (kind_unknown,)))
    return told


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
        own_shift = _own_shift(model.source)
    if found.faults:
        raise ModelInvalid(unusable(model.source.folder, found.faults))
    log.info("model.verified", said=found.summary())
    lines = sorted(f"{file.name} {file.read.sha256}\n" for file in found.files if file.read)
    digest = hashlib.sha256("".join((*lines, *own_shift)).encode()).hexdigest()
    return ModelIdentity(id=model.id, kind=model.kind, sha256=digest, demo=model.is_demo)


def _own_shift(source: ModelSource) -> tuple[str, ...]:
    """A line of what makes other pictures of the same files; none where the scheduler's file, hashed too, says it."""
    config = read_json(source.folder / SCHEDULER)
    is_files = config.get("shift") == source.shift and not config.get("use_dynamic_shifting")
    return () if source.shift is None or is_files else (f"shift {source.shift}\n",)
