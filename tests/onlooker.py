"""Somebody who only looks at the folders of a test, on the machine of its workers or on another."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from worker.overview_records import Overview
from worker.spool import Folders, OverviewReader, host_name


def onlooker(folders: Folders, *, state: Path | None = None, **options: Any) -> OverviewReader:
    """Who looks; without the workers' own `state_dir` their locks are not there to see."""
    state_dir = state or folders.inbox.parent / "state"
    return OverviewReader(folders, state_dir=state_dir, host=host_name(), **{"lease_s": 120.0, **options})


def seen(folders: Folders, **options: Any) -> Overview:
    """One look from the workers' own machine."""
    return onlooker(folders, **options).look()


def states(overview: Overview) -> dict[str, str]:
    """Each worker's state by its id."""
    return {worker.id: worker.state for worker in overview.workers}


def move_away(folders: Folders, worker_id: str, *, silent_s: float = 0.0) -> None:
    """Let a worker be one of another machine, as its heartbeat tells, last heard of so long ago."""
    beat = folders.workers / f"{worker_id}.beat"
    elsewhere = {"boot": "another", "locks": "another", "stopped": False}
    beat.write_text(json.dumps({**json.loads(beat.read_text()), **elsewhere}))
    then_s = time.time() - silent_s
    os.utime(beat, (then_s, then_s))


def killed(folders: Folders, worker_id: str) -> None:
    """Let a worker that has stopped be one that was killed instead."""
    beat = folders.workers / f"{worker_id}.beat"
    beat.write_text(json.dumps({**json.loads(beat.read_text()), "stopped": False}))


def record(folders: Folders, worker_id: str, state: str, **facts: object) -> Path:
    """What a worker writes down of itself."""
    folders.workers.mkdir(parents=True, exist_ok=True)
    path = folders.workers / f"{worker_id}.json"
    about = {"id": worker_id, "host": "studio", "version": "1", "state": state, "job": None}
    path.write_text(json.dumps({**about, "since": "2026-11-23T22:00:00+00:00", **facts}))
    return path
