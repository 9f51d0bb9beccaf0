"""A month of nights that nobody attends: a worker with hours and all that runs beside it, on the clock of a test.

What is dropped, asked for and broken on which day, `Month.plan` says; what came of it, the tests look at.
"""

from __future__ import annotations

import gc
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from beside_worker import Beside
from house import MODEL
from night_house import NightHouse
from reported_night import PaintedNight

from worker.operations.alerts.sending import Addressed
from worker.operations.events import heard_by
from worker.operations.metrics.collector import Figures
from worker.records import Request
from worker.translation import Text, gettext

PICTURE_S = 900.0
STEP_S = 900.0
"""Between two looks of a worker that waits, and between two signs of life."""
STOPS, KILLS = (3, 7, 26), (5, 9, 27)
"""Nights in which the worker is stopped, and in which it dies; in those between it lives on."""
PROOFS = {1: "approved", 6: "never", 11: "rejected", 16: "approved", 21: "rejected", 26: "never"}
"""By night: how the proof of that day's job is answered, late or never."""
NEVER_ANSWERED, REJECTED = (
    frozenset(f"n{night:02}-proof" for night, answer in PROOFS.items() if answer == given)
    for given in ("never", "rejected")
)


JOBS = (
    ("good", 1, 0, "prompt: a mug\ncount: 3\n"),
    ("mended", 1, 0, "prompt: a mended teapot\ncount: 2\n"),
    ("partial", 3, 0, "shots:\n  - {id: good, prompt: a vase}\n  - {id: bad, prompt: black}\n"),
    ("black", 4, 1, "prompt: a black lamp\n"),
    ("huge", 5, 2, "prompt: a huge bowl\n"),
    ("wrong", 4, 3, "promt: a chair\n"),
    ("cancelled", 6, 4, "prompt: NIGHT cancelled\ncount: 4\n"),
    ("large", 15, 0, "prompt: a poster\ncount: 50\n"),
)
"""Name, every how many nights, which of them, text."""


class Killed(BaseException):
    """In place of SIGKILL."""


class Month:
    """Thirty nights."""

    def __init__(self, root: Path, *, begins: str, nights: int) -> None:
        self.nights = nights
        self.begins = datetime.fromisoformat(begins)
        self.house = NightHouse(root, begins=begins)
        self.letters: list[tuple[str, str, str]] = []
        """When each came, its title and its body."""
        self.dropped: set[str] = set()
        """Names of jobs."""
        self.refused = 0
        """Letters that their receiver did not take."""
        self.is_refusing = False
        self.begun: list[datetime] = []
        self.figures: list[Figures] = []
        """Of each life."""
        self.events: Counter[str] = Counter()
        self.kept: dict[str, Mapping[str, object]] = {}
        """Manifests by folder, those of folders that went later among them."""
        self.sizes: list[dict[str, int]] = []
        """What is counted at each noon."""
        self._must_die = False

    def time(self, night: int, clock: str) -> str:
        """An hour of the night that begins on that day; before noon it is the next day's."""
        day = self.begins.date() + timedelta(days=night + (clock < "12:00"))
        return f"{day} {clock}"

    def at(self, night: int, clock: str, act) -> None:
        self.house.at_hour(self.time(night, clock), act)

    def settings(self, **changed: object) -> dict[str, object]:
        root = self.house.root
        return {
            "hours": "22:00-07:00", "scan_s": STEP_S, "grace_s": 60.0, "lease_s": 3_600.0, "away_s": 60.0,
            "notify": {"urls": ["json://receiver/"]},
            "hook": {"command": ["/bin/sh", "-c", f'echo "$ZIMAGE_WORKER_ID" >> {root}/hooked', "hook"]},
            "metrics_file": root / "zimage.prom",
            "retention": {"after_days": 8, "do": "delete", "which": ["complete"]},
            **changed,
        }  # fmt: skip

    def send(self, letters: Sequence[Addressed], **_: object) -> dict[int, Text]:
        """In place of the process that sends: a receiver that refuses for a while."""
        told = [(number, one) for number, one in enumerate(letters) if one.title is not None]
        if self.is_refusing:
            self.refused += len(told)
            return {number: gettext("{reason}", reason="503") for number, _ in told}
        self.letters += [(self.house.shown(), str(one.title), one.body) for _, one in told]
        return {}

    def after(self, request: Request) -> None:
        self.begun.append(datetime.fromtimestamp(self.house.wall_s()))
        self.house.spend(PICTURE_S)
        if "cancelled" in request.prompt and self.house.root.joinpath("inbox").is_dir():
            self.house.drop(f"{request.prompt}.cancel".replace(" ", "-"), "")
        if self._must_die:
            self._must_die = False
            raise Killed

    def live(self) -> None:
        """From the first noon to the last."""
        end_s = self.nights * 86_400.0
        while self.house.now_s() < end_s:
            with suppress(Killed):
                self._one_life()
                continue
            self.house.spend(600.0)

    def _one_life(self) -> None:
        house = self.house
        house.resume()
        painter = PaintedNight(after=self.after)
        worker = house.worker(painter, **self.settings())
        with heard_by(lambda event, _: self.events.update([event])), worker.spool.ownership.lock(house.wait):
            beside = Beside(house, worker, send=self.send)
            self._worker = worker
            self.figures.append(beside.metrics.figures)
            with beside.running():
                worker.daemon(MODEL).run(drain=False)
        house.spend(600.0)

    def plan(self) -> None:
        """All that happens, day by day."""
        for night in range(self.nights):
            self.at(night, "13:00", lambda night=night: self.drop(night))
            self.at(night, "12:00" if night else "12:01", self.count)
            if night in STOPS:
                self.at(night, "22:50", self.house.stop)
            if night in KILLS:
                self.at(night, "22:50", self.die)
        self.house.at_hour(self.time(self.nights, "12:30"), self.house.stop)
        self.at(self.nights, "12:20", self.count)
        self.at(12, "15:10", lambda: self.lose("inbox"))
        self.at(12, "15:40", lambda: self.find("inbox"))
        self.at(14, "02:00", lambda: self.lose("outbox"))
        self.at(14, "02:40", lambda: self.find("outbox"))
        self.at(17, "23:00", lambda: self.refuse(True))
        self.at(17, "23:50", lambda: self.refuse(False))
        self.at(20, "12:30", lambda: self.reload(hours="20:00-06:00"))
        self.at(22, "12:30", self.reload)

    def die(self) -> None:
        self._must_die = True

    def refuse(self, is_refusing: bool) -> None:
        self.is_refusing = is_refusing

    def lose(self, name: str) -> None:
        (self.house.root / name).rename(self.house.root / f"{name}-away")

    def find(self, name: str) -> None:
        (self.house.root / f"{name}-away").rename(self.house.root / name)

    def reload(self, **changed: object) -> None:
        self._worker.live.offer(self.house.settings(**self.settings(**changed)))

    def drop(self, night: int) -> None:
        for name, every, at, text in JOBS:
            if night % every == at:
                self.dropped.add(f"n{night:02}-{name}")
                self.house.drop(f"n{night:02}-{name}.yaml", text.replace("NIGHT", f"n{night:02}"))
        if night in PROOFS:
            self.proof(night, PROOFS[night])

    def proof(self, night: int, answer: str) -> None:
        name = f"n{night:02}-proof"
        shots = "  - {id: a, prompt: a mug, count: 2}\n  - {id: b, prompt: a vase, count: 2}\n"
        self.dropped.add(name)
        self.house.drop(f"{name}.yaml", f"proof: true\nshots:\n{shots}")
        if answer == "approved":
            self.at(night + 9, "14:00", lambda: self.house.drop(f"{name}.approve", ""))
        if answer == "rejected":
            self.at(night + 3, "14:00", lambda: self.house.drop(f"{name}.reject", ""))

    def count(self) -> None:
        """At noon: keep the manifests, and count what may grow."""
        house = self.house
        for root in (house.folders.outbox, house.folders.failed):
            for folder in (one for one in root.glob("n*") if not one.name.endswith(".partial")):
                documents = [folder / "manifest.json", folder / "error.json"]
                text = next(path for path in documents if path.is_file()).read_text("utf-8")
                self.kept.setdefault(f"{root.name}/{folder.name}", json.loads(text))
        if not house.folders.inbox.is_dir():
            return
        gc.collect()
        self.sizes.append(
            {
                "hidden": _files(house.folders.hidden),
                "state": _files(house.root / "state"),
                "receipts": _files(house.folders.outbox / "receipts"),
                "threads": threading.active_count(),
                "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
                "objects": len(gc.get_objects()),
                "letters": len(self.letters),
            }
        )


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))
