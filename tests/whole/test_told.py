"""Whatever waits is told why where the people are who see only the share, and that goes once it goes on."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from house import House, whole_path

from worker.daemon.set_aside import AGAIN_S
from worker.errors import ExitCode
from worker.spool import take_over


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def receipts(house: House) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (house.root / "outbox/receipts").glob("*.txt")}


@pytest.mark.slow
def test_a_job_that_is_set_aside_is_told_while_it_rests(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("a-mugs.yaml", "prompt: a mug\n")
    house.drop("bowl.yaml", "prompt: a bowl\n")
    real, told, names = os.rename, [], []

    def refusing(source, target, *args, **kwargs) -> None:
        path = str(whole_path(target, kwargs.get("dst_dir_fd")))
        if house.now_s() < AGAIN_S and "a-mugs" in path and path.endswith(".png"):
            raise OSError(errno.EIO, "Input/output error")
        real(source, target, *args, **kwargs)

    monkeypatch.setattr(os, "rename", refusing)
    house.at(AGAIN_S / 2, lambda: told.append(receipts(house)))
    house.at(AGAIN_S / 2, lambda: names.append(house.names("outbox")))
    house.at(3 * AGAIN_S, house.stop)
    assert house.drain(drain=False) == ExitCode.DONE
    assert "bowl" in names[0]
    assert set(told[0]) == {"a-mugs.yaml.txt"}
    assert "Input/output error" in told[0]["a-mugs.yaml.txt"]
    assert "tried again every 10 minutes" in told[0]["a-mugs.yaml.txt"]
    assert house.names("outbox") == {"a-mugs", "bowl"}
    assert receipts(house) == {}


def test_a_job_that_waits_for_room_is_told_while_it_does(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.drop("mug.yaml", "prompt: a mug\nsize: 64x64\n")
    told = []

    def statvfs(_: object) -> SimpleNamespace:
        return SimpleNamespace(f_frsize=1, f_blocks=10**9, f_bavail=10**9 if house.now_s() > 600 else 10)

    monkeypatch.setattr(os, "statvfs", statvfs)
    house.at(300.0, lambda: told.append(receipts(house)))
    house.at(1_200.0, house.stop)
    assert house.drain(drain=False) == ExitCode.DONE
    assert set(told[0]) == {"mug.yaml.txt"}
    assert "make room there" in told[0]["mug.yaml.txt"]
    assert house.names("outbox") == {"mug"}
    assert receipts(house) == {}


def test_a_job_whose_end_has_no_room_in_failed_is_told_while_it_waits(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("bad.yaml", "prompt: [\n")
    real, told = os.rename, []

    def refusing(source, target, *args, **kwargs) -> None:
        if house.now_s() < 600 and "failed/bad" in str(whole_path(target, kwargs.get("dst_dir_fd"))):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(source, target, *args, **kwargs)

    monkeypatch.setattr(os, "rename", refusing)
    monkeypatch.setattr(
        "worker.spool.folder_identity.Roots.fault",
        lambda _: "failed: No space left on device" if house.now_s() < 600 else None,
    )
    house.at(300.0, lambda: told.append(receipts(house)))
    assert house.drain(grace_s=0.0) == ExitCode.JOBS_FAILED
    assert set(told[0]) == {"bad.yaml.txt"}
    assert "No space left" in told[0]["bad.yaml.txt"]
    assert receipts(house) == {}


def test_a_drain_that_leaves_a_claim_that_cannot_be_read_does_not_end_as_done(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drop("a-mug.yaml", "prompt: a mug\n")
    house.drop("bowl.yaml", "prompt: a bowl\n")
    real = take_over.is_same

    def unreadable(path: Path, expected: str) -> bool:
        if path.name == "a-mug.yaml":
            raise OSError(errno.EIO, "Input/output error")
        return real(path, expected)

    with monkeypatch.context() as trouble:
        trouble.setattr(take_over, "is_same", unreadable)
        assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("outbox") == {"bowl"}
    assert "Input/output error" in receipts(house)["a-mug.yaml.txt"]
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"a-mug", "bowl"}
