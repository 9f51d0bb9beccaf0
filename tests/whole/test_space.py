"""Disks that are nearly full: room for a small file and not for a picture, a reserve that is kept, and words for it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from house import MODEL, House
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.errors import ExitCode

pytestmark = pytest.mark.slow

MUGS = "prompt: a white mug\nsize: 64x64\ncount: 3\n"


class Disk:
    """Has room for files of so many bytes; a larger one is refused when it is synced, as shares do."""

    def __init__(self, room_bytes: int, *, error: int, below: Path) -> None:
        self.room_bytes = room_bytes
        self.refused = 0
        self._error = error
        self._below = below
        self._really: Callable[[int], None] = os.fsync

    def fsync(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        where = Path(f"/proc/self/fd/{descriptor}").readlink()
        is_file = stat.S_ISREG(status.st_mode) and where.is_relative_to(self._below)
        if is_file and status.st_size > self.room_bytes:
            self.refused += 1
            raise OSError(self._error, os.strerror(self._error))
        self._really(descriptor)


def drain(
    house: House, renderer: PaintingRenderer | None = None, *, drains: bool = True, **settings: object
) -> ExitCode:
    """A worker's life, which looks at a share that fails every ten minutes."""
    worker = house.worker(renderer, grace_s=0.0, away_s=600.0, **{"scan_s": 60.0, **settings})
    with worker.spool.ownership.lock(house.wait):
        return worker.daemon(MODEL).run(drain=drains)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_an_almost_full_outbox_pauses_the_night_and_fails_no_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    house = House(tmp_path)
    for name in ("a.yaml", "b.yaml"):
        house.drop(name, MUGS)
    disk = Disk(5 * 1024, error=error, below=tmp_path / "outbox")
    monkeypatch.setattr(os, "fsync", disk.fsync)
    house.at(3600.0, lambda: setattr(disk, "room_bytes", 10**9))
    with capture_logs() as events:
        assert drain(house) == ExitCode.DONE
    assert house.now_s() >= 3600.0
    assert disk.refused
    assert house.names("outbox") == {"a", "b"}
    assert house.names("failed") == set()
    assert not [event for event in events if event["event"] in ("job.set_aside", "job.refused")]
    assert {event["attempt"] for event in events if event["event"] == "job.started"} == {1}


def test_a_failed_folder_without_room_for_what_goes_there_makes_the_worker_wait_likewise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    house.drop("bad.yaml", "prompt: [\n" + "# a long comment\n" * 1_000)
    disk = Disk(6 * 1024, error=errno.ENOSPC, below=tmp_path / "failed")
    monkeypatch.setattr(os, "fsync", disk.fsync)
    house.at(3 * 3600.0, lambda: setattr(disk, "room_bytes", 10**9))
    assert drain(house) == ExitCode.JOBS_FAILED
    assert house.now_s() >= 3 * 3600.0
    assert house.names("failed") == {"bad"}


class Told:
    """What statvfs says: pictures of which so many fit, however many were asked for."""

    def __init__(self, house: House, *, pictures: int) -> None:
        self.pictures = pictures
        self.house = house

    def __call__(self, _: object) -> SimpleNamespace:
        made = len([*self.house.root.glob("outbox/*/*.png")])
        each_bytes = 64 * 64 * 2 + 32 * 1024
        free_bytes = (self.pictures - made) * each_bytes + each_bytes // 2
        return SimpleNamespace(f_frsize=1, f_blocks=10**6, f_bavail=max(0, free_bytes))


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """A house whose outbox has room for two pictures."""
    told = Told(House(tmp_path), pictures=2)
    monkeypatch.setattr(os, "statvfs", told)
    return told


def receipts(house: House) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in house.root.glob("outbox/receipts/*.txt")}


def test_a_job_that_does_not_fit_makes_what_fits_and_goes_on_by_itself(told: Told) -> None:
    house, painter = told.house, PaintingRenderer()
    house.drop("mug.yaml", MUGS.replace("3", "9"))
    house.at(3600.0, lambda: seen.append((len(painter.painted), receipts(house)["mug.yaml.txt"])))
    house.at(7200.0, lambda: setattr(told, "pictures", 99))
    house.at(9000.0, house.stop)
    seen: list[tuple[int, str]] = []
    with capture_logs() as events:
        assert drain(house, painter, drains=False, reserve_mib=0) == ExitCode.DONE
    ((painted, why),) = seen
    assert painted == 2
    assert "0 of the 7 pictures that are left fit" in why
    assert next((one["fits"], one["left"]) for one in events if one["event"] == "space.told") == (2, 9)
    assert len([event for event in events if event["event"] == "space.short"]) == 1
    assert len(house.manifest("mug")["shots"]) == 9
    assert receipts(house) == {}


def test_smaller_jobs_go_on_beside_one_that_is_too_large_and_a_drain_ends_with_it_in_the_inbox(told: Told) -> None:
    house, painter = told.house, PaintingRenderer()
    house.drop("a-large.yaml", MUGS.replace("3", "9"))
    house.drop("small.yaml", MUGS.replace("3", "1"))
    house.at(1_000.0, lambda: pytest.fail("it never ends"))
    assert drain(house, painter, reserve_mib=0) == ExitCode.JOBS_FAILED
    assert house.names("outbox") - {path.name for path in house.root.glob("outbox/*.partial")} == {"small"}
    assert len(painter.painted) == 2, "what fits of the large one is made, once nothing else is left"
    assert house.names("inbox") == {".zimage-worker", "a-large.yaml"}
    assert "0 of the 8 pictures that are left fit" in receipts(house)["a-large.yaml.txt"]
    assert "make room there" in receipts(house)["a-large.yaml.txt"]
    told.pictures = 99
    assert drain(house, painter, reserve_mib=0) == ExitCode.DONE
    assert len(painter.painted) == 10, "none is made twice"
    assert house.is_swept()


def test_a_drain_waits_a_minute_for_room(told: Told) -> None:
    told.house.drop("mug.yaml", MUGS)
    told.house.at(50.0, lambda: setattr(told, "pictures", 99))
    assert drain(told.house, reserve_mib=0, scan_s=10.0) == ExitCode.DONE
    assert told.house.names("outbox") == {"mug"}


def test_a_small_job_that_comes_while_a_large_one_waits_for_room_is_made(told: Told) -> None:
    house = told.house
    house.drop("large.yaml", MUGS.replace("3", "9").replace("64x64", "640x640"))
    house.at(600.0, lambda: house.drop("small.yaml", MUGS.replace("3", "1")))
    house.at(1_200.0, house.stop)
    drain(house, drains=False, reserve_mib=0)
    assert "small" in house.names("outbox")
    assert "large.yaml" in house.names("inbox")


def test_who_waits_for_room_hears_a_stop_and_a_cancel(told: Told) -> None:
    house = told.house
    house.drop("mug.yaml", MUGS.replace("3", "9"))
    house.at(3600.0, house.stop)
    assert drain(house, drains=False, reserve_mib=0) == ExitCode.DONE
    assert house.names("inbox") == {".zimage-worker", "mug.yaml"}
    house.resume()
    house.at(7200.0, lambda: house.drop("mug.cancel", ""))
    house.at(9000.0, house.stop)
    assert drain(house, drains=False, reserve_mib=0) == ExitCode.DONE
    assert len([one for one in house.manifest("mug")["shots"] if one["status"] == "ok"]) == 2


def test_a_worker_that_dies_while_a_job_waits_for_room_costs_that_job_nothing(told: Told) -> None:
    house = told.house
    house.drop("mug.yaml", MUGS.replace("3", "9"))

    def die() -> None:
        raise KeyboardInterrupt

    for life in range(1, 6):
        house.at(life * 1_000.0, die)
        with pytest.raises(KeyboardInterrupt):
            drain(house, drains=False, reserve_mib=0)
    told.pictures = 99
    assert drain(house, reserve_mib=0) == ExitCode.DONE
    assert {one["status"] for one in house.manifest("mug")["shots"]} == {"ok"}
