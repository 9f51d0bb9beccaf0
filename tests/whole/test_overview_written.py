"""The page of everything on real folders: written by whoever lives, and never in the wrong place."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.delivery.conftest import Folder, Samples
from tests.delivery.html_page import Page
from tests.delivery.overviews import MORNING, NOW, SHANGHAI, ended, many
from worker import spool
from worker.compose.overview.outbox import Outbox
from worker.compose.overview.writer import OverviewWriter
from worker.errors import FoldersUnusable
from worker.overview_records import Overview
from worker.spool import Folders, SpoolOptions


@dataclass
class Night:
    """A spool, what is seen in it, and a clock that only a test moves."""

    folders: Folders
    seen: Overview
    now_s: float = 1000.0
    looks: int = 0
    opens: Callable[[Folders], Folders] = field(default=lambda folders: folders)

    def writer(self, **more) -> OverviewWriter:
        return OverviewWriter(
            lambda: (self.opens(self.folders), self._look),
            monotonic=lambda: self.now_s,
            zone=SHANGHAI,
            **more,
        )

    def _look(self, _: object) -> Overview:
        self.looks += 1
        return self.seen

    def pass_s(self, *writers: OverviewWriter, seconds: float = 20.0) -> None:
        for _ in range(int(seconds)):
            self.now_s += 1.0
            for writer in writers:
                writer.turn()

    @property
    def text(self) -> str:
        return Page((self.folders.outbox / "index.html").read_bytes()).text

    def names(self) -> set[str]:
        return {path.name for path in self.folders.outbox.rglob("*") if path.is_file()} - {".zimage-worker-root.json"}


def adopted(folders: Folders, state_dir: Path) -> None:
    """As a worker's first start leaves them."""
    options = SpoolOptions(settle_s=2.0)
    first = spool.FolderSpool(folders, worker_id="w1", state_dir=state_dir, options=options, clock=lambda: 0.0)
    with first.ownership.lock(lambda _: None):
        pass


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    folders = spool.init_folders(tmp_path / "shop")
    adopted(folders, tmp_path / "state")
    return Night(folders, MORNING)


def finished(folders: Folders, name: str, pictures: int = 5) -> None:
    """A finished folder with a real contact sheet."""
    made = Folder(replace(Samples.record, pictures=pictures))
    made.add(*(Samples().made(file=f"{n}.png", prompt=f"a mug {n}") for n in range(pictures))).close()
    for file, data in made.files.items():
        path = folders.outbox / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_the_first_turn_writes_the_page_its_nights_and_news(night: Night) -> None:
    night.writer().turn()
    assert night.names() == {"index.html", "2026-11-25.1.html", "2026-11-26.1.html", "now.js"}
    assert "glass-vases" in night.text
    assert "All jobs" in Page((night.folders.overview / "2026-11-25.1.html").read_bytes()).text


def test_pictures_come_from_each_job_s_own_sheet_and_are_read_once(night: Night, opened: list[str]) -> None:
    for name in ("teapots", "glass-vases"):
        finished(night.folders, name)
    night.seen = replace(MORNING, ended=[ended("teapots"), ended("glass-vases"), ended("gone-meanwhile")])
    writer = night.writer()
    writer.turn()
    page = Page((night.folders.outbox / "index.html").read_bytes())
    assert page.values("alt") == [f"a mug {n}" for n in range(4)] * 2
    before = opened.count("index.html")
    night.seen = replace(night.seen, running=())
    night.pass_s(writer, seconds=60)
    assert opened.count("index.html") - before <= 6  # its own page, at each look


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    really = os.open

    def counting(path, flags, *args, **named):
        names.append(Path(path).name)
        return really(path, flags, *args, **named)

    monkeypatch.setattr(os, "open", counting)
    return names


def test_two_workers_keep_one_page_and_its_bytes_are_always_whole(night: Night) -> None:
    a, b = night.writer(), night.writer()
    a.turn()
    for n in range(10):
        night.seen = replace(MORNING, as_of=f"2026-11-28T00:{n + 1:02}:00+00:00", ended=many(n + 1).ended)
        night.pass_s(a, b, seconds=40)
        assert f"sku-{n + 1:05}" in night.text
        assert not Page((night.folders.outbox / "index.html").read_bytes()).open
    assert night.looks <= 400 / 15 + 2


def test_a_folder_that_a_person_deleted_vanishes_from_the_page_and_from_its_night(night: Night) -> None:
    writer = night.writer()
    writer.turn()
    kept = [job for job in MORNING.ended if job.name not in ("teapots", "shop-7", "boxes")]
    night.seen = replace(MORNING, ended=kept)
    night.pass_s(writer, seconds=30)
    old = (night.folders.overview / "2026-11-25.1.html").read_text("utf-8")
    assert "teapots" not in night.text
    assert "shop-7<" not in old
    assert "shop-8<" in old
    assert not (night.folders.overview / "2026-11-26.1.html").exists()


def test_a_night_that_is_over_is_written_once_by_whoever_comes_first(night: Night) -> None:
    night.writer().turn()
    old = night.folders.overview / "2026-11-25.1.html"
    before = old.stat().st_ino
    another = night.writer()
    night.pass_s(another, seconds=60)
    assert old.stat().st_ino == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.ESTALE, errno.EIO, errno.EBUSY])
def test_trouble_of_the_share_is_told_once_and_passes(night: Night, monkeypatch, number: int) -> None:
    really, is_failing = os.rename, [True]

    def rename(*args, **named):
        if is_failing[0]:
            raise OSError(number, os.strerror(number))
        return really(*args, **named)

    monkeypatch.setattr(os, "rename", rename)
    writer = night.writer()
    with capture_logs() as events:
        night.pass_s(writer, seconds=120)
        assert [event["event"] for event in events] == ["overview.not_written"]
        is_failing[0] = False
        night.pass_s(writer, seconds=20)
    assert len(events) == 1
    assert "glass-vases" in night.text


def test_what_nobody_foresaw_is_told_with_its_traceback_and_ends_nothing(night: Night) -> None:
    night.seen = replace(MORNING, as_of="no time at all")
    writer = night.writer()
    with capture_logs() as events:
        night.pass_s(writer, seconds=40)
    assert [(event["event"], event["log_level"]) for event in events] == [("overview.not_written", "error")]
    night.seen = MORNING
    night.pass_s(writer, seconds=20)
    assert "glass-vases" in night.text


def test_folders_that_do_not_serve_are_looked_for_until_they_do(night: Night) -> None:
    def away(_: Folders) -> Folders:
        raise FoldersUnusable("outbox: there is none")

    night.opens = away
    writer = night.writer()
    with capture_logs() as events:
        night.pass_s(writer, seconds=5)
        assert not night.names()
        night.opens = lambda folders: folders
        night.pass_s(writer, seconds=6)
    assert "index.html" in night.names()
    assert not events


def test_nothing_is_written_where_the_share_is_away_or_another_one(night: Night) -> None:
    writer, outbox = night.writer(), night.folders.outbox
    writer.turn()
    outbox.rename(outbox.with_name("away"))
    outbox.mkdir()  # a bare mount point
    night.pass_s(writer, seconds=400)
    assert not [*outbox.iterdir()]
    (outbox / ".zimage-worker-root.json").write_text(json.dumps({"id": "another"}))
    night.pass_s(writer, seconds=400)
    assert [path.name for path in outbox.iterdir()] == [".zimage-worker-root.json"]
    shutil.rmtree(outbox)
    outbox.with_name("away").rename(outbox)
    night.seen = replace(MORNING, paused_by="PAUSE")
    night.pass_s(writer, seconds=20)
    assert "PAUSE" in night.text


def test_a_shop_s_own_index_html_stays_and_its_owner_is_told(night: Night) -> None:
    own = night.folders.outbox / "index.html"
    own.write_text("<h1>My shop</h1>")
    writer = night.writer()
    with capture_logs() as events:
        night.pass_s(writer, seconds=60)
    assert own.read_text() == "<h1>My shop</h1>"
    assert ["move it away" in str(event["error"]) for event in events] == [True]


def test_a_job_s_folder_called_like_ours_stays_and_the_page_does_without(night: Night) -> None:
    finished(night.folders, "_overview")
    before = night.names()
    night.writer().turn()
    assert night.names() == before
    assert "Earlier nights" in night.text
    assert not [link for link in Page((night.folders.outbox / "index.html").read_bytes()).values("href")
                if link.startswith("./_overview/2026")]  # fmt: skip


def test_a_worker_that_waits_before_it_has_written_anything_is_on_the_page(night: Night) -> None:
    writer = night.writer()
    writer.note = replace(MORNING.workers[0], id="new-pc", state="starting")
    writer.turn()
    assert "new-pc" in night.text
    told: list[str] = []
    writer.waits(told.append)("The model is on a share that is away.")
    assert told == ["The model is on a share that is away."]
    night.pass_s(writer, seconds=10)
    assert "The model is on a share that is away." in night.text
    writer.note = replace(MORNING.workers[0], reason="says another process of this name", state="starting")
    writer.ring()
    night.pass_s(writer, seconds=10)
    assert "says another process" not in night.text


def test_the_page_speaks_the_language_of_the_jobs_or_of_the_setting(night: Night) -> None:
    chinese = replace(MORNING, ended=[ended(f"白色陶瓷马克杯{n}") for n in range(9)], waiting=(), running=())
    for seen, language, tag in ((MORNING, "auto", "en"), (chinese, "auto", "zh-CN"), (chinese, "en", "en"),
                                (MORNING, "zh", "zh-CN")):  # fmt: skip
        night.seen = replace(seen, as_of=NOW)
        night.writer(language=language).last_turn()
        page = Page((night.folders.outbox / "index.html").read_bytes())
        assert page.values("lang")[0] == tag


def test_the_last_turn_says_what_is_true_then_and_other_documents_say_the_same(night: Night) -> None:
    writer = night.writer(beside={"status.json": lambda overview, _: overview.as_of.encode()})
    writer.turn()
    stopped = replace(MORNING.workers[0], state="stopped")
    night.seen = replace(MORNING, as_of="2026-11-28T00:00:13+00:00", workers=[stopped])
    writer.last_turn()
    assert "stopped" in night.text
    assert (night.folders.outbox / "status.json").read_text() == "2026-11-28T00:00:13+00:00"


def test_failed_jobs_are_linked_only_where_a_reader_reaches_them(night: Night, tmp_path: Path) -> None:
    elsewhere = spool.init_folders(tmp_path / "other")
    for failed, wanted in ((night.folders.failed, "../failed"), (elsewhere.failed, None)):
        folders = replace(night.folders, failed=failed)
        sight = Outbox(folders, lambda _: MORNING).sight("en", note=None)
        assert sight.places.failed == wanted
