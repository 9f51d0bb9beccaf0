"""What a worker writes down about itself is as its published schema says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from written import faults

from worker.clocks import utc_now
from worker.hours import Hours, WeekdayWindow
from worker.operations.record import FolderRecorder, WorkerFiles
from worker.operations.record_schema import STATES, record_schema
from worker.operations.recorded_figures import read_worker_file
from worker.queued_job import QueuedJob
from worker.records import PictureKind

ROOT = Path(__file__).parents[2]
PROGRESS = {
    "file": "a_01.png", "step": 0, "steps": 8, "done": 0, "total": 2, "left_pixel_steps": 65_536,
    "claim": "w1-1-0", "failed": 0, "started_at": "2026-11-23T22:00:00.123+00:00",
}  # fmt: skip
FACTS = {"rendering": {"job": "mugs", **PROGRESS}, "paused": {"job": None, "reason": "PAUSE lies in the inbox"}}


def recorded(folder: Path, *states: str, note: str = "", hours: Hours | None = None) -> dict[str, object]:
    """The record as it is written in the last of these states."""
    files = WorkerFiles(root=folder, state=folder / "w1.json", speed=folder / "w1.speed.json")
    about = {"id": "w1", "host": "studio", "version": "0.1.0"}
    recorder = FolderRecorder(files, about=about, now=utc_now, monotonic=lambda: 0.0, hours=hours)
    recorder.queue([QueuedJob(name="a.yaml", work={PictureKind(pixels=4096, steps=2, is_guided=True): 3})])
    for state in states:
        recorder.note(note)
        recorder.state(state, **FACTS.get(state, {}))  # type: ignore[arg-type]
    return read_worker_file(files.state)


@pytest.mark.parametrize("state", STATES)
def test_so_is_one_of_a_worker_that_has_hours(tmp_path: Path, state: str) -> None:
    night = Hours(windows=tuple(WeekdayWindow(weekday=day, begins_min=1_320, ends_min=1_860) for day in range(7)))
    record = recorded(tmp_path, state, hours=night)
    assert not faults("worker", record)
    for key, value in (("is_on", "yes"), ("fit", -1), ("windows", [["today", "tomorrow"]]), ("surprise", 1)):
        assert faults("worker", record | {"hours": {**record["hours"], key: value}})  # type: ignore[dict-item]


@pytest.mark.parametrize("state", STATES)
def test_a_record_is_as_its_schema_says_and_has_neither_more_nor_less(tmp_path: Path, state: str) -> None:
    record = recorded(tmp_path, state)
    assert not faults("worker", record)
    assert faults("worker", record | {"surprise": 1})
    for key in record:
        assert faults("worker", {name: value for name, value in record.items() if name != key}), key


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("idle", {"state": "asleep"}),
        ("idle", {"job": "mugs"}),
        ("idle", {"reason": "why not"}),
        ("idle", {"since": "today"}),
        ("paused", {"step": 1}),
        ("rendering", {"job": None}),
        ("rendering", {"reason": "why not"}),
        ("rendering", {"step": -1}),
        ("rendering", {"total": 0}),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(tmp_path: Path, state: str, change: dict[str, object]) -> None:
    assert faults("worker", recorded(tmp_path, state) | change)


def test_every_key_of_the_schema_is_written_in_some_state(tmp_path: Path) -> None:
    night = Hours(windows=(WeekdayWindow(weekday=0, begins_min=0, ends_min=60),))
    written = {key for state in STATES for key in recorded(tmp_path, "rendering", state, note="x", hours=night)}
    assert written == set(record_schema()["properties"])


def test_a_job_that_is_broken_off_by_a_pause_is_told_until_another_begins(tmp_path: Path) -> None:
    paused = recorded(tmp_path, "rendering", "paused")
    assert not faults("worker", paused)
    assert paused["interrupted"] == {
        "job": "mugs", "claim": "w1-1-0", "done": 0, "failed": 0, "total": 2,
        "started_at": "2026-11-23T22:00:00.123+00:00",
    }  # fmt: skip
    assert "interrupted" not in recorded(tmp_path, "rendering", "idle", "paused")
    assert faults("worker", recorded(tmp_path, "idle") | {"interrupted": paused["interrupted"]})


def test_a_worker_that_stopped_may_say_why(tmp_path: Path) -> None:
    stopped = recorded(tmp_path, "stopped")
    assert not faults("worker", stopped | {"reason": "picture after picture failed", "reasons": {"zh": "每张都失败"}})


@pytest.mark.slow
def test_the_states_are_those_that_the_program_tells() -> None:
    told = set()
    for path in (ROOT / "worker").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                first = node.args[0]
                if node.func.attr in ("state", "_wait") and isinstance(first, ast.Constant):
                    told.add(first.value)
    assert told == set(STATES)


def test_a_note_stands_in_every_state_in_both_languages_until_it_is_taken_back(tmp_path: Path) -> None:
    for state in STATES:
        noted = recorded(tmp_path, state, note="new settings")
        assert not faults("worker", noted)
        assert noted["notes"] == {"en": "new settings", "zh": "new settings"}
    assert "notes" not in recorded(tmp_path, "idle")
