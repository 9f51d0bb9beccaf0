"""Old folders that stay: what a person has touched, what was not read back, what a job needs, what is none of ours."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest
from heard_log import heard_log

from tests.spool.old_folders import DAY_S, Old, files_in, kept
from worker.spool.retention import content
from worker.spool.retention.archive import Archive
from worker.spool.retention.holders import HIDDEN, Holder
from worker.spool.retention.keeper import Keeper

pytestmark = pytest.mark.slow


def note(folder: Path) -> None:
    (folder / "notes.txt").write_text("call the customer")


def selection(folder: Path) -> None:
    (folder / "selection-2026.csv").write_text("a_01.png\n")


def edited(folder: Path) -> None:
    (folder / "a_01.png").write_bytes(b"retouched")


def edited_with_its_time(folder: Path) -> None:
    status = (folder / "a_01.png").stat()
    data = bytearray((folder / "a_01.png").read_bytes())
    data[-20] ^= 1
    (folder / "a_01.png").write_bytes(data)
    os.utime(folder / "a_01.png", ns=(status.st_atime_ns, status.st_mtime_ns))


def job_edited(folder: Path) -> None:
    (folder / "job.yaml").write_text("prompt: another\n")
    os.utime(folder / "job.yaml", (time.time() + 3600, time.time() + 3600))


def taken_out(folder: Path) -> None:
    (folder / "b_01.png").unlink()


def link(folder: Path) -> None:
    (folder / "a_01.json").unlink()
    (folder / "a_01.json").symlink_to("/etc/hostname")


def put_into_the_job_with_its_own_time(folder: Path) -> None:
    (folder / "job" / "photo.jpg").write_bytes(b"mine")
    os.utime(folder / "job" / "photo.jpg", (0, 0))
    os.utime(folder / "job", (time.time() + 3600, time.time() + 3600))


def hidden_by_a_person(folder: Path) -> None:
    (folder / ".psd-backup").write_text("layers")


def far_down(folder: Path) -> None:
    deep = folder.joinpath(*["d"] * 70)
    deep.mkdir(parents=True)
    (deep / "mine.psd").write_text("layers")


def manifest_touched(folder: Path) -> None:
    os.utime(folder / "manifest.json", (time.time() + 2 * DAY_S, time.time() + 2 * DAY_S))


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"job": "x", "status": "complete", "finished_at": "2020-01-01T00:00:00Z", ')


@pytest.mark.parametrize(
    ("touch", "why"),
    [
        (note, "notes.txt in it was not written by a worker"),
        (selection, "selection-2026.csv in it was not written"),
        (hidden_by_a_person, ".psd-backup in it was not written"),
        (edited, "a_01.png is not the picture"),
        (edited_with_its_time, "a_01.png is not the picture"),
        (job_edited, "job.yaml was changed after"),
        (put_into_the_job_with_its_own_time, "job was changed after"),
        (taken_out, "b_01.png is missing"),
        (link, "a_01.json in it is neither a file nor a folder"),
        (far_down, "d in it was not written by a worker"),
        (manifest_touched, "manifest.json was changed after"),
        (no_manifest, "its manifest cannot be read"),
    ],
)
@pytest.mark.parametrize("is_archive", [True, False])
def test_what_a_person_has_touched_stays_and_is_told_once(old: Old, touch: object, why: str, is_archive: bool) -> None:
    folder = old.age(old.job("mugs"))
    touch(folder)  # type: ignore[operator]
    old.age(folder)
    before = files_in(folder)
    keeper = old.keeper()
    with heard_log() as told:
        for _ in range(2):
            list(keeper.steps(old.rules(archive=is_archive)))
    assert files_in(folder) == before
    assert (old.hidden(), [*old.archive.iterdir()]) == ([], [])
    [reason] = [facts["reason"] for event, facts in told if event == "folder.kept"]
    assert why in str(reason)


def test_pictures_of_a_folder_that_stays_are_not_read_every_hour(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = old.job("mugs")
    edited_with_its_time(folder)
    read: list[str] = []
    real = content.file_hash
    monkeypatch.setattr(content, "file_hash", lambda path, **named: (read.append(path.name), real(path, **named))[1])
    keeper = old.keeper()
    with heard_log():
        for _ in range(3):
            list(keeper.steps(old.rules()))
        assert read == ["a_01.png"]
        (folder / "notes.txt").write_text("x")
        (folder / "notes.txt").unlink()  # the folder was changed: it is looked into again
        old.age(folder, days=1)
        list(keeper.steps(old.rules()))
    assert read == ["a_01.png"] * 2


def test_what_is_changed_between_reading_and_leaving_is_put_back(either: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = either.job("mugs")
    real = Keeper._taken

    def changed(self: Keeper, path: Path, holder: object) -> Path:
        held = real(self, path, holder)  # type: ignore[arg-type]
        (held / "notes.txt").write_text("call the customer")
        return held

    monkeypatch.setattr(Keeper, "_taken", changed)
    told = either.pass_()
    assert "notes.txt" in files_in(folder)
    assert "changed while it was read" in kept(told)["mugs"]
    assert ([*either.archive.iterdir()], either.hidden()) == ([], [])


def test_junk_of_systems_does_not_count(either: Old) -> None:
    folder = either.job("mugs")
    (folder / "Thumbs.db").write_text("x")
    (folder / "._a_01.png").write_text("x")
    (folder / "job" / ".DS_Store").write_text("x")
    os.utime(folder / "job", (time.time() + 3600, time.time() + 3600))
    either.age(folder)
    either.pass_()
    assert either.outbox() == set()
    assert "a_01.png" in files_in(either.archive / "mugs")


def test_a_folder_from_which_a_job_takes_pictures_stays_until_then(old: Old) -> None:
    folder = old.job("half", refuses=("a_01.png",))
    (old.house.root / "inbox" / "half.retry").write_text("missing")
    old.house.spool().inbox.scan()
    told = old.pass_(which=frozenset({"partial"}))
    assert folder.exists()
    assert "takes pictures from it" in kept(told)["half"]


def test_people_s_folders_and_ours_are_no_jobs(old: Old) -> None:
    old.job("mugs")
    for name in ("photos", "mugs.w1-1-abcdefgh.partial", "receipts", "_overview"):
        (old.house.root / "outbox" / name).mkdir(exist_ok=True)
    old.pass_(archive=False)
    assert {path.name for path in (old.house.root / "outbox").iterdir()} >= {"photos", "receipts", "_overview"}


def test_links_lead_nobody_elsewhere(old: Old, tmp_path: Path) -> None:
    folder = old.job("mugs")
    elsewhere = tmp_path / "elsewhere"
    shutil.move(folder, elsewhere)
    folder.symlink_to(elsewhere)
    old.pass_(archive=False)
    assert files_in(elsewhere)


def test_a_link_in_the_place_of_the_hidden_folder_removes_nothing(old: Old, tmp_path: Path) -> None:
    folder = old.job("mugs")
    (tmp_path / "elsewhere" / "x-w1.retired").mkdir(parents=True)
    (tmp_path / "elsewhere" / "x-w1.retired" / "mine").write_text("mine")
    (old.house.root / "outbox" / HIDDEN).symlink_to(tmp_path / "elsewhere")
    assert "Not a directory" in kept(old.pass_(archive=False))["mugs"]
    assert folder.exists()
    assert (tmp_path / "elsewhere" / "x-w1.retired" / "mine").exists()


def test_one_folder_that_cannot_be_read_keeps_no_other_from_going(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("a", "b", "c")
    for name in names:
        old.job(name)
    first = sorted(names, key=lambda name: hashlib.sha256(f"w1\0{name}".encode()).digest())[0]
    real = content.file_hash

    def damaged(path: Path, **named: Path) -> str:
        if path.parent.name == first:
            raise OSError(errno.EIO, "Input/output error")
        return real(path, **named)

    monkeypatch.setattr(content, "file_hash", damaged)
    assert kept(old.pass_(archive=False)) == {first: "it cannot be read or moved now (Input/output error)"}
    assert old.outbox() == {first}


def test_what_cannot_be_removed_now_goes_later_and_keeps_no_other(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.ENOTEMPTY, "Directory not empty")

    old.job("mugs")
    with monkeypatch.context() as patch:
        patch.setattr(Holder, "remove", refuses)
        told = old.pass_(archive=False)
        assert [facts["folder"] for event, facts in told if event == "folder.removed"] == ["mugs"]
        assert len(old.hidden()) == 1
        old.job("bowls")
        old.pass_(archive=False)
    assert old.outbox() == {HIDDEN}
    old.pass_(archive=False)
    assert (old.outbox(), old.hidden()) == (set(), [])


def test_a_copy_of_another_spool_s_worker_of_this_id_is_left_alone(old: Old, tmp_path: Path) -> None:
    other = Archive(old.archive, roots=(tmp_path / "other",), worker_id="w1", tables=old.house.tables)
    copying = other.copied(old.job("mugs"), content.content_of(old.house.root / "outbox" / "mugs"))
    next(copying)
    old.pass_()
    [copy] = [path for path in old.archive.iterdir() if path.name.endswith(".archiving")]
    assert [*copy.iterdir()]
    other.sweep()
    assert not copy.exists()
