"""A whole house on a temporary folder: real rooms, a clock that waits instead of sleeping, the twin as renderer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from twins import PaintingRenderer

from worker.backlog import Backlog
from worker.clocks import Clocks
from worker.daemon import Daemon, Pace
from worker.delivery import FileDelivery
from worker.errors import ExitCode
from worker.identity import ModelIdentity, RendererInfo, WorkerIdentity
from worker.job.reader import JobFiles
from worker.operations.record import FolderRecorder, WorkerFiles
from worker.records import Limits, Recommendation
from worker.run_job import JobRunner
from worker.share_retry import Patience
from worker.spool import FolderSpool, MountTables, SpoolOptions, init_folders
from worker.spool.roots import MARK

MODEL = ModelIdentity(id="twin", kind="base", sha256="0" * 64, demo=False)
RECOMMENDATION = Recommendation(width_px=64, height_px=64, steps=2, guidance=3.0)


class House:
    """Drops jobs, runs the daemon, looks at what came out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders = init_folders(root)
        self.tables = MountTables(fstab=root / "fstab", units=())
        self._now_s = 0.0
        self._is_stopped = False
        self._events: list[tuple[float, Callable[[], None]]] = []

    def now_s(self) -> float:
        return self._now_s

    def at(self, now_s: float, act: Callable[[], None]) -> None:
        """Do something once the clock gets there."""
        self._events.append((now_s, act))

    def stop(self) -> None:
        self._is_stopped = True

    def resume(self) -> None:
        self._is_stopped = False

    def wait(self, timeout_s: float) -> None:
        """`ports.Wakeup`: waiting is what moves the clock."""
        self._now_s += timeout_s
        due = [event for event in self._events if event[0] <= self._now_s]
        self._events = [event for event in self._events if event not in due]
        for _, act in due:
            act()

    def close(self) -> None:
        pass

    def drop(self, name: str, text: str) -> None:
        (self.root / "inbox" / name).write_text(text, "utf-8")

    def drain(
        self,
        renderer: PaintingRenderer | None = None,
        *,
        grace_s: float = 60.0,
        attempts: int = 3,
        drain: bool = True,
        spool: FolderSpool | None = None,
    ) -> ExitCode:
        """A worker's life, from its lock to its end."""
        spool = spool or self.spool()
        reader = JobFiles(Limits(), RECOMMENDATION, guidance_matters=True)
        recorder = FolderRecorder(
            WorkerFiles(state=self.folders.workers / "w1.json", speed=self.folders.workers / "w1.speed.json"),
            about={"id": "w1", "host": "h", "version": "0"}, now=Clocks().now, monotonic=self.now_s,
        )  # fmt: skip
        patience = Patience(
            spool=spool, recorder=recorder, wakeup=self, scan_s=1.0, away_s=15.0, should_stop=lambda: self._is_stopped
        )
        runner = JobRunner(
            spool=spool, renderer=renderer or PaintingRenderer(), delivery=FileDelivery(), recorder=recorder,
            clocks=Clocks(monotonic=self.now_s), worker=_worker, model=MODEL, should_stop=lambda: self._is_stopped,
            wait_while_paused=patience.wait_while_paused,
        )  # fmt: skip
        daemon = Daemon(
            spool=spool, jobs=reader, backlog=Backlog(reader, grace_s=grace_s, clock=self.now_s), runner=runner,
            delivery=FileDelivery(), patience=patience, pace=Pace(attempts=attempts), monotonic=self.now_s,
            should_stop=lambda: self._is_stopped,
        )  # fmt: skip
        with spool.lock(self.wait):
            return daemon.run(drain=drain)

    def spool(self, worker_id: str = "w1", *, state: str = "state") -> FolderSpool:
        return FolderSpool(
            self.folders, worker_id=worker_id, state_dir=self.root / state, options=SpoolOptions(settle_s=2.0),
            clock=self.now_s, tables=self.tables,
        )  # fmt: skip

    def names(self, folder: str) -> set[str]:
        return {path.name for path in (self.root / folder).iterdir() if path.name != MARK}

    def manifest(self, name: str) -> dict[str, list[dict[str, object]]]:
        return dict(json.loads((self.root / "outbox" / name / "manifest.json").read_text("utf-8")))

    def is_swept(self) -> bool:
        """No claim, no note and no staging folder is left."""
        bookkeeping = [*self.folders.claims.glob("*/*"), *self.folders.returned.glob("*")]
        return not bookkeeping and not [*self.root.glob("*/*.partial")] and not self.names("inbox") - {".zimage-worker"}


def _worker(info: RendererInfo) -> WorkerIdentity:
    return WorkerIdentity(id="w1", host="h", version="0", torch=info.torch, diffusers=info.diffusers, gpu=info.gpu)
