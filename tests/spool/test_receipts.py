"""Whatever lies in the inbox and is not taken gets a receipt with the reason, and loses it when it no longer holds."""

from __future__ import annotations

import errno
import os

import pytest
from failing_calls import FailingCalls
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from told import look, receipts

from worker.spool.control_words import EXPIRES_S
from worker.spool.inbox import READY_TOLD_S
from worker.spool.receipts import LOOK_AGAIN_S as RECEIPT_S
from worker.spool.receipts import SIGNED, receipt_name
from worker.translation import gettext

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=60) | st.sampled_from(
    ["mug.yaml", "Mug.yaml", "mug.yaml ", "mug.yaml-0123abcd", "CON", "mug\udcff.yaml", "Müller", "Mu\u0308ller", "..."]
)
SILENT = ["mug。yaml", "mug.yaml.nextcloud", "mug.yaml ", "mug.yaml.rtf", "mug.yaml.txt", "mug.txt", "spring.xlsx",
          "spring.zip", "spring.docx", "mug.png", "mugs.csv", "mug.json", "README"]  # fmt: skip
CONFLICTS = [
    "mug (Conflict Anna 2018-02-20 14-12-13).yaml", "mug.conflict1.yaml", "mug (Case Conflict).yaml", "mug(冲突).yaml",
    "mug (SFConflict anna@example.com 2024-01-01-12-00-00).yaml", "mug.sync-conflict-20240101-120000-ABCDEFG.yaml",
    "mug.Conflict.yaml", "mug (冲突副本 2024-01-01).yaml", "mug_PC-01_Jan-01-1200-2024_Conflict.yaml",
    "mug [conflicted].yaml", "mug (case clash from PC-01).yaml", "mug (Anna's conflicted copy 2024-01-01).yaml",
    "mug_conflict-20240101-120000.yaml", "mug.yaml.conflict2", "mug (In Konflikt stehende Kopie 2024-01-01).yaml",
]  # fmt: skip
JUNK = [
    "._mug.yaml",
    "._mug.cancel",
    "~$mug.cancel",
    ".DS_Store",
    "Thumbs.db",
    "mug.yaml.part",
    "mug.yaml.filepart",
    "~$mug.docx",
    "mug.yaml~",
]


@pytest.mark.parametrize("name", SILENT + CONFLICTS)
def test_what_was_meant_as_a_job_gets_one_receipt_that_goes_with_it(yard, name: str) -> None:
    path, spool = yard.drop(name), yard.worker()
    look(yard, spool)
    ((file, text),) = receipts(yard).items()
    assert file == receipt_name(name)
    assert name in text
    assert text.rstrip().endswith(SIGNED)
    made = (yard.folders.outbox / "receipts" / file).stat().st_ino
    yard.now_s += RECEIPT_S + 1
    look(yard, spool)
    assert (yard.folders.outbox / "receipts" / file).stat().st_ino == made, "it is written once"
    path.unlink()
    look(yard, spool)
    assert not (yard.folders.outbox / "receipts").exists()


def test_junk_of_programs_and_jobs_that_wait_for_their_turn_get_none(yard) -> None:
    for name in [*JUNK, "mug.yaml", "PAUSE"]:
        yard.drop(name)
    (yard.folders.inbox / "@eaDir").mkdir()
    spool = yard.worker()
    for _ in range(3):
        look(yard, spool)
        yard.now_s += READY_TOLD_S
    assert receipts(yard) == {}
    assert (yard.folders.inbox / "._mug.cancel").exists()


def test_links_pipes_and_folders_of_too_many_files_get_one(yard, monkeypatch) -> None:
    monkeypatch.setattr("worker.disk.content.FOLDER_FILES", 3)
    (yard.folders.inbox / "link.yaml").symlink_to("/etc/hostname")
    os.mkfifo(yard.folders.inbox / "pipe.yaml")
    for number in range(4):
        yard.drop(f"wrong/{number}.png")
    look(yard, yard.worker())
    assert set(receipts(yard)) == {"link.yaml.txt", "pipe.yaml.txt", "wrong.txt"}
    assert "more than 3 files" in receipts(yard)["wrong.txt"]


def test_a_reason_that_changes_is_written_anew_and_one_that_no_longer_holds_is_taken_back(yard) -> None:
    yard.drop("mug.yaml")
    spool = yard.worker()
    yard.settled(spool)
    for word in ("one", "two"):
        spool.inbox.tell({"mug.yaml": gettext("problem {word}", word=word)})
        assert word in receipts(yard)["mug.yaml.txt"]
    spool.inbox.tell({})
    assert receipts(yard) == {}


def test_a_receipt_of_a_name_that_is_gone_is_removed_by_whoever_sees_it(yard) -> None:
    path = yard.drop("mugs.csv")
    look(yard, yard.worker("w1"))
    path.unlink()
    look(yard, yard.worker("w2"))
    assert receipts(yard) == {}


def test_workers_on_one_inbox_do_not_fight_about_receipts(yard) -> None:
    first, second = yard.worker("w1"), yard.worker("w2")
    yard.drop("bad.yaml")
    yard.drop("mugs.csv")
    yard.settled(first)
    why = {"bad.yaml": gettext("one problem")}
    first.inbox.tell(why)
    made = {path.name: path.stat().st_ino for path in (yard.folders.outbox / "receipts").glob("*.txt")}
    assert set(made) == {"bad.yaml.txt", "mugs.csv.txt"}
    look(yard, second)  # which has not read the job yet
    yard.settled(second)
    for _ in range(3):
        for spool in (second, first):
            yard.now_s += RECEIPT_S
            spool.inbox.scan()
            spool.inbox.tell(why)
    assert {path.name: path.stat().st_ino for path in (yard.folders.outbox / "receipts").glob("*.txt")} == made


def test_a_file_that_is_no_receipt_is_left_alone(yard) -> None:
    folder = yard.folders.outbox / "receipts"
    folder.mkdir()
    (folder / "note.txt").write_text("of a person's")
    path, spool = yard.drop("mugs.csv"), yard.worker()
    look(yard, spool)
    path.unlink()
    look(yard, spool)
    assert receipts(yard) == {"note.txt": "of a person's"}


@pytest.mark.parametrize("planted", ["link", "finished", "file"])
def test_nothing_is_written_where_receipts_is_something_else(yard, planted: str) -> None:
    folder, elsewhere = yard.folders.outbox / "receipts", yard.root / "elsewhere"
    elsewhere.mkdir()
    if planted == "link":
        folder.symlink_to(elsewhere)
    elif planted == "file":
        folder.write_text("a file")
    else:
        folder.mkdir()
        (folder / "manifest.json").write_text("{}")
    yard.drop("mugs.csv")
    look(yard, yard.worker())
    assert not [*elsewhere.iterdir(), *yard.root.rglob("*.csv.txt")]


@pytest.mark.parametrize("code", ["EROFS", "ENOSPC", "EACCES", "ENOENT"])
def test_an_outbox_that_cannot_be_written_disturbs_no_look(yard, monkeypatch, code: str) -> None:
    def refusing(path, *args, **named):
        raise OSError(getattr(errno, code), "no", str(path))

    yard.drop("mugs.csv")
    yard.drop("mug.yaml")
    spool = yard.worker()
    with monkeypatch.context() as share:
        share.setattr(os, "mkdir", refusing)
        look(yard, spool)
        yard.now_s += 2.0
        assert [one.path.name for one in spool.inbox.scan()] == ["mug.yaml"]
        spool.inbox.tell({})
    yard.now_s += RECEIPT_S
    look(yard, spool)
    assert set(receipts(yard)) == {"mugs.csv.txt"}


@settings(max_examples=50)
@given(name=NAMES, other=NAMES)
def test_receipts_of_two_names_never_meet_on_any_share(name: str, other: str) -> None:
    files = [receipt_name(one) for one in (name, other)]
    assert (files[0].casefold() == files[1].casefold()) == (name == other)
    for file in files:
        assert len(file.encode()) < 200
        assert not set(file) & set('<>:"/\\|?*\0\n')
        assert not file.startswith(".")


def test_a_pause_is_told_while_it_holds(yard) -> None:
    spool = yard.worker()
    yard.drop("mugs.csv")
    look(yard, spool)
    pause = yard.drop("Pause.TXT")
    assert spool.inbox.is_paused()
    assert any("no worker begins another picture since" in text for text in receipts(yard).values())
    os.utime(pause, (-(2**33), -(2**33)))
    assert yard.worker("w2").inbox.is_paused()
    pause.unlink()
    assert not spool.inbox.is_paused()
    assert set(receipts(yard)) == {"mugs.csv.txt"}


def test_a_cancel_that_matches_nothing_is_told_and_expires(yard) -> None:
    cancel, spool = yard.drop("vase.CANCEL"), yard.worker()
    look(yard, spool)
    ((_, text),) = receipts(yard).items()
    assert "matches no job" in text
    yard.now_s += EXPIRES_S
    with capture_logs() as logs:
        look(yard, spool)
    assert not cancel.exists()
    assert [log["event"] for log in logs] == ["control.expired", "control.obeyed"]
    look(yard, spool)
    ((_, text),) = receipts(yard).items()
    assert "matched no job for 10 minutes, and has been removed" in text


@pytest.mark.parametrize("ready_files", [False, True])
def test_a_ready_file_beside_which_no_job_lies_is_told(yard, ready_files: bool) -> None:
    spool = yard.worker(ready_files=ready_files)
    for name in ("vase.yaml.ready", "mug.ready", "bowl.yaml.READY", "jug.yaml.ready", "._x.ready", "jug.yaml"):
        yard.drop(name)
    look(yard, spool)
    assert receipts(yard) == {}
    yard.now_s += READY_TOLD_S
    look(yard, spool)
    assert {text.split("`")[1] for text in receipts(yard).values()} == {
        "vase.yaml.ready", "mug.ready", "bowl.yaml.READY"
    }  # fmt: skip
    yard.drop("vase.yaml")
    (yard.folders.inbox / "mug.ready").unlink()
    (yard.folders.inbox / "bowl.yaml.READY").unlink()
    look(yard, spool)
    assert receipts(yard) == {}


def test_while_nothing_changes_no_receipt_is_looked_at_for_a_minute(yard) -> None:
    spool, met = yard.worker(), []
    yard.drop("mug.png")
    look(yard, spool)
    with FailingCalls(lambda call, path: met.append(call) if "/receipts" in path else None).installed():
        look(yard, spool)
        assert met == []
        yard.now_s += RECEIPT_S
        look(yard, spool)
        assert met
        assert "rename" not in met


def test_workers_of_different_languages_leave_each_other_s_receipts_alone(yard) -> None:
    first, second = yard.worker("w1", language="zh"), yard.worker("w2", language="en")
    yard.drop("mugs.csv")
    look(yard, first)
    made = {path.name: path.stat().st_ino for path in (yard.folders.outbox / "receipts").iterdir()}
    for _ in range(3):
        for spool in (second, first):
            yard.now_s += RECEIPT_S + 1
            look(yard, spool)
    assert {path.name: path.stat().st_ino for path in (yard.folders.outbox / "receipts").iterdir()} == made
    assert "还没有做" in receipts(yard)["mugs.csv.txt"]


def test_what_holds_no_words_is_told_in_the_language_of_the_last_job(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.png")
    look(yard, spool)
    assert "is not done" in receipts(yard)["mug.png.txt"]
    yard.drop("mug.yaml", "prompt: 红色马克杯\n")
    spool.inbox.tell_of(yard.begun(spool), gettext("it rests"))
    yard.drop("vase.zip")
    look(yard, spool)
    assert "还没有做" in receipts(yard)["vase.zip.txt"]
    assert "is not done" in receipts(yard)["mug.png.txt"], "what says it in another language stays"
