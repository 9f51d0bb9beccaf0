"""Adding a model: reads every byte of its source once, and writes one folder in bf16 with a record of what it is.

Knows the order of the steps; a copy that somebody stops is gone on with by the next call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from worker.disk.beneath import plain_files_in
from worker.disk.durable import make_folder, sync_tree, write_file, write_json, written_file
from worker.disk.moves import move_to_free_name
from worker.errors import ModelAway, ModelInvalid, StopAsked, UsageError
from worker.identity import ModelKind
from worker.studio.model_files.checking.one_pass import Stamp, read_once
from worker.studio.model_files.inspect import InspectedModel, inspect_model
from worker.studio.model_files.model_record import RECORD, ModelRecord, RecordedFile
from worker.studio.model_files.parts import WEIGHTS, listed, read_json, reading, weight_files
from worker.studio.model_store.converter import Converter
from worker.studio.model_store.copy_plan import CopyPlan, SourceFile, copy_plan
from worker.studio.model_store.draft import DONE, Draft, writing
from worker.studio.model_store.preview import foreseen_faults
from worker.studio.model_store.small_files import licence_of, small_files
from worker.studio.model_store.wanted import Wanted
from worker.studio.model_store.work import Work
from worker.translation import gettext

SPARE_BYTES = 64 * 1024**2
"""Beside the weights: small files, and what a file system needs for itself."""
GB = 1e9
"""Bytes, as disks and downloads count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A model that is there now."""

    folder: Path
    record: ModelRecord
    left_out: tuple[str, ...]
    """Tensors of the source that are none of a Z-Image model's."""


def add_model(
    model: Wanted, target: Path, *, kind: Literal["auto"] | ModelKind = "auto", work: Work | None = None
) -> Added:
    """Write the model's folder; it appears when it is whole.

    Args:
        model: what to add.
        target: the folder to be; must not exist.
        kind: `auto` decides by the model's own files.
        work: how it is watched.

    Raises:
        ModelInvalid: something is wrong with the source.
        ModelAway: it cannot be read now; what is finished is kept.
        StopAsked: somebody asked to stop; what is finished is kept.
        UsageError: the target exists, has no room, or cannot be written.
    """
    target = target.absolute()
    if target.exists() or target.is_symlink():
        raise UsageError(gettext("{target} exists: name a folder that does not exist yet.", target=str(target)))
    with reading(model.home):
        found = _inspected(model, kind)
        plan = copy_plan(model.parts)
        small = dict(small_files(model.home, with_papers=not model.is_composed, shift=found.source.shift))
        small |= {name: json.dumps(index, indent=2).encode() for name, index in plan.indexes()}
        _require_usable(model, foreseen_faults(plan, small, kind=found.kind))
    draft = Draft(target)
    adding = _Adding(model, plan, draft, work or Work())
    adding.require_room()
    with draft.held():
        try:
            record = adding.run(found, small)
        except StopAsked as stopped:
            raise StopAsked(adding.how_far()) from stopped
        except ModelAway:
            raise
        except BaseException:
            draft.remove()
            raise
    return Added(folder=target, record=record, left_out=plan.left_out)


def _inspected(model: Wanted, kind: Literal["auto"] | ModelKind) -> InspectedModel:
    """The source as its files describe it: its kind, and its transformer's own shift."""
    transformer = model.parts["transformer"].files
    is_single = model.is_composed and len(transformer) == 1 and transformer[0].parent.name != "transformer"
    found = inspect_model(model.home, model_kind=kind, transformer_file=transformer[0] if is_single else None)
    if _is_plain(model):  # nothing of it is mended on the way
        _require_usable(model, found.faults)
    return found


def _is_plain(model: Wanted) -> bool:
    """Whether it is a folder as diffusers writes it, precision apart."""
    return not model.is_composed and all(
        held.files == weight_files(model.home / part, WEIGHTS[part])
        and held.naming == "diffusers"
        and held.prefix in ("", "model.")
        for part, held in model.parts.items()
    )


def _require_usable(model: Wanted, faults: tuple[str, ...]) -> None:
    """Refuse what `run` would refuse, before any data is read.

    Raises:
        ModelInvalid: there are faults.
    """
    if faults:
        raise ModelInvalid(listed(gettext("{source} cannot be added:", source=", ".join(model.source)), faults))


class _Adding:
    """One addition."""

    def __init__(self, model: Wanted, plan: CopyPlan, draft: Draft, work: Work) -> None:
        self._model = model
        self._plan = plan
        self._draft = draft
        self._work = work
        self._total = sum(source.size_bytes for source in plan.sources)
        self._done = 0
        self._finished_files = 0

    def require_room(self) -> None:
        """Ask the disk before the first byte.

        Raises:
            UsageError: it has too little room.
        """
        needed = SPARE_BYTES + sum(target.whole_bytes for target in self._plan.targets)
        there = next(folder for folder in self._draft.folder.parents if folder.is_dir())
        with writing(self._draft.target):
            free = self._work.free_bytes(there)
            if self._draft.folder.is_dir():
                free += sum((self._draft.folder / name).stat().st_size for name in plain_files_in(self._draft.folder))
        if free < needed:
            raise UsageError(
                gettext(
                    "{target} needs {needed} GB, and {free} GB are free at {place}: make room there, or set "
                    "`models_dir` to a folder on another disk.",
                    target=self._draft.target.name,
                    needed=f"{needed / GB:.1f}",
                    free=f"{free / GB:.1f}",
                    place=str(there),
                )
            )

    def run(self, found: InspectedModel, small: Mapping[str, bytes]) -> ModelRecord:
        files: dict[str, RecordedFile] = {}
        for source in self._plan.sources:
            with reading(self._model.home):
                made = self._draft.kept(source)
            if made is None:
                made = self._read(source)
            else:
                self._advance(source.size_bytes)
            files |= made
            self._finished_files += 1
        with writing(self._draft.target):
            for name, content in small.items():
                self._write(name, content)
        return self._finished(found, small, files)

    def how_far(self) -> str:
        """What a person is told who stops it."""
        return gettext(
            "Stopped. {done} of {total} files are finished; the same call goes on after them. Until then they lie in "
            "{folder}, which may be removed.",
            done=self._finished_files,
            total=len(self._plan.sources),
            folder=str(self._draft.folder),
        )

    def _advance(self, count: int) -> None:
        self._done += count
        self._work.on_progress(self._done, self._total)

    def _write(self, name: str, content: bytes) -> None:
        path = self._draft.folder / name
        make_folder(path.parent, below=self._draft.folder)
        write_file(path, content, below=self._draft.folder)

    def _read(self, source: SourceFile) -> Mapping[str, RecordedFile]:
        """Read a file once; hash, look for damage and convert in the same pass."""
        folder, target = self._draft.folder, self._draft.target
        with ExitStack() as held:
            with writing(target):
                for made in source.targets:
                    make_folder((folder / made.name).parent, below=folder)
                files = [held.enter_context(written_file(folder / one.name, below=folder)) for one in source.targets]
                converter = Converter(source, [file.write for file in files])

            def take(piece: bytes) -> None:
                with writing(target):
                    converter.feed(piece)
                self._advance(len(piece))
                if self._work.should_stop():
                    raise StopAsked

            with reading(self._model.home):
                found = read_once(source.path, on_piece=take)
            self._require_sound(source, found.damage, is_whole=converter.is_done)
            with writing(target):
                held.close()
        return self._kept(source, found.stamp, [file.sha256() for file in files])

    def _require_sound(self, source: SourceFile, damage: tuple[object, ...], *, is_whole: bool) -> None:
        if not is_whole:
            raise ModelInvalid(gettext("{name} changed while it was read: try again.", name=source.path.name))
        if damage:
            raise ModelInvalid(
                gettext("{name}: {damage}: download that file again.", name=source.path.name, damage=damage[0])
            )

    def _kept(self, source: SourceFile, stamp: Stamp, hashes: list[str]) -> Mapping[str, RecordedFile]:
        with writing(self._draft.target):
            made = {
                target.name: RecordedFile(sha256=sha256, stamp=Stamp.of((self._draft.folder / target.name).stat()))
                for target, sha256 in zip(source.targets, hashes, strict=True)
            }
            self._draft.keep(source, stamp, made)
        return made

    def _finished(
        self, found: InspectedModel, small: Mapping[str, bytes], files: Mapping[str, RecordedFile]
    ) -> ModelRecord:
        """Look at the whole once more as `run` will, write the record, and give the folder its name."""
        folder, target = self._draft.folder, self._draft.target
        with reading(folder):
            whole = inspect_model(folder, model_kind=found.kind)
        if whole.faults:
            raise ModelInvalid(listed(gettext("What came of it cannot be used:"), whole.faults))
        with writing(target):
            written = {name: files.get(name) or _recorded(folder, name) for name in plain_files_in(folder)}
            written.pop(DONE, None)
            shift = read_json(folder / "scheduler/scheduler_config.json").get("shift")
            record = ModelRecord(
                name=target.name,
                kind=found.kind,
                steps=found.recommendation.steps,
                guidance=found.recommendation.guidance,
                shift=float(shift) if isinstance(shift, int | float) else None,
                source=self._model.source,
                verified=None,
                licence=licence_of(small.get("README.md")),
                files=written,
            )
            self._draft.finish()
            write_json(folder / RECORD, record.as_json(), below=folder)
            sync_tree(folder)
            if not move_to_free_name(folder, target):
                raise UsageError(gettext("{target} exists: name a folder that does not exist yet.", target=str(target)))
        return record


def _recorded(folder: Path, name: str) -> RecordedFile:
    read = read_once(folder / name)
    return RecordedFile(sha256=read.sha256, stamp=read.stamp)
