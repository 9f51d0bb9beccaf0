"""The workers of a spool as an onlooker finds them: what each wrote down of itself, and whether it lives."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from worker.clocks import utc_text
from worker.disk.json_records import read_record
from worker.disk.record_fields import count_in, inner, moment_in, text_in
from worker.overview_records import LIVING, WorkerLine, WorkerState
from worker.plain_names import is_litter
from worker.spool.alive.heartbeats import SUFFIX
from worker.spool.alive.life_signs import RECORD, LifeSigns, Signs
from worker.spool.layout import Folders
from worker.translation import Language
from worker.window_outlook import WindowOutlook

MOST_WORKERS = 1_000
"""Of whom anything is read."""
FORMER_S = 24 * 3600.0
"""So long a worker is named that has stopped, or is dead and has no claims. Where none is left, the last of all is."""
SPEED = ".speed.json"
LONGEST_ID_BYTES = 200
"""A file of a longer name beside it could not be."""


UNHEARD = Signs(life="silent", heard_s=None)
"""Of one whose heartbeat cannot be read just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenWorker:
    """One worker, with what else its files say."""

    line: WorkerLine
    record: Mapping[str, object]
    """As it wrote it; empty where there is none of its own."""
    run: str
    """Random id of its process run."""
    heard_s: float
    """By our wall clock; 0 when it was never heard of."""

    @property
    def is_live(self) -> bool:
        """Whether it is known to live; of a silent one that is not known."""
        return self.line.state in LIVING


def workers_in(folders: Folders, signs: LifeSigns, claimants: Iterable[str], *, language: Language) -> list[SeenWorker]:
    """All that ever wrote anything down here, by id.

    Args:
        folders: of the spool.
        signs: tell who lives.
        claimants: ids of those who have claims, whatever else there is of them.
        language: of the reasons that they wrote down.

    Raises:
        OSError: the share failed.
    """
    has_claims = frozenset(claimants)
    ids = {one for one in (*has_claims, *_named_in(folders.workers)) if len(os.fsencode(one)) <= LONGEST_ID_BYTES}
    seen = (_seen(folders, signs, worker_id, language=language) for worker_id in sorted(ids)[:MOST_WORKERS])
    return [one for one in seen if one.record or one.line.id in has_claims]  # else a file of anybody's


def without_former(seen: Iterable[SeenWorker], claimants: Iterable[str], *, wall_s: float) -> list[SeenWorker]:
    """Those who are still to be named.

    Args:
        seen: all of them.
        claimants: ids of those who have claims.
        wall_s: seconds since 1970, now.
    """
    seen, has_claims = [*seen], frozenset(claimants)
    named = [
        one
        for one in seen
        if one.line.state not in ("stopped", "dead") or one.line.id in has_claims or wall_s - one.heard_s < FORMER_S
    ]
    return named or sorted(seen, key=lambda one: one.heard_s)[-1:]


def _named_in(folder: Path) -> set[str]:
    try:
        names = [name for name in os.listdir(folder) if not is_litter(name)]
    except (FileNotFoundError, NotADirectoryError):
        return set()
    beats = {name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)}
    return beats | {name.removesuffix(RECORD) for name in names if name.endswith(RECORD) and not name.endswith(SPEED)}


def _seen(folders: Folders, signs: LifeSigns, worker_id: str, *, language: Language) -> SeenWorker:
    path, record, found = folders.workers / f"{worker_id}{RECORD}", dict[str, object](), UNHEARD
    with suppress(OSError):  # an error of one file is its own; the share's shows in every listing
        record = read_record(path, below=folders.inbox)
        if record.get("id") != worker_id:  # it claims to be another's
            record = {}
    with suppress(OSError):
        found = signs.of(worker_id)
    line = _line(worker_id, record, found, language=language)
    return SeenWorker(line=line, record=record, run=found.run, heard_s=found.heard_s or 0.0)


def _line(worker_id: str, record: Mapping[str, object], signs: Signs, *, language: Language) -> WorkerLine:
    state = _state(record, signs)
    heard_at = None if signs.heard_s is None else utc_text(signs.heard_s)
    is_over = state in ("dead", "stopped")
    return WorkerLine(
        id=worker_id,
        host=text_in(record, "host") or signs.host,
        state=state,
        reason=text_in(inner(record, "reasons"), language) or text_in(record, "reason") if state != "dead" else "",
        since=heard_at if state in ("silent", "dead") else moment_in(record, "since"),
        heard_at=heard_at,
        version=text_in(record, "version"),
        hangs=signs.life == "hung",
        note="" if is_over else text_in(inner(record, "notes"), language) or text_in(inner(record, "notes"), "en"),
        hours=None if is_over else _outlook(inner(record, "hours")),
        job=None if is_over else text_in(record, "job") or text_in(inner(record, "interrupted"), "job") or None,
    )


def _outlook(said: Mapping[str, object]) -> WindowOutlook | None:
    """What a worker wrote down of its hours; None where that makes no sense."""
    begins_at, ends_at, then_at = (moment_in(said, key) for key in ("begins_at", "ends_at", "then_at"))
    if begins_at is None or ends_at is None or then_at is None:
        return None
    pictures = count_in(said, "pictures")
    return WindowOutlook(
        is_on=said.get("is_on") is True, begins_at=begins_at, ends_at=ends_at, then_at=then_at, pictures=pictures,
        fit=None if said.get("fit") is None else min(pictures, count_in(said, "fit")),
    )  # fmt: skip


def _state(record: Mapping[str, object], signs: Signs) -> WorkerState:
    """As it wrote it down, if it lives; of one that has only just begun nothing else is written yet."""
    if signs.life != "alive":
        return "silent" if signs.life == "hung" else signs.life
    said = record.get("state")
    return next((state for state in LIVING if state == said), "starting")
