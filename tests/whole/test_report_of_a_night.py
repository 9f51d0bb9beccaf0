"""The report of a night that real workers lived through: every kind of end, with what to do about each."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import pytest
from house import House
from reported_night import live_through

from tests.delivery.html_page import Page
from worker.compose.overview.look import look_of
from worker.compose.overview.outbox import Outbox
from worker.compose.report.asked import report_since
from worker.compose.report.writer import ReportWriter
from worker.operations.report_schema import report_schema
from worker.report_records import NightReport, Trouble

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One night for all tests of this file, which only look."""
    made = House(tmp_path_factory.mktemp("night"))
    live_through(made)
    return made


@pytest.fixture(scope="module")
def told(house: House) -> NightReport:
    return report_since(house.settings(), when="1h").report


def trouble(told: NightReport, name: str) -> Trouble:
    return next(one for one in told.troubles if one.job.name == name)


def test_every_job_is_counted_by_how_it_ended(told: NightReport) -> None:
    assert dict(told.jobs) == {"proof": 0, "complete": 3, "partial": 1, "failed": 2, "cancelled": 1, "refused": 1}
    assert (told.pictures, told.failed, told.retried) == (3 + 1 + 1 + 3 + 1, 3, 3)
    assert [one.job.name for one in told.troubles] == ["bowls", "lamps", "chairs", "vases", "posters"]


def test_what_failed_is_told_with_its_reason_its_picture_and_one_command(told: NightReport) -> None:
    vases = trouble(told, "vases")
    assert (vases.command, vases.file) == ("zimage-worker retry vases", "vases.retry")
    [failure] = vases.failures
    assert (failure.file, failure.outcomes) == ("bad_01.png", ["black"])
    assert failure.evidence[0].startswith("rejected/bad_01.")
    assert trouble(told, "bowls").failures[0].error == "The card's memory is too small."
    chairs = trouble(told, "chairs")
    assert "promt" in chairs.job.reason
    assert (chairs.command, "folder of failed jobs as chairs" in chairs.mend) == ("", True)


def test_what_was_tried_is_counted_by_what_it_came_to(told: NightReport) -> None:
    assert told.lost == {"black": 2, "oom": 1}
    assert [(one.outcome, one.rung, one.pictures) for one in told.mended] == [("black", "decode_fp32", 3)]
    assert told.peak_mib == 14_000.0
    [warning] = told.warnings
    assert (warning.rule, warning.jobs, warning.places, warning.job) == ("prompt.no_effect", 1, 1, "plates")


def test_a_worker_s_night_tells_its_death_and_its_wait_for_a_person(told: NightReport) -> None:
    [worker] = told.workers
    assert (worker.id, worker.jobs, worker.pictures) == ("w1", 7, told.pictures)
    assert len(worker.unclean_stops) == 1
    assert worker.worked_s >= 300.0
    wait = next(one for one in worker.waits if "PAUSE" in one.reason)
    assert 850 <= wait.seconds <= 960


def test_the_text_is_short_and_the_json_is_as_its_schema_has_it(house: House) -> None:
    found = report_since(house.settings(), when="1h")
    jsonschema.validate(json.loads(found.json()), report_schema())
    lines = found.text().splitlines()
    assert lines[1] == "4 of 8 jobs need you."
    assert len(lines) < 40
    assert "    zimage-worker retry vases" in lines


def test_a_worker_writes_it_where_people_look_and_the_page_of_everything_leads_there(house: House) -> None:
    outbox = Outbox(house.folders, look_of(house.settings(), house.folders))
    writer = ReportWriter(lambda: house.folders)
    writer.see(outbox.sight("en", note=None))
    writer.turn()
    sight = outbox.sight("en", note=None)
    night = sight.nights[0].begins
    outbox.write_front(sight)
    front = Page((house.folders.outbox / "index.html").read_bytes())
    assert f"./_reports/{night}.html" in front.values("href")
    page = Page((house.folders.reports / f"{night}.html").read_bytes())
    assert "4 of 8 jobs need you." in " ".join(page.text.split())
    assert len([one for one in page.values("src") if one.startswith("data:image/webp")]) >= 2 + 3
    assert "../vases/index.html" in page.values("href")
    document = json.loads((house.folders.reports / f"{night}.json").read_text("utf-8"))
    jsonschema.validate(document, report_schema())
    assert document["night"] == str(night)
    assert datetime.fromisoformat(document["begins"]) <= datetime.now(UTC)
