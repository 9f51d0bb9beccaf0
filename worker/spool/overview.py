"""What the folders say, for people: read-only, from any machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from worker.disk.content import read_record
from worker.spool.claim_files import whole_number
from worker.spool.layout import CLAIM_FILE, Folders
from worker.spool.listing import find, finished_in
from worker.translation import gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Jobs by state."""

    waiting: tuple[str, ...]
    """Names in the inbox."""
    claimed: tuple[str, ...]
    """`mugs (attempt 2, by studio-pc)`."""
    failures: tuple[str, ...]
    """Names in `failed/`, newest first."""


def overview(folders: Folders) -> Overview:
    """Look once.

    Raises:
        OSError: the share failed.
    """
    failures = sorted(finished_in(folders.failed), key=_changed_s, reverse=True)
    return Overview(
        waiting=tuple(sorted(one.path.name for one in find(folders.inbox))),
        claimed=tuple(_claims(folders)),
        failures=tuple(path.name for path in failures),
    )


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # taken away while we looked
        return 0.0


def _claims(folders: Folders) -> list[str]:
    told: list[str] = []
    for file in sorted(folders.claims.glob(f"*/*/{CLAIM_FILE}")):
        record = read_record(file)
        if isinstance(record.get("stem"), str):  # else it ended while we looked
            told.append(
                gettext(
                    "{job} (attempt {attempt}, by {worker})",
                    job=record["stem"],
                    attempt=whole_number(record.get("attempt")),
                    worker=file.parent.parent.name,
                )
            )
    return told
