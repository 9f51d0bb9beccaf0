"""Outbox and failed on two disks: what cannot be renamed there is copied whole, and only then removed."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from given_back import PICTURE, give_back, partials
from structlog.testing import capture_logs

from worker.spool import FolderSpool
from worker.spool.janitor import ALONE_S, EVERY_S


@pytest.fixture
def yard(yard) -> Iterator[object]:
    """`failed` is a link to a folder in memory."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == yard.root.stat().st_dev:
        pytest.skip("no second disk here")
    other = Path(tempfile.mkdtemp(dir=memory))
    shutil.copytree(yard.folders.failed, other, dirs_exist_ok=True)
    shutil.rmtree(yard.folders.failed)
    yard.folders.failed.symlink_to(other)
    yield yard
    shutil.rmtree(other)


def sweep(yard, spool: FolderSpool) -> list[object]:
    """What its janitor did in the time after which what belongs to nobody is ended."""
    with capture_logs() as events:
        for _ in range(round(ALONE_S / EVERY_S) + 1):
            spool.janitor.sweep()
            yard.now_s += EVERY_S
    return [event["event"] for event in events if str(event["event"]).startswith("leftover.")]


def withdraw(yard) -> None:
    give_back(yard)
    (yard.folders.inbox / "mug.yaml").unlink()


def test_pictures_of_a_job_that_was_withdrawn_reach_it_whole(yard) -> None:
    withdraw(yard)
    (yard.folders.failed / "mug").mkdir()
    assert sweep(yard, yard.worker("w2")) == ["leftover.rescued", "leftover.removed"]
    kept = yard.folders.failed / "mug.2"
    assert {path.name for path in kept.iterdir()} == {"a.png", "a.json", "error.txt", "error.json"}
    assert (kept / "a.png").read_bytes() == PICTURE
    assert not partials(yard.folders)
    assert not [*yard.folders.failed.glob("*.submit")]


def test_a_janitor_that_ends_between_copy_and_removal_leaves_no_second_copy(yard) -> None:
    withdraw(yard)
    stays = FailingCalls(lambda call, path: errno.EIO if call == "unlink" and path.endswith("partial/a.png") else None)
    with stays.installed():
        assert sweep(yard, yard.worker("w2"))[0] == "leftover.refused"
    assert [path.name for path in yard.folders.failed.glob("mug*")] == ["mug"]
    assert partials(yard.folders)
    sweep(yard, yard.worker("w2"))
    assert not partials(yard.folders)
    assert [path.name for path in yard.folders.failed.glob("mug*")] == ["mug"]


@pytest.mark.parametrize("call", ["fsync", "read", "mkdir"])
def test_a_copy_that_fails_or_does_not_read_back_costs_no_picture_and_leaves_no_half(yard, call: str) -> None:
    withdraw(yard)
    (held,) = partials(yard.folders)
    inside = FailingCalls(lambda met, path: errno.EIO if met == call and ".submit" in path else None)
    with inside.installed():
        assert sweep(yard, yard.worker("w2"))[0] == "leftover.refused"
    assert inside.met
    assert (held / "a.png").read_bytes() == PICTURE
    assert not [*yard.folders.failed.iterdir()]
    assert sweep(yard, yard.worker("w2"))[0] == "leftover.rescued"
