"""The overview tells how jobs ended, from the heads of their manifests, each opened once."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from onlooker import onlooker, seen

from worker.overview_records import EndedJob
from worker.spool.known_jobs import ended_jobs


def ended(yard, name: str, *, root: str = "outbox", **keys: object) -> Path:
    """A finished folder whose manifest says no more than that."""
    folder = yard.root / root / name
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"schema": 2, "job": name, **keys}))
    return folder


def test_every_way_in_which_a_job_ends_is_counted(yard) -> None:
    now = datetime.now(UTC).isoformat()
    for number in range(66):
        ended(yard, f"j{number}", status="complete", finished_at=now, pictures=2, made=2, failed=0)
    ended(
        yard,
        "part",
        status="partial",
        finished_at=now,
        pictures=80,
        made=37,
        failed=43,
        retried=5,
        warnings_count=2,
        dropped_by="anna",
        title="Teapots",
        shots=[{"status": "failed", "error": "it was black"}],
    )
    ended(yard, "stopped", status="cancelled", finished_at=now, pictures=9, made=3, cancelled=6)
    ended(yard, "none", root="failed", status="failed", finished_at=now, pictures=3, failed=3)
    (yard.folders.failed / "refused").mkdir()
    (yard.folders.failed / "refused/error.json").write_text(
        '{"schema": 1, "name": "refused", "reason": "2 problems", "status": "failed"}'
    )
    (yard.folders.failed / "unbegun").mkdir()
    cancelled = {"schema": 1, "name": "unbegun", "reason": "Cancelled by unbegun.cancel.", "status": "cancelled"}
    (yard.folders.failed / "unbegun/error.json").write_text(json.dumps(cancelled))
    (yard.folders.outbox / "holiday pictures").mkdir()
    jobs = {job.name: job for job in seen(yard.folders).ended}
    assert len(jobs) == 71
    assert sum(job.state == "complete" and job.made == 2 for job in jobs.values()) == 66
    part = jobs["part"]
    assert (part.state, part.pictures, part.made, part.failed, part.retried) == ("partial", 80, 37, 43, 5)
    assert (part.warnings, part.dropped_by, part.title, part.reason) == (2, "anna", "Teapots", "it was black")
    assert (jobs["stopped"].state, jobs["stopped"].cancelled) == ("cancelled", 6)
    assert (jobs["none"].state, jobs["none"].is_in_outbox) == ("failed", False)
    assert (jobs["unbegun"].state, jobs["unbegun"].reason) == ("cancelled", "Cancelled by unbegun.cancel.")
    assert (jobs["refused"].state, jobs["refused"].reason) == ("refused", "2 problems")


def test_what_earlier_versions_finished_is_counted_by_its_pictures(yard) -> None:
    shots = [{"status": "ok", "attempts": [{}, {}]}, {"status": "ok", "attempts": [{}]},
             {"status": "failed", "error": "it was black", "attempts": []}]  # fmt: skip
    ended(yard, "mug", schema=1, status="partial", finished_at="2026-11-23T22:00:00.123+00:00", warnings=[{}],
          shots=shots)  # fmt: skip
    (job,) = seen(yard.folders).ended
    assert job == EndedJob(
        name="mug", is_in_outbox=True, state="partial", ended_at="2026-11-23T22:00:00.123000+00:00", pictures=3, made=2,
        failed=1, retried=1, warnings=1, reason="it was black",
    )  # fmt: skip


def test_the_newest_come_first_and_nothing_ended_in_the_time_to_come(yard) -> None:
    ended(yard, "future", status="complete", finished_at="9998-01-01T00:00:00+00:00")
    ended(yard, "old", status="complete", finished_at="2020-01-01T00:00:00+00:00")
    overview = seen(yard.folders)
    assert [job.name for job in overview.ended] == ["future", "old"]
    assert overview.ended[0].ended_at == overview.as_of


def test_a_folder_is_opened_once_and_again_when_it_changed_and_a_deleted_one_is_gone(yard, opened) -> None:
    for name in ("a", "b"):
        ended(yard, name, status="complete", pictures=1, made=1)
    reader = onlooker(yard.folders)
    reader.look()
    opened.clear()
    assert len(reader.look().ended) == 2
    assert "manifest.json" not in opened
    (yard.folders.outbox / "a/1.png").write_bytes(b"")
    reader.look()
    assert opened.count("manifest.json") == 1
    for file in (yard.folders.outbox / "b").iterdir():
        file.unlink()
    (yard.folders.outbox / "b").rmdir()
    assert [job.name for job in reader.look().ended] == ["a"]


def test_folders_of_our_own_in_the_outbox_are_no_jobs_and_take_no_ones_place(yard) -> None:
    for name in ("a", "b"):
        ended(yard, name, status="complete", finished_at="2026-01-01T00:00:00Z", pictures=1, made=1)
    for name in ("receipts", "_overview"):
        (yard.folders.outbox / name).mkdir()  # written to all the time, so newer than any job
    told = onlooker(yard.folders).look(most_ended=2)
    assert ({job.name for job in told.ended}, told.ended_more) == ({"a", "b"}, 0)
    assert set(ended_jobs(yard.folders)) == {"a", "b"}


def test_only_the_newest_are_opened_where_that_is_asked_and_the_others_counted(yard) -> None:
    for number in range(9):
        folder = ended(yard, f"j{number}", status="complete")
        os.utime(folder, (1e9 + number, 1e9 + number))
    reader = onlooker(yard.folders)
    few = reader.look(most_ended=2)
    assert ({job.name for job in few.ended}, few.ended_more) == ({"j7", "j8"}, 7)
    more = reader.look(most_ended=2, ended_since_s=1e9 + 4)
    assert (len(more.ended), more.ended_more) == (5, 4)


def test_a_refused_job_is_told_with_its_first_problem_and_who_dropped_it(yard) -> None:
    problem = {"file": "typo.yaml", "line": 2, "column": 1, "message": "There is no key `stesp`."}
    told = {
        "whole": {"dropped_by": "lena", "problems": [problem, problem]},
        "no-line": {"problems": [{"file": "x.yaml", "line": 0, "message": "It is empty."}]},
        "strange": {"problems": [7]},
        "stranger": {"problems": {"line": []}},
        "long": {"problems": [{**problem, "message": "x" * 9_000}]},
    }
    for name, more in told.items():
        (yard.folders.failed / name).mkdir()
        (yard.folders.failed / name / "error.json").write_text(
            json.dumps({"schema": 1, "name": name, "status": "failed", "reason": "It could not be read.", **more})
        )
    jobs = {job.name: job for job in seen(yard.folders).ended}
    assert jobs["whole"].reason == "It could not be read. typo.yaml:2:1: There is no key `stesp`."
    assert jobs["whole"].dropped_by == "lena"
    assert jobs["no-line"].reason == "It could not be read. x.yaml: It is empty."
    assert jobs["strange"].reason == jobs["stranger"].reason == "It could not be read."
    assert len(jobs["long"].reason) == 500
