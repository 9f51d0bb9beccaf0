"""The outcome of a job, read from the folder in which it ended: what was made, and why what was not was not.

Whoever may write on the share may write anything there: what reads oddly is not known, and nothing large is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from worker.disk.content import NotAJob, opened
from worker.disk.json_records import read_head, read_record
from worker.overview_records import EndedState

MOST_BYTES = 64 * 1024 * 1024
"""Of a manifest: one of 20,000 pictures is as large."""
MOST_NAMED = 3
"""Pictures that failed and are named."""
LONGEST = 300
"""Characters of a name or a reason."""


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
    manifest = _whole(folder)
    shots = [shot for shot in _list(manifest.get("shots")) if isinstance(shot, dict)]
    statuses = [shot.get("status") for shot in shots]
    said = _text(manifest.get("status")) or _text(read_head(folder / "manifest.json").get("status"))
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
        reason=_text(error.get("reason")),
    )


def _failures(shots: Iterator[Mapping[str, object]]) -> Iterator[tuple[str, str, str]]:
    for shot in shots:
        tries = [one for one in _list(shot.get("attempts")) if isinstance(one, dict)]
        yield _text(shot.get("file")), _text(tries[-1].get("outcome")) if tries else "", _text(shot.get("error"))


def _whole(folder: Path) -> Mapping[str, object]:
    """The manifest; empty where there is none, or it is none of ours."""
    with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError, NotAJob, ValueError,
                  RecursionError):  # fmt: skip
        with opened(folder / "manifest.json", below=folder.parent) as file:
            data = file.read(MOST_BYTES + 1)
        manifest = json.loads(data) if len(data) <= MOST_BYTES else None
        return manifest if isinstance(manifest, dict) else {}
    return {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""
