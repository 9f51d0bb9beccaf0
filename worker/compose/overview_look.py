"""One look at everything in the folders of the settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from worker import spool
from worker.clocks import utc_now
from worker.disk.json_records import read_head
from worker.disk.looks import paths_in
from worker.operations.record import read_worker_file
from worker.overview_records import EndedJob, EndedState, Overview, WaitingJob, WorkerLine, WorkerState
from worker.settings import Settings
from worker.translation import Language


def look_of(settings: Settings, folders: spool.Folders) -> Callable[[Language], Overview]:
    """What gathers an overview, again and again.

    Args:
        settings: of the worker.
        folders: of the spool.
    """
    del settings
    known: dict[tuple[Path, float], EndedJob | None] = {}

    def ended(path: Path, *, is_in_outbox: bool) -> EndedJob | None:
        key = (path, path.stat().st_mtime)
        if key not in known:
            known[key] = _ended(path, is_in_outbox=is_in_outbox)
        return known[key]

    def look(_: Language) -> Overview:
        seen = spool.overview(folders)
        places = (
            (path, root == folders.outbox) for root in (folders.outbox, folders.failed) for path in paths_in(root)
        )
        found = [ended(path, is_in_outbox=is_in_outbox) for path, is_in_outbox in places]
        return Overview(
            as_of=utc_now(),
            workers=[_worker(path) for path in paths_in(folders.workers, ending=".json") if ".speed" not in path.name],
            waiting=[WaitingJob(name=name, state="waiting") for name in seen.waiting],
            ignored=seen.ignored,
            ended=sorted(filter(None, found), key=lambda job: job.ended_at or "", reverse=True),
        )

    return look


def _worker(path: Path) -> WorkerLine:
    record = {key: str(value) for key, value in read_worker_file(path).items()}
    states: tuple[WorkerState, ...] = get_args(WorkerState)
    state = next((one for one in states if one == record.get("state")), states[-2])
    return WorkerLine(
        id=record.get("id", "?"),
        host=record.get("host", ""),
        state=state,
        reason=record.get("reason", ""),
        since=record.get("since"),
        heard_at=record.get("written_at"),
    )


def _ended(path: Path, *, is_in_outbox: bool) -> EndedJob | None:
    head = read_head(path / "manifest.json")
    state = next((one for one in get_args(EndedState) if one == head.get("status")), None)
    if state is None:
        return None
    count = head.get("pictures")
    pictures = count if isinstance(count, int) else 1
    at = head.get("finished_at")
    return EndedJob(
        name=path.name,
        is_in_outbox=is_in_outbox,
        state=state,
        ended_at=at if isinstance(at, str) else None,
        pictures=pictures,
        made=pictures if state == "complete" else 0,
    )
