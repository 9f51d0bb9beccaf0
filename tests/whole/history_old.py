"""Retention in a history: a worker lets finished folders go into the archive, a step at a time, and may die at any."""

from __future__ import annotations

import json
import time
from pathlib import Path

from turns import Process
from whole.history import History
from whole.history_controls import finished_in

from worker.disk.mount_tables import MountTables
from worker.spool.retention.keeper import Keeper
from worker.spool.retention.old_folders import Rules

ENDS = frozenset({"complete", "partial", "cancelled", "failed"})


def old_folders(history: History) -> None:
    """Whatever has ended goes; in a night it would be a day old at least, and nobody's claim."""
    name = history.draw.choice(history.names)
    if (keeper := keeper_of(history, name)) is None or (name in history.keeping and not history.keeping[name].is_over):
        return
    for path in finished_in(history):
        history.note_moved(path)
    archive = history.root / "archive"
    archive.mkdir(exist_ok=True)
    rules = Rules(after_days=0, which=ENDS, archive=archive)
    history.keeping[name] = process = Process(history.workers, name, lambda: let_go(history, keeper, rules))
    history.workers.processes.append(process)
    if history.draw.random() < 0.4:
        process.fuse = int(10 ** history.draw.uniform(0.5, 2.5))
    history.tell(f"{name} archives old folders{f', dies at call {process.fuse}' if process.fuse is not None else ''}")


def keeper_of(history: History, name: str) -> Keeper | None:
    """That of a worker that lives; its clock has been right for long."""
    process = history.alive.get(name)
    if process is None or process.is_over or process.worker is None:
        return None
    state = history.root / f"retention-{name}.json"
    state.write_text(json.dumps({"seen_s": time.time(), "since_s": time.time() - 30 * 3600.0}))
    tables = MountTables(fstab=history.root / "fstab", units=())
    return process.worker.spool.keeper(state, tables=tables, wall_s=time.time)


def let_go(history: History, keeper: Keeper, rules: Rules | None) -> None:
    """One look; what the share refuses is tried at the next."""
    try:
        for _ in keeper.steps(rules):
            history.workers.spend(1.0)
    except OSError:
        return


def put_back(history: History) -> None:
    """In the end every worker has looked once more: what one has left half-way lies where people see it."""
    for name in history.names:
        if (keeper := keeper_of(history, name)) is not None:
            let_go(history, keeper, None)


def archived(history: History) -> list[Path]:
    """What has gone."""
    archive = history.root / "archive"
    return sorted(archive.iterdir()) if archive.is_dir() else []
