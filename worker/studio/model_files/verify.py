"""Verifying a model: all that loading reads, beside what its download kept of it.

Knows which files loading reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from worker.lazy_names import LazyLog
from worker.studio.model_files.checking.download_records import expected_of
from worker.studio.model_files.checking.expected import Expected
from worker.studio.model_files.checking.one_pass import ReadFile
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.checking.verification import Verification, VerifiedFile, to_verify
from worker.studio.model_files.model_record import RECORD, ModelRecord, read_model_record, record_fault
from worker.studio.model_files.parts import ModelSource, loaded_files, name_in
from worker.translation import Text, gettext

log = LazyLog()

CACHE_NAME = "model-hashes.json"
"""Of the `ReadCache` below `state_dir`."""


def verify(source: ModelSource, name: str, cache: ReadCache, *, reads: bool = True) -> Verification:
    """Compare a model's files with what is known of its download, or with what `model add` wrote.

    What its record says of a file is taken as read while the file is the one that was written.

    Args:
        source: of the model.
        name: of the model, for people.
        cache: what of the files was read before.
        reads: read the files of which nothing is known; else they are `unread`.

    Raises:
        OSError: a file went missing or cannot be read.
    """
    record, lost = read_model_record(source.folder), record_fault(source.folder)
    if lost and reads:
        log.warning("model.record_unusable", note=lost)

    def read(known: Sequence[VerifiedFile]) -> Iterable[ReadFile | None]:
        if record:
            _take(record, source.folder, known, cache, reads=reads)
        wanted = {file.path: file.also for file in known}
        held = cache.read(wanted) if reads else {path: cache.known(path, also=also) for path, also in wanted.items()}
        return held.values()

    return compared(source, name, files=loaded_files(source), read=read)


def _take(record: ModelRecord, folder: Path, known: Sequence[VerifiedFile], cache: ReadCache, *, reads: bool) -> None:
    """Believe what the record says of files that are still as they were written, unless their download says more."""
    downloaded = {file.path for file in known if file.expected and not file.expected.is_added}
    told = {path: read for path, read in record.read_files(folder).items() if path not in downloaded}
    cache.take(told)
    outdated = [file.name for file in known if file.name in record.files and file.path not in told]
    if outdated and reads:
        log.info("model.record_outdated", files=outdated)


def compared(
    source: ModelSource,
    name: str,
    *,
    files: Iterable[Path],
    read: Callable[[Sequence[VerifiedFile]], Iterable[ReadFile | None]],
) -> Verification:
    """Compare files of a model with what is known of its download, or with what `model add` wrote.

    Args:
        source: of the model.
        name: of the model, for people.
        files: to compare, absolute.
        read: what is in each of them, in their order; None of one that is not read.

    Raises:
        OSError: a file went missing or cannot be read.
    """
    record, lost = read_model_record(source.folder), record_fault(source.folder)
    names = {path: name_in(source.folder, path) for path in files}
    known = tuple(to_verify(names, {**_recorded(source.folder, record), **expected_of(names)}))
    return Verification(
        model=name,
        files=tuple(replace(file, read=one) for file, one in zip(known, read(known), strict=True)),
        note=_origin_of(record) if record else lost,
        is_record_lost=lost is not None,
    )


def _recorded(folder: Path, record: ModelRecord | None) -> Mapping[Path, Expected]:
    """What the files of an added model should be."""
    held = record.files.items() if record else ()
    again = gettext("Add the model again, under another name.")
    return {
        folder / name: Expected(digests=frozenset({one.sha256}), record=folder / RECORD, remedy=again, is_added=True)
        for name, one in held
    }


def _origin_of(record: ModelRecord) -> Text:
    """What is known of the files that an added model was made from."""
    if record.verified:
        return gettext("added from {verified}", verified=record.verified)
    return gettext("what it was added from could not be compared with anything published")
