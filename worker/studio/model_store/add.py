"""Adding a model: reads every byte of its source once, and writes one folder in bf16 with a record of what it is.

Knows the order of the steps; a copy that somebody stops is gone on with by the next call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from worker.disk.beneath import plain_files_in
from worker.disk.durable import make_folder, sync_tree, write_file, write_json, written_file
from worker.disk.moves import move_to_free_name
from worker.errors import ModelInvalid, StopAsked, UsageError, WorkerError
from worker.identity import ModelKind
from worker.studio.model_files.checking.one_pass import ReadFile, Stamp, read_once
from worker.studio.model_files.inspect import InspectedModel, inspect_model
from worker.studio.model_files.kind_signs import told_kind
from worker.studio.model_files.kinds import KINDS
from worker.studio.model_files.model_card import ModelCard, card_text
from worker.studio.model_files.model_record import RECORD, ModelRecord, RecordedFile, is_shift, read_model_record
from worker.studio.model_files.parts import WEIGHTS, ModelSource, listed, read_json, reading, weight_files
from worker.studio.model_store.converter import Converter
from worker.studio.model_store.copy_plan import SourceFile, copy_plan
from worker.studio.model_store.draft import Draft, Made, writing
from worker.studio.model_store.preview import foreseen_faults
from worker.studio.model_store.small_files import adapted, small_files
from worker.studio.model_store.source_check import SourceCheck, verified_by
from worker.studio.model_store.wanted import Wanted
from worker.studio.model_store.work import Work
from worker.translation import Text, enumerated, gettext

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
    verified: Text
    """What is known of the source's files, a sentence or two."""
    contradiction: str  # as `InspectedModel` has it


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
        UsageError: the target exists, has no room, or cannot be written. What is finished is kept, unless its disk
            is full.
    """
    target = target.absolute()
    if target.exists() or target.is_symlink():
        raise UsageError(gettext("{target} exists: name a folder that does not exist yet.", target=str(target)))
    draft = Draft(target)
    adding = _Adding(model, draft, work or Work(), kind)
    adding.require_room()
    with draft.held():
        try:
            return adding.run()
        except StopAsked as stopped:
            raise StopAsked(adding.how_far()) from stopped
        except WorkerError as error:
            ended = draft.given_up(error)
            if ended is error:
                raise
            raise ended from error


def _inspected(model: Wanted, kind: Literal["auto"] | ModelKind) -> InspectedModel:
    """The source as its files describe it: its kind, and its transformer's own shift."""
    place = model.transformer_place.absolute()
    if not model.is_composed or place == model.home.absolute():
        found = inspect_model(model.home, model_kind=kind)
        if _is_plain(model):  # nothing of it is mended on the way
            _require_usable(model, found.faults)
        return found
    told = None if place.is_file() else told_kind(ModelSource(folder=place), read_model_record(place), asked=kind)
    if told is None:
        file, *more = model.parts["transformer"].files
        return inspect_model(model.home, model_kind=kind, transformer_file=None if more else file)
    found = inspect_model(model.home, model_kind=told.kind)
    if found.is_demo:
        return found
    source = replace(found.source, shift=told.shift or KINDS[told.kind].shift)
    return replace(found, recommendation=told.recommendation, source=source, contradiction=told.contradiction)


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
        raise ModelInvalid(listed(gettext("{source} cannot be added:", source=enumerated(model.source)), faults))


class _Adding:
    """One addition."""

    def __init__(self, model: Wanted, draft: Draft, work: Work, kind: Literal["auto"] | ModelKind) -> None:
        self._model = model
        self._draft = draft
        self._work = work
        with reading(model.home):
            self._found = _inspected(model, kind)
            self._plan = copy_plan(model.parts)
            given = dict(small_files(model.home, with_papers=not model.is_composed))
            paths = {source.path: None for source in self._plan.sources} | {model.home / name: None for name in given}
            self._check = SourceCheck(model.source[0], model.home, [*paths])
            for name, content in given.items():
                self._check.judge_content(model.home / name, content)
            shift = self._found.source.shift
            self._small = {name: adapted(name, content, shift=shift) for name, content in given.items()}
            self._small |= {name: json.dumps(index, indent=2).encode() for name, index in self._plan.indexes()}
        _require_usable(model, foreseen_faults(self._plan, self._small, kind=self._found.kind, home=model.home))
        self._total = sum(source.size_bytes for source in self._plan.sources)
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

    def run(self) -> Added:
        """Write what is missing of the draft, and make a model of it."""
        names = {target.name for target in self._plan.targets} | self._small.keys()
        files: dict[str, RecordedFile] = {}
        with writing(self._draft.target):
            self._draft.clear(but=names)
        for source in self._plan.sources:
            with reading(self._model.home):
                made = self._draft.kept(source)
            if made:
                self._check.judge(source.path, made.read)
                self._advance(source.size_bytes)
            else:
                made = self._read(source)
            files |= made.files
            self._finished_files += 1
        with writing(self._draft.target):
            for name, content in self._small.items():
                self._write(name, content)
        return self._finished(files)

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

    def _read(self, source: SourceFile) -> Made:
        """Read a file once; hash, look for damage and convert in the same pass."""
        folder, target = self._draft.folder, self._draft.target
        with writing(target), ExitStack() as held:  # closing a file may fail, too
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
                read = read_once(source.path, on_piece=take, also=self._check.also(source.path))
            if not converter.is_done:
                raise ModelInvalid(gettext("{name} changed while it was read: try again.", name=source.path.name))
            self._check.judge(source.path, read)
            with writing(target):
                held.close()
        return self._kept(source, read, [file.sha256() for file in files])

    def _kept(self, source: SourceFile, read: ReadFile, hashes: list[str]) -> Made:
        with writing(self._draft.target):
            files = {
                target.name: RecordedFile(sha256=sha256, stamp=Stamp.of((self._draft.folder / target.name).stat()))
                for target, sha256 in zip(source.targets, hashes, strict=True)
            }
            made = Made(files=files, read=read)
            self._draft.keep(source, made)
        return made

    def _finished(self, files: Mapping[str, RecordedFile]) -> Added:
        """Look at the whole once more as `run` will, write the record, and give the folder its name."""
        folder, target = self._draft.folder, self._draft.target
        with reading(folder):
            _require_usable(self._model, inspect_model(folder, model_kind=self._found.kind).faults)
        with writing(target):
            small = {name: _recorded(folder, name) for name in self._small}
            record = self._record({**files, **small})
            write_json(folder / RECORD, record.as_json(), below=folder)
            with self._draft.finished():
                sync_tree(folder)
                if not move_to_free_name(folder, target):
                    raise UsageError(
                        gettext(
                            "{target} appeared while it was written: move it away and call again; what is finished is "
                            "kept.",
                            target=str(target),
                        )
                    )
        verified = self._check.result().summary()
        return Added(
            folder=target,
            record=record,
            left_out=self._plan.left_out,
            verified=verified,
            contradiction=self._found.contradiction,
        )

    def _record(self, files: Mapping[str, RecordedFile]) -> ModelRecord:
        shift = read_json(self._draft.folder / "scheduler/scheduler_config.json").get("shift")
        advice = self._found.recommendation
        return ModelRecord(
            name=self._draft.target.name,
            kind=self._found.kind,
            steps=advice.steps,
            guidance=advice.guidance,
            shift=float(shift) if is_shift(shift) else None,
            source=self._model.source,
            verified=verified_by(self._check.result()),
            licence=ModelCard(card_text(self._small.get("README.md", b""))).licence,
            files=files,
        )


def _recorded(folder: Path, name: str) -> RecordedFile:
    read = read_once(folder / name)
    return RecordedFile(sha256=read.sha256, stamp=read.stamp)
