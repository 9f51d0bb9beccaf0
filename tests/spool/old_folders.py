"""A spool in which jobs ended long ago, for the tests of retention."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from heard_log import Told, heard_log
from house import House
from twins import PaintingRenderer

from worker.spool.retention.holders import HIDDEN
from worker.spool.retention.keeper import Keeper
from worker.spool.retention.old_folders import Rules

DAY_S = 86_400.0
COMPLETE = frozenset({"complete"})
Files = dict[str, bytes]


class Old:
    """A spool in which jobs have ended, a hundred days later."""

    def __init__(self, root: Path) -> None:
        self.house = House(root)
        self.now_s = time.time() + 100 * DAY_S
        self.archive = root / "archive"
        self.archive.mkdir()
        self.is_elsewhere = False

    def job(self, name: str, *, refuses: tuple[str, ...] = ()) -> Path:
        """One that has ended long ago, of two pictures, with a sidecar each, and the job."""
        folder = self.house.root / "inbox" / name
        folder.mkdir()
        (folder / "job.yaml").write_text("products: p.csv\nprompt: a {sku}\n")
        (folder / "p.csv").write_text("sku\na\nb\n")
        self.house.drain(PaintingRenderer(refuses=refuses))
        return self.age(self.house.root / "outbox" / name)

    def age(self, folder: Path, days: float = 0.0) -> Path:
        """As nobody has touched it since."""
        os.utime(folder, (time.time(), time.time() - days * DAY_S))
        return folder

    def keeper(self, worker_id: str = "w1", *, is_settled: bool = True) -> Keeper:
        spool = self.house.spool(worker_id)
        state = self.house.root / f"retention-{worker_id}.json"
        if is_settled and not state.exists():
            state.write_text(json.dumps({"seen_s": self.now_s, "since_s": self.now_s - 2 * DAY_S}))
        for path in self.house.folders.workers.iterdir():  # the share's own clock goes with it
            os.utime(path, (self.now_s, self.now_s))
        return spool.keeper(state, tables=self.house.tables, wall_s=lambda: self.now_s)

    def rules(self, *, archive: bool = True, which: frozenset[str] = COMPLETE, after_days: int = 60) -> Rules:
        return Rules(after_days=after_days, which=which, archive=self.archive if archive else None)

    def pass_(self, *, archive: bool = True, which: frozenset[str] = COMPLETE, after_days: int = 60) -> Told:
        """One look at all folders."""
        with heard_log() as told:
            for _ in self.keeper().steps(self.rules(archive=archive, which=which, after_days=after_days)):
                pass
        return told

    def outbox(self) -> set[str]:
        return self.house.names("outbox")

    def hidden(self) -> list[Path]:
        return [*(self.house.root / "outbox").glob(f"{HIDDEN}/*")]


def files_in(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def kept(told: Told) -> dict[str, str]:
    return {str(facts["folder"]): str(facts["reason"]) for event, facts in told if event == "folder.kept"}


def waits(told: Told) -> list[str]:
    return [str(facts["reason"]) for event, facts in told if event == "retention.waits"]
