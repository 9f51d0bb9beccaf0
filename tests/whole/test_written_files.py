"""Whatever becomes of a job, every file written for programs is as its published schema says, at every moment."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from house import House
from twins import PaintingRenderer, paint
from written import checked

from worker.errors import ExitCode
from worker.identity import RendererInfo
from worker.records import PictureResult, Refused, Request, Try

TWO = "shots:\n  - {id: a, prompt: a red mug}\n  - {id: b, prompt: a blue vase}\nsize: 64x64\n"
CATALOGUE = """\
products: mugs.csv
metadata: {campaign: {season: 秋, year: 2026}, tags: [a, b]}
matrix: {angle: [front, top]}
negative_prompt: text
allow: [new_seed]
size: 64x80
format: webp
guidance: 3
prompt: "{subject}, {angle}"
"""


class WatchedHouse(House):
    """Looks at all that is written whenever the worker waits."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.states: set[str] = set()

    def wait(self, timeout_s: float) -> None:
        self.look()
        super().wait(timeout_s)

    def look(self, _request: object = None) -> None:
        checked(self.root)
        record = self.folders.workers / "w1.json"
        if record.exists():
            self.states.add(json.loads(record.read_text("utf-8"))["state"])


class HesitantRenderer(PaintingRenderer):
    """Refuses every picture twice; then makes it with another seed, or not at all where it is told so."""

    def _result(self, request: Request) -> PictureResult:
        result = super()._result(request)
        tried = (
            Try(rung="first", outcome="black", seconds=0.12345, peak_mib=812.5, note="mean 0.0 of 255"),
            Try(rung="again", outcome="oom", seconds=0.0),
        )
        last = replace(result.tries[-1], rung="new_seed", seed=request.seed // 2)
        evidence = (Refused(rung="first", outcome="black", picture=paint(request)),)
        return replace(result, tries=(*tried, last), refused=evidence)


@pytest.fixture
def house(tmp_path: Path) -> WatchedHouse:
    return WatchedHouse(tmp_path)


def shots(house: House, place: str) -> list[dict[str, object]]:
    return list(json.loads((house.root / place / "manifest.json").read_text("utf-8"))["shots"])


def test_of_a_complete_job(house: WatchedHouse) -> None:
    house.drop("mugs.yaml", TWO)
    assert house.drain(PaintingRenderer(after=house.look)) == ExitCode.DONE
    assert checked(house.root) == {"manifest": 1, "sidecar": 2, "worker": 1}
    assert house.states == {"idle", "rendering"}


def test_of_a_catalogue_whose_pictures_needed_several_tries(house: WatchedHouse) -> None:
    folder = house.root / "inbox/autumn"
    folder.mkdir()
    (folder / "mugs.csv").write_text("sku,subject\nM1,马克杯\nM2,mug\n", "utf-8")
    (folder / "job.yaml").write_text(CATALOGUE, "utf-8")
    renderer = HesitantRenderer(refuses=["M2_top_01.webp"], after=house.look)
    assert house.drain(renderer) == ExitCode.JOBS_FAILED
    assert checked(house.root) == {"manifest": 1, "sidecar": 3, "worker": 1}
    made = shots(house, "outbox/autumn")[0]
    assert {"matrix", "product", "asked_seed"} <= set(made)
    assert len(list((house.root / "outbox/autumn/rejected").iterdir())) == 4


def test_of_a_partial_and_a_failed_job(house: WatchedHouse) -> None:
    for name, refuses in (("some", ["b_01.png"]), ("none", ["a_01.png", "b_01.png"])):
        house.drop(f"{name}.yaml", TWO)
        assert house.drain(PaintingRenderer(refuses=refuses)) == ExitCode.JOBS_FAILED
    assert checked(house.root) == {"manifest": 2, "sidecar": 1, "error": 1, "worker": 1}


def test_of_jobs_that_were_refused(house: WatchedHouse) -> None:
    house.drop("bad.yaml", "promt: a mug\nsize: 3x3\n")
    house.drop("empty.yaml", "")
    (house.root / os.fsdecode(b"inbox/\xff.yaml")).write_text("prompt: [\n", "utf-8")
    assert house.drain(grace_s=5.0) == ExitCode.JOBS_FAILED
    assert checked(house.root) == {"error": 3, "worker": 1}


def test_of_jobs_that_were_cancelled_before_and_while_they_were_rendered(house: WatchedHouse) -> None:
    house.drop("before.yaml", TWO)
    house.drop("before.cancel", "")
    assert house.drain() == ExitCode.JOBS_FAILED
    house.drop("mugs.yaml", TWO)
    renderer = PaintingRenderer(after=lambda _: house.drop("mugs.cancel", ""))
    assert house.drain(renderer) == ExitCode.JOBS_FAILED
    assert checked(house.root) == {"manifest": 1, "sidecar": 1, "error": 1, "worker": 1}
    assert shots(house, "outbox/mugs")[1]["attempts"] == []


def test_of_a_job_that_was_stopped_and_resumed(house: WatchedHouse) -> None:
    house.drop("mugs.yaml", TWO)
    assert house.drain(HesitantRenderer(after=lambda _: house.stop())) == ExitCode.STOPPED
    assert checked(house.root) == {"sidecar": 1, "worker": 1}  # of the folder that is still `.partial`
    house.resume()
    assert house.drain() == ExitCode.DONE
    assert checked(house.root) == {"manifest": 1, "sidecar": 2, "worker": 1}


def test_of_a_job_whose_worker_died_each_time(house: WatchedHouse) -> None:
    house.drop("mugs.yaml", TWO)

    class PowerCut(PaintingRenderer):
        def start(self) -> RendererInfo:
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            house.drain(PowerCut(), attempts=2)
        house.look()
    assert house.drain(attempts=2) == ExitCode.JOBS_FAILED
    assert checked(house.root) == {"error": 1, "manifest": 1, "worker": 1}


def test_of_a_worker_that_pauses(house: WatchedHouse) -> None:
    house.drop("mugs.yaml", TWO)
    pause, outbox, away = house.root / "inbox/PAUSE", house.root / "outbox", house.root / "away"
    pause.touch()
    house.at(30.0, pause.unlink)

    def vanish(_request: object) -> None:
        house.look()
        if not away.exists() and outbox.exists() and house.now_s() < 60.0:
            outbox.rename(away)
            house.at(house.now_s() + 40.0, lambda: away.rename(outbox))

    assert house.drain(PaintingRenderer(after=vanish)) == ExitCode.DONE
    assert house.states - {"idle"} == {"paused", "rendering"}
    assert checked(house.root) == {"manifest": 1, "sidecar": 2, "worker": 1}


def test_a_file_that_is_not_as_it_should_be_is_found(house: WatchedHouse) -> None:
    house.drop("mugs.yaml", TWO)
    house.drain()
    sidecar = house.root / "outbox/mugs/a_01.json"
    sidecar.write_text(sidecar.read_text("utf-8").replace('"steps": 2', '"steps": "2"'), "utf-8")
    with pytest.raises(AssertionError, match="steps"):
        checked(house.root)
