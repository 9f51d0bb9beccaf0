"""A house with a clock on the wall, which goes on as time is spent, and can be set; and what was logged in it."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from house import MODEL, House
from twins import PaintingRenderer

from worker.clocks import Clocks
from worker.compose.bootstrap import Worker, bootstrap
from worker.errors import ExitCode
from worker.operations.events import configure, heard_by

PICTURE_S = 300.0
TOLD = ("window.begun", "window.ended", "window.awaited")


@contextmanager
def zone(name: str) -> Iterator[None]:
    """This machine lies there, as far as the program can tell."""
    former = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if former is None else os.environ.update(TZ=former)
        time.tzset()


@contextmanager
def night_in_berlin(root: Path, *, begins: str = "2026-11-28 21:58") -> Iterator[NightHouse]:
    """A house there, whose log is not shown.

    Args:
        root: of its folders.
        begins: its clock.
    """
    configure("json", io.StringIO())
    with zone("Europe/Berlin"):
        yield NightHouse(root, begins=begins)


class NightHouse(House):
    """Its clock begins at a time of this machine's zone."""

    def __init__(self, root: Path, *, begins: str) -> None:
        super().__init__(root)
        self._begun_s = datetime.fromisoformat(begins).timestamp()
        self.set_by_s = 0.0
        """By how much somebody has set the clock on the wall."""
        self.heard: list[tuple[str, str, Mapping[str, object]]] = []
        """When, as the clock on the wall shows it, which event, and its facts."""
        self.painted: list[tuple[str, str]] = []
        """When each picture was made, and its file."""

    def wall_s(self) -> float:
        return self._begun_s + self.now_s() + self.set_by_s

    def now(self) -> str:
        return datetime.fromtimestamp(self.wall_s(), UTC).isoformat(timespec="milliseconds")

    def shown(self) -> str:
        """What the clock on the wall shows."""
        return datetime.fromtimestamp(self.wall_s()).isoformat(sep=" ", timespec="minutes")

    def at_hour(self, local: str, act) -> None:
        """Do something once the clock on the wall gets there, unless somebody sets it."""
        self.at(datetime.fromisoformat(local).timestamp() - self._begun_s, act)

    def painter(self) -> PaintingRenderer:
        """A renderer of which a picture takes five minutes."""

        def after(request: object) -> None:
            self.spend(PICTURE_S)
            self.painted.append((self.shown(), painter.painted[-1]))

        painter = PaintingRenderer(after=after)
        return painter

    def worker(self, renderer: PaintingRenderer | None = None, **settings: object) -> Worker:
        made = renderer or self.painter()
        return bootstrap(
            self.settings(**settings),
            renderer=lambda _: made,
            clock=Clocks(now=self.now, monotonic=self.now_s, boottime=self.now_s),
            wakeup=self,
            pause=self.wait,
            should_stop=self.is_stopped,
            tables=self.tables,
            driver=self.beating,
        )

    def run(self, renderer: PaintingRenderer | None = None, *, drain: bool = False, **settings: object) -> ExitCode:
        """A worker's life, in which what is told of its hours is heard."""
        worker = self.worker(renderer, **{"scan_s": 30.0, "hours": "22:00-07:00", **settings})
        with heard_by(self.hear), worker.spool.ownership.lock(self.wait):
            return worker.daemon(MODEL).run(drain=drain)

    def hear(self, event: str, facts: Mapping[str, object]) -> None:
        if event in TOLD:
            self.heard.append((self.shown(), event, facts))

    def told(self, event: str) -> list[Mapping[str, object]]:
        return [facts for _, name, facts in self.heard if name == event]

    def record(self, worker_id: str = "w1") -> dict:
        return dict(json.loads((self.folders.workers / f"{worker_id}.json").read_text("utf-8")))

    def hours_painted(self) -> list[str]:
        """When pictures were made, in order."""
        return [when for when, _ in self.painted]
