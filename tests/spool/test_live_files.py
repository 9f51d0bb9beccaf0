"""Where people see how a job in work goes and where it went: what is written, where nothing is, and until when."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from worker.live_records import LIVE, Shown
from worker.records import Claim, StagedFile
from worker.spool.janitor import ALONE_S, EVERY_S, LOOKED_AT_S
from worker.spool.layout import ENDED

SHOWN = Shown(record=b'zimageLive({"at": "now"});', page=b"<!doctype html>")


def begun(yard, spool, name: str = "mug.yaml") -> Claim:
    yard.drop(name)
    claim = yard.begun(spool, name)
    spool.publishing.stage(claim, name="mug").write(StagedFile(name="a.png", data=b"a"))
    spool.publishing.show(claim, SHOWN, name="mug")
    return claim


def record_of(yard, claim: Claim) -> Path:
    return yard.folders.outbox / LIVE / f"{claim.job_id}.js"


def told(path: Path) -> dict[str, object]:
    return dict(json.loads(path.read_text("utf-8").removeprefix("zimageLive(").removesuffix(");\n")))


def test_the_page_lies_in_the_folder_of_the_pictures_and_the_record_stays_where_it_is(yard) -> None:
    spool = yard.worker()
    claim = begun(yard, spool)
    (page,) = yard.folders.outbox.glob("*.partial/index.html")
    assert page.read_bytes() == SHOWN.page
    assert record_of(yard, claim).read_bytes() == SHOWN.record
    spool.publishing.show(claim, Shown(record=b"newer"), name="mug")
    assert (page.read_bytes(), record_of(yard, claim).read_bytes()) == (SHOWN.page, b"newer")


def test_whatever_ends_a_job_the_record_says_where_it_went(yard) -> None:
    spool = yard.worker()
    (yard.folders.outbox / "mug").mkdir()
    claim = begun(yard, spool)
    staging = spool.publishing.stage(claim, name="mug")
    staging.write(StagedFile(name="index.html", data=b"whole"))
    spool.publishing.publish(claim, staging, name="mug")
    said = told(record_of(yard, claim))
    assert (said["ended"], said["href"], said["name"]) == (True, "../mug.2/index.html", "outbox/mug.2")

    claim = begun(yard, spool, "杯 #1.yaml")
    files = (StagedFile(name="error.txt", data=b"why"),)
    spool.publishing.fail(claim, files, name="杯 #1", staging=None)
    said = told(record_of(yard, claim))
    assert said["href"] == "../../failed/%E6%9D%AF%20%231/error.txt"
    assert (yard.folders.receipts / "ended").is_dir()


def test_of_a_job_whose_page_nobody_could_open_nothing_is_told(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    spool.publishing.publish(claim, spool.publishing.stage(claim, name="mug"), name="mug")
    assert not (yard.folders.outbox / LIVE).exists()


@pytest.mark.parametrize("code", ["EROFS", "ENOSPC", "EACCES", "EIO"])
def test_no_error_of_it_is_the_job_s(yard, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    spool, rename = yard.worker(), os.rename

    def refusing(source, target, *args, **named) -> None:
        if str(target).endswith((".js", ".html")) or (str(target).endswith(".txt") and "src_dir_fd" in named):
            raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)))
        rename(source, target, *args, **named)

    monkeypatch.setattr(os, "rename", refusing)
    claim = begun(yard, spool)
    path = spool.publishing.publish(claim, spool.publishing.stage(claim, name="mug"), name="mug")
    assert path.name == "mug"
    assert not spool.ownership.leftovers()


@pytest.mark.parametrize("planted", ["_overview", LIVE, "receipts", ENDED])
def test_nothing_is_written_through_what_somebody_has_planted(yard, planted: str) -> None:
    elsewhere, place = yard.root / "elsewhere", yard.folders.outbox / planted
    elsewhere.mkdir()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(elsewhere)
    spool = yard.worker()
    claim = begun(yard, spool)
    assert spool.publishing.publish(claim, spool.publishing.stage(claim, name="mug"), name="mug").name == "mug"
    assert not [*elsewhere.iterdir()]


def test_where_the_folder_of_the_pictures_is_gone_nothing_is_made(yard) -> None:
    spool = yard.worker()
    claim = begun(yard, spool)
    record_of(yard, claim).unlink()
    (partial,) = yard.folders.outbox.glob("*.partial")
    partial.rename(yard.root / "away")
    spool.publishing.show(claim, SHOWN, name="mug")
    assert not record_of(yard, claim).exists()


def test_what_was_only_for_looking_goes_after_a_day(yard) -> None:
    spool = yard.worker()
    claim = begun(yard, spool)
    spool.publishing.publish(claim, spool.publishing.stage(claim, name="mug"), name="mug")
    note = yard.folders.outbox / ENDED / "mug.yaml.txt"
    assert "outbox/mug" in note.read_text("utf-8")
    assert LOOKED_AT_S > ALONE_S
    begun_s = yard.now_s
    while yard.now_s < begun_s + LOOKED_AT_S - EVERY_S:
        spool.janitor.sweep()
        yard.now_s += 10 * EVERY_S
    assert note.exists()
    assert record_of(yard, claim).exists()
    for _ in range(20):
        spool.janitor.sweep()
        yard.now_s += EVERY_S
    assert not note.exists()
    assert not record_of(yard, claim).exists()
