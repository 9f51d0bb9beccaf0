"""Models that are there: which they are, and whether their files are still what was written.

Knows a folder of models, and the record in each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from worker.disk.beneath import plain_files_in
from worker.errors import ModelInvalid, StopAsked
from worker.studio.model_files.checking.one_pass import read_once
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.model_record import RecordedFile, read_model_record
from worker.studio.model_files.parts import loaded_files, reading
from worker.studio.model_store.draft import ENDING
from worker.studio.model_store.work import Work
from worker.translation import gettext


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


def stored_models(models_dir: Path) -> Iterator[StoredModel]:
    """Every model in a folder, by name; also those that were put there by hand, or are not whole.

    Args:
        models_dir: need not be there.

    Raises:
        ModelAway: it cannot be read now.
    """
    with reading(models_dir):
        for folder in sorted(models_dir.iterdir()) if models_dir.exists() else ():
            is_draft = folder.name.startswith(".") and folder.name.endswith(ENDING)
            record = None if is_draft else read_model_record(folder)
            if is_draft or record or (folder / "model_index.json").is_file():
                yield StoredModel(
                    name=folder.name[1:].removesuffix(ENDING) if is_draft else folder.name,
                    kind=record.kind if record else "",
                    size_bytes=_size(folder),
                    verified=record.verified if record else None,
                    is_whole=not is_draft,
                )


def _size(folder: Path) -> int:
    real = folder.resolve()
    return sum((real / name).stat().st_size for name in plain_files_in(real))


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedModel:
    """What reading all of a model's files told."""

    files: int
    recorded: int
    """Of these, how many the record knows."""


def verify_model(folder: Path, *, work: Work) -> VerifiedModel:
    """Read all of a model's files once more, and compare them with its record.

    Args:
        folder: of the model.
        work: how it is watched.

    Raises:
        ModelInvalid: a file is not what it was, is damaged, or is missing; the text names each.
        ModelAway: one cannot be read now.
        StopAsked: somebody asked to stop.
    """
    model = inspect_model(folder)
    model.require_whole()
    known = model.record.files if model.record else {}
    with reading(folder):
        paths = {path.relative_to(model.source.folder).as_posix(): path for path in loaded_files(model.source)}
        faults = [
            gettext("{name} is missing, which the record names.", name=name)
            for name in known
            if not (model.source.folder / name).is_file()
        ]
        paths |= {name: model.source.folder / name for name in known if (model.source.folder / name).is_file()}
        faults += _read_all(paths, known, work)
    if faults:
        raise ModelInvalid("\n".join([gettext("{folder} is not what it was:", folder=str(folder)), *faults]))
    return VerifiedModel(files=len(paths), recorded=len(known.keys() & paths.keys()))


def _read_all(paths: Mapping[str, Path], known: Mapping[str, RecordedFile], work: Work) -> list[str]:
    total, done, faults = sum(path.stat().st_size for path in paths.values()), 0, []

    def take(piece: bytes) -> None:
        nonlocal done
        done += len(piece)
        work.on_progress(done, total)
        if work.should_stop():
            raise StopAsked

    for name, path in paths.items():
        found = read_once(path, on_piece=take)
        if name in known and known[name].sha256 != found.sha256:
            faults.append(gettext("{name} has other bytes than its record says: add the model once more.", name=name))
        faults += [gettext("{name}: {damage}: add the model once more.", name=name, damage=d) for d in found.damage]
    return faults
