"""Finished folders that are old go: into the archive, or altogether; others, and by a clock nobody trusts, do not."""

from __future__ import annotations

import errno
import os
import time

import pytest
from heard_log import heard_log
from house import OURS
from twins import PaintingRenderer

from tests.spool.old_folders import DAY_S, Old, files_in, kept, waits
from worker.spool.retention.archive import Archive

pytestmark = pytest.mark.slow


def test_an_old_folder_goes_into_the_archive_byte_for_byte(either: Old) -> None:
    folder = either.job("mugs")
    before = files_in(folder)
    told = either.pass_()
    assert files_in(either.archive / "mugs") == before
    assert (either.outbox(), either.hidden()) == (set(), [])
    [facts] = [facts for event, facts in told if event == "folder.archived"]
    assert (facts["folder"], facts["place"], facts["target"]) == ("mugs", "outbox", str(either.archive / "mugs"))
    assert [path.name for path in either.archive.iterdir()] == ["mugs"]


def test_an_old_folder_is_deleted_where_that_is_asked_for(old: Old) -> None:
    old.job("mugs")
    told = old.pass_(archive=False)
    assert (old.outbox(), old.hidden()) == (set(), [])
    assert [facts["folder"] for event, facts in told if event == "folder.removed"] == ["mugs"]


def test_a_name_that_is_taken_in_the_archive_is_never_replaced(either: Old) -> None:
    (either.archive / "mugs").mkdir()
    (either.archive / "mugs" / "note").write_text("mine")
    before = files_in(either.job("mugs"))
    either.pass_()
    assert files_in(either.archive / "mugs") == {"note": b"mine"}
    assert files_in(either.archive / "mugs.2") == before


def test_younger_folders_and_other_ends_stay(old: Old) -> None:
    old.job("mugs")
    old.job("half", refuses=("a_01.png",))
    assert kept(old.pass_(archive=False, after_days=101)) == {}
    old.pass_(archive=False)
    assert old.outbox() == {"half"}
    old.pass_(archive=False, which=frozenset({"partial"}))
    assert old.outbox() == set()


def test_a_job_of_which_nothing_was_made_goes_only_if_asked(old: Old) -> None:
    old.house.drop("none.yaml", "prompt: x\n")
    old.house.drain(PaintingRenderer(refuses=["shot-01_01.png"]))
    old.pass_(archive=False)
    assert old.house.names("failed") == {"none"}
    old.pass_(archive=False, which=frozenset({"failed"}))
    assert old.house.names("failed") == set()


def test_nothing_goes_on_the_first_day_nor_by_a_clock_that_has_jumped(old: Old) -> None:
    old.job("mugs")
    keeper = old.keeper(is_settled=False)
    with heard_log() as told:
        list(keeper.steps(old.rules()))
    assert "switched on, or this machine's clock has jumped" in waits(told)[0]
    old.now_s += 23 * 3600
    assert waits(old.pass_()) == []
    assert old.outbox() == set()
    folder = old.job("bowls")
    old.now_s += 75 * 365 * DAY_S
    assert "clock has jumped" in waits(old.pass_())[0]
    assert folder.exists()


def test_nothing_goes_where_the_share_has_another_day(old: Old) -> None:
    folder = old.job("mugs")
    keeper = old.keeper()
    for path in old.house.folders.workers.iterdir():
        os.utime(path, (time.time(), time.time()))
    with heard_log() as told:
        list(keeper.steps(old.rules()))
    assert "more than a day apart" in waits(told)[0]
    assert folder.exists()


def test_an_archive_that_is_not_there_is_waited_for(old: Old) -> None:
    folder = old.job("mugs")
    old.archive.rmdir()
    assert "is not there" in waits(old.pass_())[0]
    assert not old.archive.exists()
    old.archive.mkdir()
    old.house.root.joinpath("fstab").write_text(f"//nas/x {old.archive} cifs rw 0 0\n")
    assert "nothing is mounted" in waits(old.pass_())[0]
    assert folder.exists()


def test_an_archive_inside_the_outbox_is_refused(old: Old) -> None:
    folder = old.job("mugs")
    old.archive = old.house.root / "outbox" / "photos"
    old.archive.mkdir()
    assert "lies in" in waits(old.pass_())[0]
    assert folder.exists()


def test_a_full_archive_loses_nothing_and_leaves_no_half_copy(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Archive, "is_on_disk_of", lambda *_: False)
    folder = old.job("mugs")
    before = files_in(folder)

    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("worker.spool.retention.archive.write_pieces", full)
        with pytest.raises(OSError, match="No space"):
            old.pass_()
    assert files_in(folder) == before
    assert ([*old.archive.iterdir()], old.hidden()) == ([], [])
    old.pass_()
    assert files_in(old.archive / "mugs") == before


def test_a_copy_that_does_not_read_back_keeps_the_folder(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Archive, "is_on_disk_of", lambda *_: False)
    folder = old.job("mugs")
    monkeypatch.setattr("worker.spool.retention.archive.file_hash", lambda *_, **__: "0" * 64)
    assert "is not the picture" in kept(old.pass_())["mugs"]
    assert folder.exists()
    assert [*old.archive.iterdir()] == []


def test_no_more_go_in_a_day_than_somebody_can_see(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.spool.retention.due.MOST_A_DAY", 2)
    for name in ("a", "b", "c"):
        old.job(name)
    told = old.pass_(archive=False)
    assert len(old.outbox()) == 1
    assert "2 folders went today" in waits(told)[0]
    old.now_s += DAY_S
    old.pass_(archive=False)
    assert old.outbox() == set()


def test_no_rules_touch_nothing(old: Old) -> None:
    folder = old.job("mugs")
    list(old.keeper().steps(None))
    assert folder.exists()
    assert set(OURS) >= {path.name for path in (old.house.root / "outbox").iterdir()} - {"mugs"}
