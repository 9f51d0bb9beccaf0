"""A month of nights: jobs, deaths, stops, withdrawals and litter, and nothing of the workers' own grows."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from house import MODEL, House
from twins import PaintingRenderer

from worker.records import Request

DAY_S = 86_400.0
MUGS = "prompt: a white mug\nsize: 64x64\ncount: 3\n"


class Killed(BaseException):
    """In place of SIGKILL."""


class Month:
    """One worker that lives through it, and others that come, die and go, each day from another machine."""

    def __init__(self, root: Path) -> None:
        self.house = House(root)
        self.counts: list[int] = []
        """Files of the workers' own at the end of each day."""

    def live(self, days: int) -> None:
        for day in range(days):
            self.house.at(day * DAY_S + 9 * 3600.0, lambda day=day: self.work(day))
            self.house.at((day + 1) * DAY_S, lambda: self.counts.append(len(self.own_files())))
        self.house.at(days * DAY_S + 1.0, self.house.stop)
        worker = self.house.worker(scan_s=3600.0, grace_s=0.0)
        with worker.spool.ownership.lock(self.house.wait):
            worker.daemon(MODEL).run(drain=False)

    def own_files(self) -> list[Path]:
        root, hidden = self.house.root, self.house.folders.hidden
        found = [*hidden.rglob("*"), *(root / "state").rglob("*"), *root.glob("*/*.partial"), *root.glob("*/.*")]
        return [path for path in found if "compiled" not in path.parts]

    def work(self, day: int) -> None:
        house = self.house
        for number in range(2):
            house.drop(f"good-{day}-{number}.yaml", MUGS)
        house.drop(f"bad-{day}.yaml", "prompt: [\n")
        self.other(f"killed-{day}", dies=True)
        house.drop(f"withdrawn-{day}.yaml", MUGS)
        self.other(f"stopped-{day}", dies=False)
        (house.root / f"inbox/withdrawn-{day}.yaml").unlink(missing_ok=True)
        house.drop(f"mended-{day}.yaml", MUGS)
        self.other(f"stopped-too-{day}", dies=False)
        house.drop(f"mended-{day}.yaml", MUGS.replace("white", "green"))
        for folder in (house.folders.inbox, house.folders.outbox, house.folders.failed, house.folders.workers):
            (folder / f".mug.yaml.{4711 + day}.tmp").touch()
        (house.folders.failed / f".zimage-worker-probe-{day:x}").touch()

    def other(self, worker_id: str, *, dies: bool) -> None:
        """A worker of another machine that dies, or is stopped, after its first picture."""

        def after(_: Request) -> None:
            if dies:
                raise Killed
            self.house.stop()

        state = self.house.root / "elsewhere" / worker_id
        painter = PaintingRenderer(after=after)
        worker = self.house.worker(painter, worker_id=worker_id, state_dir=state, grace_s=0.0)
        with worker.spool.ownership.lock(self.house.wait), suppress(Killed):
            worker.daemon(MODEL).run(drain=False)
        self.house.resume()


@pytest.mark.slow
def test_nothing_of_the_workers_own_grows_over_a_month(tmp_path: Path) -> None:
    month = Month(tmp_path)
    month.live(30)
    house = month.house
    assert max(month.counts[25:]) <= max(month.counts[15:20])
    assert not [*house.root.glob("*/*.partial")]
    assert not [*house.folders.returned.iterdir()]
    assert house.names("inbox") == {".zimage-worker"}
    made = house.names("outbox")
    for day in range(30):
        assert {f"good-{day}-0", f"good-{day}-1", f"mended-{day}"} <= made
        assert f"bad-{day}" in house.names("failed")
    assert {path.name.split(".")[0] for path in house.folders.workers.iterdir()} >= {"w1", "killed-29"}
    assert not [*house.folders.workers.glob("killed-5.*")]


@pytest.mark.slow
def test_without_a_janitor_it_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.spool.janitor.Janitor.sweep", lambda _: None)
    month = Month(tmp_path)
    month.live(10)
    assert month.counts[9] > month.counts[4] > month.counts[0]
