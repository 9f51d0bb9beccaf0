"""The company at an inbox, as an onlooker sees it: who works, who paused, what is in work and what waits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import get_args

from worker.clocks import utc_text
from worker.disk.json_records import read_record
from worker.disk.looks import paths_in
from worker.overview_records import Overview, RunningJob, WaitingJob, WorkerLine, WorkerState
from worker.spool.claim_files import whole_number
from worker.spool.control_files import pause_in
from worker.spool.layout import Folders
from worker.spool.listing import meant_in

LATE_S = 45.0
"""A worker beats every ten seconds, and a share may show for half a minute what was there before."""
STATES: dict[str, WorkerState] = {one: one for one in get_args(WorkerState)}
LONGEST = 500
"""Characters of a word or a name."""


def company_at(folders: Folders, *, now_s: float) -> Overview:
    """Look once.

    Args:
        folders: of the spool.
        now_s: seconds since 1970, by the clock that the share's files have.

    Raises:
        OSError: the share failed.
    """
    names = os.listdir(folders.inbox)
    pause = pause_in(names)
    records = [*_records(folders, now_s=now_s)]
    return Overview(
        as_of=utc_text(now_s),
        workers=[worker for worker, _ in records],
        running=[running for _, running in records if running is not None],
        waiting=[WaitingJob(name=one.name, state="waiting") for one in meant_in(folders.inbox) if not one.remedy],
        paused_by=pause,
        paused_since=_changed_at(folders, pause) if pause else None,
    )


def _records(folders: Folders, *, now_s: float) -> Iterator[tuple[WorkerLine, RunningJob | None]]:
    for path in paths_in(folders.workers, ending=".json"):
        record = read_record(path)
        worker_id = path.name.removesuffix(".json")
        if record.get("id") != worker_id:
            continue
        told = STATES.get(_word(record.get("state")), "silent")
        beat = path.with_name(f"{worker_id}.beat")
        is_late = told != "stopped" and now_s - _changed_s(beat) > LATE_S
        state: WorkerState = "stopped" if read_record(beat).get("stopped") is True else "silent" if is_late else told
        worker = WorkerLine(id=worker_id, host=_word(record.get("host")), state=state,
                            reason=_word(record.get("reason")))  # fmt: skip
        is_working = state == "rendering" and isinstance(record.get("job"), str)
        yield worker, _running(record, worker_id) if is_working else None


def _running(record: dict[str, object], worker_id: str) -> RunningJob:
    pictures, made = (max(whole_number(record.get(name)), 0) for name in ("total", "done"))
    return RunningJob(
        name=_word(record.get("job")),
        worker=worker_id,
        folder="",
        pictures=pictures,
        made=min(made, pictures),
        failed=0,
    )


def _word(value: object) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""


def _changed_s(path: os.PathLike[str]) -> float:
    try:
        return os.lstat(path).st_mtime
    except FileNotFoundError:
        return 0.0


def _changed_at(folders: Folders, name: str) -> str:
    return utc_text(_changed_s(folders.inbox / name))
