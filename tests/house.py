"""A whole house on a temporary folder: real rooms, a clock that waits instead of sleeping, the twin as renderer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from twins import PaintingRenderer

from worker.clocks import Clocks
from worker.compose.bootstrap import Worker, bootstrap
from worker.disk.mount_tables import MountTables
from worker.errors import ExitCode
from worker.identity import ModelIdentity
from worker.records import Limits
from worker.settings import Settings
from worker.spool import FolderSpool, SpoolOptions, init_folders
from worker.spool.folder_identity import MARK
from worker.spool.layout import RECEIPTS

OURS = (MARK, RECEIPTS, "_overview", "_reports")
"""What workers keep in the outbox beside the jobs."""
MODEL = ModelIdentity(id="twin", kind="base", sha256="0" * 64, demo=False)


class House:
    """Drops jobs, runs the daemon, looks at what came out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders = init_folders(root)
        self.tables = MountTables(fstab=root / "fstab", units=())
        self._now_s = 0.0
        self._is_stopped = False
        self._events: list[tuple[float, Callable[[], None]]] = []
        self._pulses: list[Callable[[], None]] = []
        self._is_spending = False

    def now_s(self) -> float:
        return self._now_s

    def at(self, now_s: float, act: Callable[[], None]) -> None:
        """Do something once the clock gets there."""
        self._events.append((now_s, act))

    def stop(self) -> None:
        self._is_stopped = True

    def resume(self) -> None:
        self._is_stopped = False

    def is_stopped(self) -> bool:
        return self._is_stopped

    def wait(self, timeout_s: float) -> None:
        """`ports.Wakeup`: waiting is what moves the clock."""
        self.spend(timeout_s)

    @contextmanager
    def beating(self, pulse: Callable[[], None]) -> Iterator[None]:
        """`spool.Driver`: the heart of a worker beats whenever the clock moves, as its thread does in a night."""
        self._pulses.append(pulse)
        try:
            yield
        finally:
            self._pulses.remove(pulse)

    @contextmanager
    def charging(self, *, sync_s: float = 0.03, read_s: float = 0.0, rename_s: float = 0.0) -> Iterator[None]:
        """A share on which every fsync, opening of a file and rename takes its time; nothing is really synced."""
        costs = {"fsync": sync_s, "open": read_s, "rename": rename_s}
        with pytest.MonkeyPatch.context() as patch:
            for name, cost_s in costs.items():
                patch.setattr(os, name, self._charged(getattr(os, name) if name != "fsync" else lambda _: None, cost_s))
            yield

    def _charged(self, call: Callable[..., object], cost_s: float) -> Callable[..., object]:
        def charged(*args: object, **named: object) -> object:
            is_folder = len(args) > 1 and isinstance(args[1], int) and args[1] & os.O_DIRECTORY  # known for a while
            if (
                not self._is_spending and cost_s and not is_folder
            ):  # what happens meanwhile, elsewhere, costs this worker nothing
                self.spend(cost_s)
            return call(*args, **named)

        return charged

    def spend(self, seconds: float) -> None:
        """Let time pass: hearts beat, and what is due happens."""
        self._now_s += seconds
        due = [event for event in self._events if event[0] <= self._now_s]
        self._events = [event for event in self._events if event not in due]
        former, self._is_spending = self._is_spending, True
        for act in [*self._pulses, *(act for _, act in due)]:
            act()
        self._is_spending = former

    def ring(self) -> None:
        """Nobody waits on this clock."""

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
        worker_id: str = "w1",
        language: str = "auto",
    ) -> ExitCode:
        """A worker's life, from its lock to its end."""
        worker = self.worker(renderer, grace_s=grace_s, attempts=attempts, worker_id=worker_id, language=language)
        with worker.spool.ownership.lock(self.wait):
            return worker.daemon(MODEL).run(drain=drain)

    def worker(self, renderer: PaintingRenderer | None = None, **settings: object) -> Worker:
        made = renderer or PaintingRenderer()
        return bootstrap(
            self.settings(**settings),
            renderer=lambda _: made,
            clock=self.clocks(),
            wakeup=self,
            pause=self.wait,
            should_stop=self.is_stopped,
            tables=self.tables,
            driver=self.beating,
        )

    def clocks(self) -> Clocks:
        return Clocks(monotonic=self.now_s, boottime=self.now_s)

    def settings(self, **changed: object) -> Settings:
        folders = {name: self.root / name for name in ("inbox", "outbox", "failed")}
        pictures = {"model_kind": "base", "size": "64x64", "steps": "2", "guidance": "3"}
        given = {**folders, **pictures, "worker_id": "w1", "state_dir": self.root / "state", **changed}
        return Settings.model_validate(given, context=Limits())

    def spool(self, worker_id: str = "w1", *, state: str = "state") -> FolderSpool:
        return FolderSpool(
            self.folders, worker_id=worker_id, state_dir=self.root / state, options=SpoolOptions(settle_s=2.0),
            clock=self.now_s, tables=self.tables, driver=self.beating,
        )  # fmt: skip

    def names(self, folder: str) -> set[str]:
        return {path.name for path in (self.root / folder).iterdir() if path.name not in OURS}

    def manifest(self, name: str) -> dict[str, list[dict[str, object]]]:
        return dict(json.loads((self.root / "outbox" / name / "manifest.json").read_text("utf-8")))

    def is_swept(self) -> bool:
        """No claim, no note and no staging folder is left."""
        bookkeeping = [*self.folders.claims.glob("*/*"), *self.folders.returned.glob("*")]
        return not bookkeeping and not [*self.root.glob("*/*.partial")] and not self.names("inbox") - {".zimage-worker"}


def whole_path(path: object, dir_fd: int | None = None) -> Path:
    """What a call means by a path that may count from an open folder."""
    return (Path(f"/proc/self/fd/{dir_fd}").readlink() if dir_fd is not None else Path()) / str(path)
