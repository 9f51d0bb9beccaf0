"""Lives and deaths of workers over one job: what counts as a death, against what, and what it may never cost."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from house import MODEL, House
from twins import PaintingRenderer

from worker.errors import ExitCode, RendererDied
from worker.identity import RendererInfo
from worker.records import Progress, Request

pytestmark = pytest.mark.slow

FIVE = "count: 5\nshots:\n  - {id: cups, prompt: a mug}\n"
FILES = [f"cups_{number:02}.png" for number in range(1, 6)]


class Killed(BaseException):
    """Nothing of the program runs any more."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def killing(*files: str) -> PaintingRenderer:
    """Its worker dies whenever one of these pictures is made."""

    def kill(request: Request) -> None:
        if request.file in files:
            raise Killed

    return PaintingRenderer(after=kill)


def dies(house: House, renderer: PaintingRenderer, *, attempts: int = 3) -> None:
    with pytest.raises(Killed):
        house.drain(renderer, attempts=attempts)


def statuses(house: House, name: str = "cups") -> dict[str, object]:
    return {str(shot["file"]): shot["status"] for shot in house.manifest(name)["shots"]}


def test_a_worker_killed_again_and_again_with_progress_ends_its_job_whole(house: House) -> None:
    house.drop("cups.yaml", FIVE)
    for file in FILES[1:]:
        dies(house, killing(file), attempts=2)
    assert house.drain(attempts=2) == ExitCode.DONE
    assert set(statuses(house).values()) == {"ok"}
    assert house.is_swept()


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_a_picture_that_kills_its_worker_fails_alone_and_the_others_are_made(house: House, attempts: int) -> None:
    house.drop("cups.yaml", FIVE)
    for _ in range(attempts):
        dies(house, killing(FILES[1]), attempts=attempts)
    assert house.drain(killing(FILES[1]), attempts=attempts) == ExitCode.JOBS_FAILED
    assert [file for file, status in statuses(house).items() if status == "failed"] == [FILES[1]]
    error = str(house.manifest("cups")["shots"][1]["error"])
    assert error.startswith(f"The worker died {attempts} time")


class InCompany(PaintingRenderer):
    """Makes all at once, as a batch is made, and dies where one picture is among them."""

    def __init__(self, fatal: str) -> None:
        super().__init__()
        self.fatal = fatal

    def render(self, requests, *, on_progress):
        files = tuple(request.file for request in requests)
        on_progress(Progress(request=requests[0], step=0, steps=2, files=files))
        if self.fatal in files:
            raise Killed
        yield from super().render(requests, on_progress=on_progress)


@pytest.mark.parametrize("attempts", [1, 3])
def test_of_a_batch_only_the_picture_that_kills_fails(house: House, attempts: int) -> None:
    house.drop("cups.yaml", FIVE)
    for _ in range(max(2, attempts)):  # once in company, which tells nobody which it was
        dies(house, InCompany(FILES[3]), attempts=attempts)
    assert house.drain(InCompany(FILES[3]), attempts=attempts) == ExitCode.JOBS_FAILED
    assert [file for file, status in statuses(house).items() if status == "failed"] == [FILES[3]]


class NeverUp(PaintingRenderer):
    def start(self) -> RendererInfo:
        raise Killed


def test_a_job_whose_worker_dies_before_any_picture_is_refused_without_a_renderer(house: House) -> None:
    house.drop("cups.yaml", FIVE)
    for _ in range(3):
        dies(house, NeverUp())
    assert house.drain(NeverUp()) == ExitCode.JOBS_FAILED
    assert "3 times" in (house.root / "failed/cups/error.txt").read_text()


def test_a_job_of_which_every_picture_kills_ends_before_each_has_had_its_turns(house: House) -> None:
    house.drop("cups.yaml", FIVE.replace("5", "10"))
    renderer, lives = killing(*(f"cups_{number:02}.png" for number in range(1, 11))), 0
    while True:
        try:
            assert house.drain(renderer, attempts=1) == ExitCode.JOBS_FAILED
            break
        except Killed:
            lives += 1
    assert lives == 5
    assert house.names("failed") == {"cups"}


def test_a_stop_while_the_share_is_away_is_no_death(house: House) -> None:
    house.drop("cups.yaml", FIVE)
    outbox, away = house.root / "outbox", house.root / "away"
    for _ in range(4):

        def vanish(request: Request) -> None:
            if request.file == FILES[0] and outbox.exists():
                outbox.rename(away)
                house.stop()

        assert house.drain(PaintingRenderer(after=vanish), attempts=1) == ExitCode.STOPPED
        away.rename(outbox)
        house.resume()
    assert house.drain(attempts=1) == ExitCode.DONE
    assert set(statuses(house).values()) == {"ok"}


def test_a_renderer_that_is_lost_is_no_death(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("cups.yaml", FIVE)

    def failing(*_: object) -> bool:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("worker.spool.claims.move_to_free_name", failing)  # so that it cannot be given back
        for _ in range(3):
            with pytest.raises(RendererDied):
                house.drain(PaintingRenderer(dies_at=FILES[0]), attempts=1)
    assert house.drain(attempts=1) == ExitCode.DONE


def made_then(house: House, file: str, act: Callable[[], None]) -> None:
    """All pictures before that one are finished; at it, something happens."""
    house.drain(PaintingRenderer(after=lambda request: act() if request.file == file else None))


def die() -> None:
    raise Killed


def given_back_then_cancelled(house: House) -> None:
    made_then(house, FILES[3], house.stop)
    house.resume()
    house.drop("cups.cancel", "")


def killed_then_cancelled(house: House) -> None:
    with pytest.raises(Killed):
        made_then(house, FILES[3], die)
    house.drop("cups.cancel", "")


def killed_then_too_many(house: House) -> None:
    with pytest.raises(Killed):
        made_then(house, FILES[3], die)
    real = house.settings
    house.settings = lambda **changed: real(max_shots=2, **changed)  # type: ignore[method-assign]


def killed_too_often(house: House) -> None:
    with pytest.raises(Killed):
        made_then(house, FILES[3], die)
    for _ in range(3):
        dies(house, NeverUp(), attempts=3)


def killed_and_one_has_rotted(house: House) -> None:
    killed_then_cancelled(house)
    (folder,) = (house.root / "outbox").glob("*.partial")
    (folder / FILES[2]).write_bytes(b"rot")


ROADS = {
    road.__name__: road
    for road in (
        given_back_then_cancelled, killed_then_cancelled, killed_then_too_many, killed_too_often,
        killed_and_one_has_rotted,
    )
}  # fmt: skip


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.png")}


@pytest.mark.parametrize("road", ROADS)
def test_no_refusal_deletes_a_verified_picture(house: House, road: str) -> None:
    house.drop("cups.yaml", FIVE)
    ROADS[road](house)
    made = pictures(house.root / "outbox")
    good = {name: data for name, data in made.items() if data != b"rot"}
    assert good.keys() >= set(FILES[:2])
    assert house.drain(NeverUp()) == ExitCode.JOBS_FAILED
    place = "failed" if road == "killed_then_too_many" else "outbox"
    assert house.names(place) == {"cups"}
    assert pictures(house.root / place / "cups") == good
    assert {path.stem for path in (house.root / place / "cups").glob("cups_*.json")} >= {Path(one).stem for one in good}
    if place == "outbox":
        is_cancelled = road != "killed_too_often"
        assert house.manifest("cups")["status"] == ("cancelled" if is_cancelled else "partial")
    assert house.is_swept()


def test_an_end_that_takes_nothing_along_is_caught(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: each of the two rules by itself, the copies and the sweep that looks, loses no picture."""
    house.drop("cups.yaml", FIVE)
    killed_then_too_many(house)
    made = pictures(house.root / "outbox")
    monkeypatch.setattr("worker.spool.publishing.take_along", lambda *_, **__: None)
    house.drain()
    assert pictures(house.root / "failed/cups") == {}
    assert pictures(house.root / "outbox") == made


def test_a_last_rename_that_is_refused_for_long_costs_no_picture_no_copy_and_no_death(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the folder is open on a Windows machine."""
    house.drop("cups.yaml", FIVE)
    real = os.rename

    def open_elsewhere(source, target, *args, **named) -> None:
        if Path(target) == house.root / "outbox/cups":
            raise PermissionError(errno.EACCES, "Permission denied")
        real(source, target, *args, **named)

    renderer = PaintingRenderer()
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", open_elsewhere)
        house.at(1_500.0, house.stop)  # set aside, and tried again, more than once
        house.drain(renderer, attempts=1, drain=False)
    assert renderer.painted == FILES
    assert len([*(house.root / "outbox").glob("*.partial")]) == 1
    house.resume()
    assert house.drain(renderer, attempts=1) == ExitCode.DONE
    assert renderer.painted == FILES
    assert house.is_swept()


def test_pictures_of_another_model_are_kept_beside_the_new_ones(house: House) -> None:
    house.drop("cups.yaml", FIVE)
    with pytest.raises(Killed):
        made_then(house, FILES[2], die)
    former = pictures(house.root / "outbox")
    worker = house.worker()
    with worker.spool.ownership.lock():
        assert worker.daemon(replace(MODEL, id="another", sha256="1" * 64)).run(drain=True) == ExitCode.DONE
    assert set(statuses(house).values()) == {"ok"}
    assert pictures(house.root / "outbox/cups/earlier/1") == former
    assert pictures(house.root / "outbox/cups").keys() == set(FILES)
    assert house.is_swept()


def test_a_partial_folder_is_not_swept_while_a_picture_in_it_lies_nowhere_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("cups.yaml", FIVE)
    with pytest.raises(Killed):
        made_then(house, FILES[3], die)
    (former,) = (house.root / "outbox").glob("*.partial")
    real, data = os.rename, b"one more"

    def rename(source, target, *args, **named) -> None:
        real(source, target, *args, **named)
        if Path(target) == house.root / "outbox/cups":
            (former / "more.png").write_bytes(data)
            (former / "more.json").write_text(json.dumps({"file": "more.png", "sha256": sha256(data).hexdigest()}))

    monkeypatch.setattr(os, "rename", rename)
    assert house.drain() == ExitCode.DONE
    assert (former / "more.png").read_bytes() == data
    assert house.names("outbox") == {"cups", former.name}
    assert not [*house.folders.claims.glob("*/*")]
