"""When a report is written: once a night's work is done, anew where more was done, and never in a wrong place."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.delivery.html_page import Page
from tests.delivery.overviews import NOW, SHANGHAI, ended
from worker import spool
from worker.compose.overview.outbox import Outbox, Sight
from worker.compose.report.writer import GAP_S, ReportWriter, reporting
from worker.operations.report_files import ReportFiles
from worker.overview_records import EndedJob, Overview, RunningJob, WaitingJob

TONIGHT = "2026-11-27"
"""In Shanghai it is the morning of the 28th."""
WAITING = WaitingJob(name="next.yaml", state="waiting", position=1)
RUNNING = RunningJob(name="now", worker="w1", folder="", pictures=2, made=1, failed=0)


@dataclass
class Night:
    """A spool in which nothing but a clock moves unless a test says so."""

    folders: spool.Folders
    seen: Overview = field(default_factory=lambda: Overview(as_of=NOW, ended=[ended("mugs")]))
    now_s: float = 1000.0

    def writer(self) -> ReportWriter:
        return ReportWriter(lambda: self.folders, monotonic=lambda: self.now_s, zone=SHANGHAI)

    def sight(self) -> Sight:
        return Outbox(self.folders, lambda _: self.seen, zone=SHANGHAI).sight("en", note=None)

    def turn(self, writer: ReportWriter, **changed: object) -> None:
        self.seen = replace(self.seen, **changed)
        writer.see(self.sight())
        writer.turn()

    def names(self) -> set[str]:
        return {path.name for path in self.folders.reports.iterdir()} if self.folders.reports.exists() else set()

    def total(self, night: str = TONIGHT) -> int:
        return int(json.loads((self.folders.reports / f"{night}.json").read_text("utf-8"))["total"])


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(spool.init_folders(tmp_path))


def jobs(count: int, **more: object) -> list[EndedJob]:
    return [ended(f"job-{n}", **more) for n in range(count)]


def test_it_is_written_once_the_queue_is_empty_and_not_before(night: Night) -> None:
    writer = night.writer()
    night.turn(writer, running=[RUNNING], waiting=[])
    night.turn(writer, running=[], waiting=[WAITING])
    assert night.names() == set()
    night.turn(writer, waiting=[replace(WAITING, state="held", position=None)])
    assert night.names() == {f"{TONIGHT}.html", f"{TONIGHT}.json"}


def test_the_end_of_the_hours_and_of_a_worker_is_the_end_of_a_night_s_work(night: Night) -> None:
    writer = night.writer()
    writer.hear("window.ended", {})
    night.turn(writer, waiting=[WAITING])
    assert night.names() == {f"{TONIGHT}.html", f"{TONIGHT}.json"}
    page = Page((night.folders.reports / f"{TONIGHT}.html").read_bytes())
    assert "1 job waits" in " ".join(page.text.split())
    for path in night.folders.reports.iterdir():
        path.unlink()
    other = night.writer()
    night.turn(other)
    assert night.names() == set()
    other.last_turn()
    assert night.names() == {f"{TONIGHT}.html", f"{TONIGHT}.json"}


def test_what_is_done_later_is_told_too_but_no_oftener_than_every_few_minutes(night: Night) -> None:
    writer = night.writer()
    night.turn(writer)
    night.now_s += GAP_S / 2
    night.turn(writer, ended=jobs(2), running=[RUNNING])
    assert night.total() == 1
    night.now_s += GAP_S
    night.turn(writer)
    assert night.total() == 2


def test_several_workers_write_the_same_and_each_thing_once(night: Night) -> None:
    first, second = night.writer(), night.writer()
    night.turn(first)
    stamp = (night.folders.reports / f"{TONIGHT}.html").stat().st_ino
    night.turn(second, as_of="2026-11-28T00:20:00+00:00")
    assert (night.folders.reports / f"{TONIGHT}.html").stat().st_ino == stamp


def test_a_night_that_is_over_is_reported_as_such_and_stays_when_its_folders_are_moved_away(night: Night) -> None:
    writer = night.writer()
    night.turn(writer, ended=jobs(3), waiting=[replace(WAITING, state="held", reason="It waits for `x.approve`.")])
    over = "2026-11-28T04:00:01+00:00"
    night.turn(writer, as_of=over)
    document = json.loads((night.folders.reports / f"{TONIGHT}.json").read_text("utf-8"))
    assert (document["is_over"], document["left"], document["as_of"], document["total"]) == (True, None, None, 3)
    for left in (jobs(2), []):
        night.turn(night.writer(), ended=left, as_of=over)
        assert night.total() == 3
    night.turn(night.writer(), ended=jobs(5), as_of=over)
    assert night.total() == 5


def test_the_same_facts_are_the_same_bytes_whoever_writes_them(night: Night, tmp_path: Path) -> None:
    other = Night(spool.init_folders(tmp_path / "other"))
    for one in (night, other):
        one.turn(one.writer(), ended=jobs(9), as_of="2026-11-29T04:00:01+00:00")
    for name in (f"{TONIGHT}.json", f"{TONIGHT}.html"):
        assert (night.folders.reports / name).read_bytes() == (other.folders.reports / name).read_bytes()


def test_nights_of_the_last_week_that_nobody_reported_are_made_up_for(night: Night) -> None:
    ends = [datetime(2026, 11, 27 - n, 20, tzinfo=UTC).isoformat() for n in (0, 1, 3, 6, 9, 20)]
    night.turn(night.writer(), ended=[ended(f"job-{n}", at=at) for n, at in enumerate(ends)])
    pages = {name.removesuffix(".html") for name in night.names() if name.endswith("html")}
    assert pages == {"2026-11-21", "2026-11-24", "2026-11-26", "2026-11-27"}


def test_the_newest_are_kept_and_only_what_is_ours_is_removed(night: Night) -> None:
    files = ReportFiles(night.folders.outbox, folder="_reports")
    first = date(2025, 1, 1)
    for n in range(9):
        files.write(first + timedelta(days=n), data=b"{}", page=[b'<meta name="zimage-worker" content="a b over-1">'])
    (files.path / "2024-01-01.html").write_text("somebody's own page")
    files.keep(most=4)
    assert night.names() == {
        "2024-01-01.html",
        *(f"2025-01-0{n}.{end}" for n in (6, 7, 8, 9) for end in ("html", "json")),
    }


def test_somebody_s_own_file_is_not_replaced_and_the_others_are_written(night: Night) -> None:
    night.folders.reports.mkdir()
    (night.folders.reports / f"{TONIGHT}.html").write_text("a person's own page")
    writer = night.writer()
    with capture_logs() as events:
        for _ in range(3):
            night.turn(writer, ended=[*jobs(1), ended("old", at="2026-11-26T20:00:00+00:00")])
    assert (night.folders.reports / f"{TONIGHT}.html").read_text() == "a person's own page"
    assert "2026-11-26.html" in night.names()
    assert [event["event"] for event in events] == ["report.not_written"]


@pytest.mark.parametrize("kind", ["file", "link", "job"])
def test_what_lies_in_the_folder_s_place_stays(night: Night, tmp_path: Path, kind: str) -> None:
    place = night.folders.reports
    match kind:
        case "file":
            place.write_text("a file")
        case "link":
            (tmp_path / "elsewhere").mkdir()
            place.symlink_to(tmp_path / "elsewhere")
        case _:
            place.mkdir()
            (place / "manifest.json").write_text("{}")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    night.turn(night.writer())
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_an_error_of_the_share_is_told_once_and_ends_nothing(night: Night) -> None:
    writer = night.writer()
    night.folders.outbox.chmod(0o755)
    sight = night.sight()
    night.folders.outbox.rename(night.folders.outbox.with_name("away"))
    with capture_logs() as events:
        for _ in range(3):
            writer.see(sight)
            writer.turn()
    assert [event["event"] for event in events] == ["report.not_written"]
    night.folders.outbox.with_name("away").rename(night.folders.outbox)
    writer.turn()
    assert night.total() == 1


def test_a_worker_that_ends_leaves_its_report_behind_and_then_a_page_that_leads_there(night: Night) -> None:
    night.seen = replace(night.seen, waiting=[WAITING])
    seen: list[bool] = []
    for _ in range(2):  # the second has nothing to write
        with reporting(night.writer(), after=lambda: seen.append(night.total() == 1)) as writer:
            writer.see(night.sight())
    assert seen == [True]


def test_the_page_of_everything_is_renewed_once_a_report_is_there(night: Night) -> None:
    writer, rung = night.writer(), []
    writer.on_written = lambda: rung.append(night.names())
    before = night.sight().marks.state
    night.turn(writer)
    night.turn(writer)
    assert rung == [{f"{TONIGHT}.html", f"{TONIGHT}.json"}]
    assert night.sight().marks.state != before
