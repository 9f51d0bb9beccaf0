"""Verifying a model: all that loading reads, beside what its download kept of it.

Knows which files loading reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from worker.lazy_names import LazyLog
from worker.studio.model_files.checking.download_records import expected_of
from worker.studio.model_files.checking.expected import Expected
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.checking.verification import Verification, to_verify
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
    files = {path: name_in(source.folder, path) for path in loaded_files(source)}
    record, lost = read_model_record(source.folder), record_fault(source.folder)
    if lost and reads:
        log.warning("model.record_unusable", note=lost)
    expected = expected_of(files)
    if record:
        told = {path: read for path, read in record.read_files(source.folder).items() if path not in expected}
        cache.take(told)
        outdated = [name for path, name in files.items() if name in record.files and path not in told]
        if outdated and reads:
            log.info("model.record_outdated", files=outdated)
    known = tuple(to_verify(files, {**recorded(source.folder, record), **expected}))
    wanted = {file.path: file.also for file in known}
    read = cache.read(wanted) if reads else {path: cache.known(path, also=also) for path, also in wanted.items()}
    return Verification(
        model=name,
        files=tuple(replace(file, read=read[file.path]) for file in known),
        note=origin_of(record) if record else lost,
        is_record_lost=lost is not None,
    )


def recorded(folder: Path, record: ModelRecord | None) -> Mapping[Path, Expected]:
    """What the files of an added model should be.

    Args:
        folder: of the model.
        record: of the model; None of one that was not added.
    """
    held = record.files.items() if record else ()
    again = gettext("Add the model again, under another name.")
    return {
        folder / name: Expected(digests=frozenset({one.sha256}), record=folder / RECORD, remedy=again, is_added=True)
        for name, one in held
    }


def origin_of(record: ModelRecord) -> Text:
    """What is known of the files that an added model was made from."""
    if record.verified:
        return gettext("added from {verified}", verified=record.verified)
    return gettext("what it was added from could not be compared with anything published")
