"""Models that are there: which they are, and whether their files are still what was written.

Knows a folder of models, and the record in each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.disk.beneath import plain_files_in
from worker.errors import ModelInvalid, StopAsked
from worker.plain_names import is_litter
from worker.studio.model_files.checking.one_pass import ReadFile, read_once
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.checking.verification import Verification, VerifiedFile
from worker.studio.model_files.inspect import InspectedModel
from worker.studio.model_files.model_record import read_model_record, record_fault
from worker.studio.model_files.parts import loaded_files, name_in, reading, unusable
from worker.studio.model_files.reach import unreachable
from worker.studio.model_files.verify import compared
from worker.studio.model_store.draft import ENDING
from worker.studio.model_store.work import Work
from worker.translation import Text, ngettext

SYSTEMS = ("lost+found", "System Volume Information", "$RECYCLE.BIN")
"""Folders that a file system keeps for itself."""
SHOWN = 3
"""Files that a sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """A folder among the models."""

    name: str
    kind: str
    """Empty where nothing tells."""
    size_bytes: int
    verified: str | None
    """As `ModelRecord` has it."""
    is_whole: bool
    """False of one that somebody stopped writing."""
    fault: str = ""
    """Why it cannot be looked at, or what is wrong with its record: a sentence; empty where all is well."""


def stored_models(models_dir: Path) -> Iterator[StoredModel]:
    """Every model in a folder, by name; also those that were put there by hand, or are not whole.

    Args:
        models_dir: need not be there.

    Raises:
        ModelAway: it cannot be read now.
    """
    with reading(models_dir):
        for folder in sorted(models_dir.iterdir()) if models_dir.exists() else ():
            found = _looked_at(folder)
            if found:
                yield found


def _looked_at(folder: Path) -> StoredModel | None:
    try:
        return _stored(folder)
    except PermissionError as error:  # it may be a model
        if folder.name in SYSTEMS:
            return None
        fault = unreachable(error, folder)
        return StoredModel(name=folder.name, kind="", size_bytes=0, verified=None, is_whole=True, fault=fault)


def _stored(folder: Path) -> StoredModel | None:
    is_draft = folder.name.startswith(".") and folder.name.endswith(ENDING)
    if is_litter(folder.name) and not is_draft:
        return None
    record = None if is_draft else read_model_record(folder)
    if not (is_draft or record or (folder / "model_index.json").is_file()):
        return None
    return StoredModel(
        name=folder.name[1:].removesuffix(ENDING) if is_draft else folder.name,
        kind=record.kind if record else "",
        size_bytes=_size(folder),
        verified=record.verified if record else None,
        is_whole=not is_draft,
        fault="" if is_draft else record_fault(folder) or "",
    )


def _size(folder: Path) -> int:
    real = folder.resolve()
    try:
        return sum((real / name).stat().st_size for name in plain_files_in(real))
    except PermissionError as error:  # which names a folder inside alone, without the way to it
        raise PermissionError(error.errno, error.strerror, str(folder)) from error


def verify_model(model: InspectedModel, *, work: Work, cache: ReadCache) -> Verification:
    """Read all of a model's files once more, and compare them with its record and with what its download kept.

    Args:
        model: as its files describe it.
        work: how it is watched.
        cache: told what is in them, so that the next `run` need not read them.

    Raises:
        ModelInvalid: a file is not what it was, is damaged, or is missing; the text names each.
        ModelAway: one cannot be read now.
        StopAsked: somebody asked to stop.
    """
    model.require_whole()
    source, record = model.source, model.record
    with reading(source.folder):
        named = [source.folder / name for name in record.files] if record else []
        missing = [path for path in named if not path.is_file()]
        paths = sorted({*loaded_files(source), *named} - {*missing})
        found = compared(source, model.id, files=paths, read=lambda known: _read(known, work, cache))
    faults = [*_missing([name_in(source.folder, path) for path in missing]), *found.faults]
    if faults:
        raise ModelInvalid(unusable(source.folder, faults))
    return found


def _missing(names: Sequence[str]) -> Iterator[Text]:
    if names:
        yield ngettext(
            "{names} is missing, which its record names.",
            "{count} files are missing, which its record names: {names}.",
            len(names),
            names=", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else ""),
        )


def _read(files: Sequence[VerifiedFile], work: Work, cache: ReadCache) -> Iterator[ReadFile]:
    total, done = sum(file.path.stat().st_size for file in files), 0

    def take(piece: bytes) -> None:
        nonlocal done
        done += len(piece)
        work.on_progress(done, total)
        if work.should_stop():
            raise StopAsked

    for file in files:
        read = read_once(file.path, on_piece=take, also=file.also)
        cache.remember(file.path, read)
        yield read
