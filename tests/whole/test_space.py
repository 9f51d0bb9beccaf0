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


def drain(house: House, renderer: PaintingRenderer | None = None, **settings: object) -> ExitCode:
    """A worker's life, which looks at a share that fails every ten minutes."""
    worker = house.worker(renderer, grace_s=0.0, away_s=600.0, scan_s=60.0, **settings)
    with worker.spool.ownership.lock(house.wait):
        return worker.daemon(MODEL).run(drain=True)


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
        self._house = house

    def __call__(self, _: object) -> SimpleNamespace:
        made = len([*self._house.root.glob("outbox/*/*.png")])
        each_bytes = 64 * 64 * 2 + 32 * 1024
        free_bytes = (self.pictures - made) * each_bytes + each_bytes // 2
        return SimpleNamespace(f_frsize=1, f_blocks=10**6, f_bavail=max(0, free_bytes))


def test_a_job_that_does_not_fit_is_begun_and_waits_at_the_reserve_and_goes_on_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, painter = House(tmp_path), PaintingRenderer()
    house.drop("mug.yaml", MUGS.replace("3", "9"))
    told = Told(house, pictures=2)
    monkeypatch.setattr(os, "statvfs", told)
    house.at(3600.0, lambda: painted.append(len(painter.painted)))
    house.at(7200.0, lambda: setattr(told, "pictures", 99))
    painted: list[int] = []
    with capture_logs() as events:
        assert drain(house, painter, reserve_mib=0) == ExitCode.DONE
    assert painted == [2]
    assert [(one["fits"], one["left"], one["log_level"]) for one in events if one["event"] == "space.told"] == [
        (2, 9, "warning")
    ]
    assert len([event for event in events if event["event"] == "space.short"]) == 1
    assert len(house.manifest("mug")["shots"]) == 9


def test_who_waits_for_room_hears_a_stop_and_a_cancel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path)
    monkeypatch.setattr(os, "statvfs", Told(house, pictures=2))
    house.drop("mug.yaml", MUGS.replace("3", "9"))
    house.at(3600.0, house.stop)
    assert drain(house, reserve_mib=0) == ExitCode.STOPPED
    assert house.names("inbox") == {".zimage-worker", "mug.yaml"}
    house.resume()
    house.at(7200.0, lambda: house.drop("mug.cancel", ""))
    assert drain(house, reserve_mib=0) == ExitCode.JOBS_FAILED
    assert len([one for one in house.manifest("mug")["shots"] if one["status"] == "ok"]) == 2
