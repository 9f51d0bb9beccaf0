"""The outcome of a job, read from the folder in which it ended: what was made, and why what was not was not.

Whoever may write on the share may write anything there: what reads oddly is not known, and nothing large is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from worker.disk.content import NotAJob, opened
from worker.disk.json_records import MANIFEST_BYTES, read_head, read_record
from worker.disk.record_fields import objects_in, text_in
from worker.overview_records import EndedState

MOST_NAMED = 3
"""Pictures that failed and are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended."""

    state: EndedState | None
    """None where no file of ours says it."""
    pictures: int = 0
    """Asked for."""
    made: int = 0
    failed: int = 0
    failures: tuple[tuple[str, str, str], ...] = ()
    """Of the first pictures that failed: its file, what its last try was (a word of the contract), and the error."""
    reason: str = ""
    """Of a job that lies in `failed`: one sentence."""


def outcome_in(folder: Path) -> Outcome:
    """Read it.

    Args:
        folder: in `outbox` or `failed`, as `how_ended` gave it.

    Raises:
        OSError: the share failed.
    """
    manifest = read_record(folder / "manifest.json", below=folder.parent, most_bytes=MANIFEST_BYTES)
    shots = objects_in(manifest, "shots")
    statuses = [shot.get("status") for shot in shots]
    said = text_in(manifest, "status") or text_in(read_head(folder / "manifest.json"), "status")
    error = {} if said == "complete" else read_record(folder / "error.json", below=folder.parent)
    states: dict[str, EndedState] = {one: one for one in get_args(EndedState)}
    unrendered: EndedState | None = None
    if error:  # without a manifest nothing was begun, whatever the state for programs is called
        unrendered = "cancelled" if error.get("status") == "cancelled" else "refused"
    failed = (shot for shot in shots if shot.get("status") == "failed")
    return Outcome(
        state=states.get(said, unrendered),
        pictures=len(shots),
        made=statuses.count("ok"),
        failed=statuses.count("failed"),
        failures=tuple(row for row, _ in zip(_failures(failed), range(MOST_NAMED), strict=False)),
        reason=text_in(error, "reason"),
    )


def _failures(shots: Iterator[Mapping[str, object]]) -> Iterator[tuple[str, str, str]]:
    for shot in shots:
        tries = objects_in(shot, "attempts")
        yield text_in(shot, "file"), text_in(tries[-1], "outcome") if tries else "", text_in(shot, "error")


def statuses_in(folder: Path) -> Mapping[str, str] | None:
    """The status of each picture by its file, as the manifest has them; None where there is none that can be read.

    Args:
        folder: in which a job has ended.

    Raises:
        OSError: the share failed.
    """
    try:
        with opened(folder / "manifest.json", below=folder.parent) as file:
            data = file.read(MANIFEST_BYTES + 1)
        manifest = json.loads(data) if len(data) <= MANIFEST_BYTES else None
    except (FileNotFoundError, IsADirectoryError, NotAJob, ValueError, RecursionError):
        return None
    shots = manifest.get("shots") if isinstance(manifest, dict) else None
    found: dict[str, str] = {}
    for shot in shots if isinstance(shots, list) else ():
        name, status = (shot.get("file"), shot.get("status")) if isinstance(shot, dict) else (None, None)
        if isinstance(name, str) and isinstance(status, str):
            found[name] = status
    return found or None
