"""`outbox/status.json` is as its published schema says, small, and counts what it does not name."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import faults

from worker.operations.overview_schema import MOST_ENDED, MOST_WAITING, overview_schema
from worker.operations.status_json import status_json
from worker.overview_records import EndedJob, Overview, RunningJob, WaitingJob, WorkerLine
from worker.translation import gettext

AT = "2026-11-23T22:00:00+00:00"
WORKER = WorkerLine(id="w1", host="pc", state="rendering", since=AT, heard_at=AT, version="1", job="mugs")
RUNNING = RunningJob(name="mugs", worker="w1", folder="f", pictures=9, made=3, failed=1, started_at=AT, left_s=5.0)
WAITING = WaitingJob(name="a.yaml", state="waiting", position=1, starts_in_s=5.0, takes_s=3.0, pictures=2, since=AT)
ENDED = EndedJob(name="cups", is_in_outbox=True, state="partial", ended_at=AT, pictures=80, made=37, failed=43)
FULL = Overview(
    as_of=AT, workers=[WORKER], running=[RUNNING], waiting=[WAITING], ignored=[("mug.docx", "no job")],
    control_files=[("mugs.cancel", "understood")], ended=[ENDED],
    ended_more=7, paused_by="PAUSE", paused_since=AT,
)  # fmt: skip


def document(overview: Overview) -> dict[str, Any]:
    found = json.loads(status_json(overview))
    assert faults("status", found) == []
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("overview", [Overview(as_of=AT), FULL], ids=["empty", "full"])
def test_it_is_as_its_schema_says_and_has_neither_more_nor_less(overview: Overview) -> None:
    found = document(overview)
    assert faults("status", {**found, "surprise": 1})
    for key in found:
        assert faults("status", {name: value for name, value in found.items() if name != key}), key


@pytest.mark.parametrize(
    ("part", "kind"), [("workers", WorkerLine), ("running", RunningJob), ("waiting", WaitingJob), ("ended", EndedJob)]
)
def test_the_schema_has_every_field_of_the_overview_and_no_other(part: str, kind: type) -> None:
    items = overview_schema()["properties"][part]["items"]
    assert list(items["properties"]) == [field.name for field in fields(kind)]
    (found,) = document(FULL)[part]
    assert faults("status", {**document(FULL), part: [{**found, "state": "asleep", "surprise": 1}]})


def test_a_night_of_5000_jobs_is_counted_and_stays_small() -> None:
    jobs = [replace(ENDED, name=f"catalogue-{number}", state="complete", reason="x" * 60) for number in range(5_000)]
    waiting = [replace(WAITING, name=f"job-{number}.yaml", state="invalid") for number in range(1_000)]
    found = document(replace(FULL, ended=jobs, waiting=waiting))
    assert (len(found["ended"]), len(found["waiting"])) == (MOST_ENDED, MOST_WAITING)
    counts = found["counts"]
    assert (counts["complete"], counts["invalid"], counts["ended_earlier"]) == (5_000, 1_000, 7)
    assert len(status_json(replace(FULL, ended=jobs, waiting=waiting))) < 250_000


def test_texts_are_in_the_language_that_is_asked_for_and_names_as_they_are() -> None:
    remedy = gettext("a document is no job: copy its text into a plain text file whose name ends in .yaml")
    overview = replace(FULL, ignored=[("马克杯.docx", remedy)])
    assert json.loads(status_json(overview))["ignored"] == [{"name": "马克杯.docx", "remedy": str(remedy)}]
    (ignored,) = json.loads(status_json(overview, language="zh"))["ignored"]
    assert ignored["name"] == "马克杯.docx"
    assert ignored["remedy"] != remedy


ANY = st.text(st.characters(codec=None), max_size=20)


@settings(max_examples=80)
@given(name=ANY, reason=ANY)
@pytest.mark.slow
def test_names_of_any_content_are_json_in_utf8(name: str, reason: str) -> None:
    overview = replace(FULL, waiting=[replace(WAITING, name=name, reason=reason)], ignored=[(name, reason)])
    assert json.loads(status_json(overview).decode())["waiting"][0]["reason"] == reason
