"""What belongs to nobody goes, finished pictures are kept, and whatever may be somebody's stays."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from given_back import PICTURE, give_back, partials, sidecar, tree
from structlog.testing import capture_logs

from worker.records import Claim, StagedFile
from worker.spool import FolderSpool
from worker.spool.janitor import ALONE_S, EVERY_S, MOST, SILENT_S


@pytest.fixture
def swept(yard) -> Callable[..., list[dict[str, object]]]:
    """Lets time pass, with looks of a worker beside; what its janitor said."""

    def sweep(spool: FolderSpool, *, seconds: float = ALONE_S + EVERY_S) -> list[dict[str, object]]:
        end_s = yard.now_s + seconds
        with capture_logs() as events:
            while yard.now_s < end_s:
                spool.janitor.sweep()
                yard.now_s += max(EVERY_S, seconds / 50)
            spool.janitor.sweep()
        return [event for event in events if str(event["event"]).startswith("leftover.")]

    return sweep


@pytest.fixture
def given_back(yard) -> Callable[..., Claim]:
    """A job of w1 that was given back with a picture."""

    return partial(give_back, yard)


def test_a_job_that_waits_or_is_claimed_keeps_everything(yard, swept, given_back) -> None:
    """Also for another worker, and however long it takes."""
    given_back()
    yard.drop("bowl.yaml")
    w1, w2 = yard.worker(), yard.worker("w2")
    claim = yard.begun(w1, "bowl.yaml")
    w1.publishing.stage(claim, name="bowl").write(StagedFile(name="a.png", data=PICTURE))
    before = tree(yard.folders)
    assert len(partials(yard.folders)) == 2
    assert swept(w2, seconds=10 * SILENT_S) == []
    assert swept(w1, seconds=10 * SILENT_S) == []
    assert tree(yard.folders) == before


def test_pictures_of_a_job_that_was_withdrawn_lie_in_failed_with_the_reason(yard, swept, given_back) -> None:
    given_back()
    (yard.folders.inbox / "mug.yaml").unlink()
    events = swept(yard.worker("w2"))
    assert [(event["event"], event.get("folder")) for event in events] == [
        ("leftover.rescued", "mug"), ("leftover.removed", None),
    ]  # fmt: skip
    kept = yard.folders.failed / "mug"
    assert {path.name for path in kept.iterdir()} == {"a.png", "a.json", "error.txt", "error.json"}
    assert (kept / "a.png").read_bytes() == PICTURE
    assert b"their job was withdrawn" in (kept / "error.txt").read_bytes()
    assert not partials(yard.folders)
    assert not [*yard.folders.returned.iterdir()]


def test_a_partial_folder_without_a_whole_picture_is_removed(yard, swept, given_back) -> None:
    given_back(is_whole=False)
    (yard.folders.inbox / "mug.yaml").unlink()
    assert {event["event"] for event in swept(yard.worker())} == {"leftover.removed"}
    assert not partials(yard.folders)
    assert not [*yard.folders.failed.glob("mug*")]


def test_a_job_that_was_mended_begins_anew_and_its_former_pictures_are_kept(yard, swept, given_back) -> None:
    given_back()
    (yard.folders.inbox / "mug.yaml").write_text("prompt: green mug\n")
    spool = yard.worker()
    claim = yard.begun(spool)
    staging = spool.publishing.stage(claim, name="mug")
    swept(spool)
    assert partials(yard.folders) == [staging.path]
    assert (yard.folders.failed / "mug/a.png").read_bytes() == PICTURE


def test_pictures_of_a_job_that_has_appeared_are_no_second_time_kept(yard, swept) -> None:
    """A former owner that learned late of its loss has made its folder anew."""
    yard.drop("mug.yaml")
    spool = yard.worker()
    claim = yard.begun(spool)
    staging = spool.publishing.stage(claim, name="mug")
    for file in (StagedFile(name="a.png", data=PICTURE), sidecar(claim)):
        staging.write(file)
    staging.write(StagedFile(name="manifest.json", data=json.dumps({"job": claim.job_id, "shots": []}).encode()))
    twin = yard.root / "twin"
    shutil.copytree(staging.path, twin)
    spool.publishing.publish(claim, staging, name="mug")
    twin.rename(staging.path)
    assert [event["event"] for event in swept(yard.worker("w2"))] == ["leftover.removed"]
    assert not partials(yard.folders)
    assert not [*yard.folders.failed.glob("mug*")]


def test_a_folder_whose_sidecars_are_another_account_s_is_not_taken_for_one_without_pictures(
    yard, swept, given_back, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back()
    (yard.folders.inbox / "mug.yaml").unlink()
    (held,) = partials(yard.folders)
    opened = os.open

    def closed(path: str, *rest: int, **named: int) -> int:
        if str(path).endswith("a.json"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, *rest, **named)

    monkeypatch.setattr(os, "open", closed)
    monkeypatch.setattr(os, "access", lambda path, _mode: not str(path).endswith("a.json"))
    assert [event["event"] for event in swept(yard.worker("w2"))][:1] == ["leftover.refused"]
    assert (held / "a.png").read_bytes() == PICTURE


def test_whose_name_holds_dots_is_rescued_under_its_own(yard, swept, given_back) -> None:
    given_back("a.b.yaml", stem="a.b")
    (yard.folders.inbox / "a.b.yaml").unlink()
    (yard.folders.failed / "a.b").mkdir()
    (yard.folders.failed / "a.b" / "other").touch()
    swept(yard.worker("gpu1.example.com"))
    assert (yard.folders.failed / "a.b.2" / "a.png").exists()


def test_one_claim_that_cannot_be_read_leaves_every_partial_folder(yard, swept, given_back) -> None:
    given_back()
    (yard.folders.inbox / "mug.yaml").unlink()
    half = yard.folders.claims / "w3" / "id"
    half.mkdir(parents=True)
    swept(yard.worker(), seconds=3 * ALONE_S)
    assert len(partials(yard.folders)) == 1
    half.rmdir()
    swept(yard.worker())
    assert not partials(yard.folders)


def test_what_is_another_spool_s_or_a_person_s_is_left_alone(yard, swept, given_back) -> None:
    """Two inboxes may share an outbox, and a machine's name as worker id."""
    given_back()
    (path,) = partials(yard.folders)
    other = path.with_name(path.name.replace(path.name[-24:-16], "0" * 8))
    path.rename(other)
    for name in ("mine.partial", "mug.w1-1-0000.partial", "mug.w1-1-00000000.partial"):
        (yard.folders.outbox / name).mkdir()
    (yard.folders.outbox / path.name).symlink_to(yard.folders.inbox)
    for name in (".syncthing.mug.yaml.tmp", ".mug.yaml.Xa83Kd", ".a.tmp"):
        (yard.folders.inbox / name).touch()
    (yard.folders.workers / "notes.txt").parent.mkdir(exist_ok=True)
    (yard.folders.workers / "notes.txt").touch()
    before = tree(yard.folders)
    swept(yard.worker(), seconds=3 * SILENT_S)
    assert tree(yard.folders) == before


def test_what_is_worked_on_is_nobody_s_leftover(yard, swept, given_back) -> None:
    """An owner that does not know yet that it has lost the job writes on."""
    given_back()
    (yard.folders.inbox / "mug.yaml").unlink()
    (path,) = partials(yard.folders)
    spool = yard.worker()
    for number in range(9):
        swept(spool, seconds=ALONE_S / 2)
        os.utime(path, (number, number))
    assert partials(yard.folders) == [path]
    swept(spool)
    assert not partials(yard.folders)


def test_temporary_files_of_killed_writers_go(yard, swept) -> None:
    spool = yard.worker()
    yard.folders.workers.mkdir(parents=True)
    names = (".zimage-worker-probe-0a1b", ".mug.yaml.4711.tmp", ".a.png.0123456789abcdef.tmp",
             f"..zimage-worker-root.json.{'0' * 32}", f".spool.json.{'a' * 32}")  # fmt: skip
    for folder in (yard.folders.inbox, yard.folders.outbox, yard.folders.failed, yard.folders.workers):
        for name in names:
            (folder / name).touch()
    (yard.folders.inbox / ".shop.4711.submit").mkdir()
    (yard.folders.inbox / ".shop.4711.submit" / "job.yaml").touch()
    assert len(swept(spool)) == 4 * len(names) + 1
    assert not [path for path in tree(yard.folders) if path.endswith((".tmp", ".submit", "0a1b"))]


def test_records_of_workers_that_were_silent_for_weeks_go_and_those_of_living_ones_stay(yard, swept) -> None:
    yard.folders.workers.mkdir(parents=True)
    for worker in ("w1", "dead", "a.speed", "alive"):
        for ending in (".json", ".beat", ".speed.json", ".nights"):
            (yard.folders.workers / f"{worker}{ending}").touch()
    (yard.folders.claims / "dead").mkdir(parents=True)
    (yard.folders.claims / "w1").mkdir()
    spool = yard.worker()
    for number in range(30):
        swept(spool, seconds=0.0)
        yard.now_s += 86_400
        os.utime(yard.folders.workers / "alive.beat", (number, number))
    left = {path.name for path in yard.folders.workers.iterdir()}
    assert left == {
        f"{worker}{ending}" for worker in ("w1", "alive") for ending in (".json", ".beat", ".speed.json", ".nights")
    }
    assert [path.name for path in yard.folders.claims.iterdir()] == ["w1"]


def test_a_worker_with_a_claim_keeps_its_records(yard, swept) -> None:
    yard.drop("mug.yaml")
    dead = yard.worker("dead")
    with dead.ownership.lock():
        yard.claimed(dead)
    before = tree(yard.folders)
    swept(yard.worker(), seconds=3 * SILENT_S)
    assert tree(yard.folders) >= before


def test_two_janitors_harm_each_other_not(yard, swept, given_back) -> None:
    for name in ("a.yaml", "b.yaml"):
        given_back(name, stem=name[0])
        (yard.folders.inbox / name).unlink()
    one, other = yard.worker(), yard.worker("w2")
    for _ in range(9):
        assert not [event for event in swept(one, seconds=EVERY_S) if event["event"] == "leftover.refused"]
        yard.now_s -= EVERY_S
        assert not [event for event in swept(other, seconds=EVERY_S) if event["event"] == "leftover.refused"]
    assert {path.name for path in yard.folders.failed.iterdir()} >= {"a", "b"}
    assert not partials(yard.folders)


def test_a_share_that_is_away_is_not_the_janitor_s_business(yard, swept, given_back) -> None:
    given_back()
    (yard.folders.inbox / "mug.yaml").unlink()
    spool = yard.worker()
    yard.folders.outbox.rename(yard.root / "elsewhere")
    assert swept(spool, seconds=3 * ALONE_S) == []
    (yard.root / "elsewhere").rename(yard.folders.outbox)
    assert [event["event"] for event in swept(spool)] == ["leftover.rescued", "leftover.removed"]


def test_what_cannot_be_removed_is_told_once_and_keeps_nothing_else(yard, swept, monkeypatch) -> None:
    yard.folders.workers.mkdir(parents=True)
    for number in range(3):
        (yard.folders.outbox / f".a.{number}.tmp").touch()
    really: Callable[..., None] = os.unlink

    def busy(name: str, **named: int) -> None:
        if name == ".a.1.tmp":
            raise OSError(16, "Device or resource busy")
        really(name, **named)

    monkeypatch.setattr(os, "unlink", busy)
    events = swept(yard.worker(), seconds=3 * ALONE_S)
    assert sorted(event["event"] for event in events) == ["leftover.refused", *["leftover.removed"] * 2]


def test_a_look_removes_so_many_and_the_next_the_rest(yard, swept) -> None:
    for number in range(MOST + 10):
        (yard.folders.outbox / f".a.{number}.tmp").touch()
    spool = yard.worker()
    assert len(swept(spool, seconds=ALONE_S)) == MOST
    assert len(swept(spool, seconds=EVERY_S)) == 10


def test_claims_of_another_account_keep_nothing_but_partial_folders(yard, swept, given_back, monkeypatch) -> None:
    given_back(is_whole=False)
    (yard.folders.inbox / "mug.yaml").unlink()
    (yard.folders.claims / "w9").mkdir()
    yard.folders.workers.mkdir(exist_ok=True)
    for name in ("w8", "w9"):
        (yard.folders.workers / f"{name}.beat").write_text("{}")
    (yard.folders.outbox / ".a.123.tmp").touch()
    really = os.scandir

    def closed(path: Path) -> object:
        if Path(path).name == "w9":
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(os, "scandir", closed)
    swept(yard.worker(), seconds=SILENT_S + ALONE_S)
    assert len(partials(yard.folders)) == 1
    assert not [*yard.folders.returned.iterdir()]
    assert not (yard.folders.outbox / ".a.123.tmp").exists()
    assert {path.name for path in yard.folders.workers.iterdir()} == {"w9.beat"}
