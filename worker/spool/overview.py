"""What the folders say, for people: read-only, from any machine."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from worker.disk.json_records import read_record
from worker.plain_names import is_litter
from worker.spool.claim_files import folders_in, whole_number
from worker.spool.layout import CLAIM_FILE, Folders
from worker.spool.listing import finished_in, meant_in
from worker.spool.receipts import ENDING, Told, files_in, receipt_name, told_in
from worker.translation import Text, gettext

MOST_READ = 100
"""Receipts that are opened: on a share each takes some milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Jobs by state."""

    waiting: tuple[str, ...]
    """Names in the inbox."""
    claimed: tuple[str, ...]
    """`mugs (attempt 2, by studio-pc)`, and whether it rests."""
    ignored: tuple[tuple[str, Text], ...]
    """Names in the inbox that are no job's, each with what to do about it."""
    told: tuple[Told, ...]
    """What the receipts below `outbox/receipts/` say of all others."""
    failures: tuple[str, ...]
    """Names in `failed/`, newest first."""


def overview(folders: Folders) -> Overview:
    """Look once.

    Raises:
        OSError: the share failed.
    """
    failures = sorted(finished_in(folders.failed), key=_changed_s, reverse=True)
    receipts = {name for name in files_in(folders.receipts) or () if name.endswith(ENDING) and not is_litter(name)}
    meant = sorted(meant_in(folders.inbox), key=lambda one: one.name)
    ignored = tuple((one.name, one.remedy) for one in meant if one.remedy is not None)
    others = sorted(receipts - {receipt_name(name) for name, _ in ignored})
    read = (told_in(file, outbox=folders.outbox) for file in others[:MOST_READ])
    told = [one for one in read if not one.is_progress]
    told += [Told(file=file, why="", warnings=0) for file in others[MOST_READ:]]
    return Overview(
        waiting=tuple(one.name for one in meant if one.remedy is None),
        claimed=tuple(_claims(folders, {one.file for one in told if not one.warnings})),
        ignored=ignored,
        told=tuple(told),
        failures=tuple(path.name for path in failures),
    )


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # taken away while we looked
        return 0.0


def _claims(folders: Folders, receipts: Collection[str]) -> Iterator[str]:
    for claim in _claim_folders(folders):
        record = read_record(claim / CLAIM_FILE)
        stem, dropped = record.get("stem"), record.get("dropped")
        if not isinstance(stem, str):  # it ended while we looked
            continue
        told = gettext(
            "{job} (attempt {attempt}, by {worker})",
            job=stem,
            attempt=whole_number(record.get("attempt")),
            worker=claim.parent.name,
        )
        rests = isinstance(dropped, str) and receipt_name(dropped) in receipts
        yield gettext("{claim} rests: {file}", claim=told, file=receipt_name(str(dropped))) if rests else told


def _claim_folders(folders: Folders) -> Iterator[Path]:
    for worker in folders_in(folders.claims):
        with suppress(PermissionError):  # another account's
            yield from folders_in(worker)
