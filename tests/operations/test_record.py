from __future__ import annotations

import json
from pathlib import Path

import pytest

from worker.disk.temporaries import temporary_name
from worker.operations.record import FolderRecorder, WorkerFiles, read_room_mib, read_speeds, read_worker_file


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s

    def now(self) -> str:
        return f"2026-11-23T00:00:{self.now_s:06.3f}+00:00"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def files(tmp_path: Path) -> WorkerFiles:
    return WorkerFiles(root=tmp_path, state=tmp_path / "w" / "a.json", speed=tmp_path / "w" / "a.speed.json")


@pytest.fixture
def recorder(files: WorkerFiles, clock: Clock) -> FolderRecorder:
    return FolderRecorder(files, about={"id": "a"}, now=clock.now, monotonic=clock.monotonic)


def test_a_change_of_state_is_written_at_once(recorder: FolderRecorder, files: WorkerFiles) -> None:
    recorder.state("idle")
    recorder.state("rendering", job="mugs", step=1)
    assert read_worker_file(files.state) | {"counter": 0} == {
        "id": "a", "state": "rendering", "job": "mugs", "step": 1, "counter": 0,
        "since": "2026-11-23T00:00:100.000+00:00", "written_at": "2026-11-23T00:00:100.000+00:00",
    }  # fmt: skip


def test_mere_progress_is_written_seldom(recorder: FolderRecorder, files: WorkerFiles, clock: Clock) -> None:
    recorder.state("rendering", job="mugs", step=1)
    recorder.state("rendering", job="mugs", step=2)
    assert read_worker_file(files.state)["step"] == 1
    clock.now_s += 2.5
    recorder.state("rendering", job="mugs", step=3)
    assert read_worker_file(files.state)["step"] == 3


def test_the_speed_follows_the_newest_pictures_and_outlives_the_worker(
    recorder: FolderRecorder, files: WorkerFiles, clock: Clock
) -> None:
    recorder.speed("turbo", pixel_steps=2_000_000, seconds=2.0)
    assert read_speeds(files.speed) == {"turbo": 1.0}
    again = FolderRecorder(files, about={}, now=clock.now, monotonic=clock.monotonic)
    for _ in range(40):
        again.speed("turbo", pixel_steps=1_000_000, seconds=3.0)
    assert read_speeds(files.speed)["turbo"] == pytest.approx(3.0, rel=0.01)


def test_a_share_that_is_away_costs_a_note_and_nothing_else(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("not a folder")
    place = tmp_path / "file"
    files = WorkerFiles(root=place, state=place / "w" / "a.json", speed=place / "w" / "a.speed.json")
    recorder = FolderRecorder(files, about={}, now=clock.now, monotonic=clock.monotonic)
    recorder.state("idle")
    assert read_worker_file(files.state) == {}


def test_a_file_that_is_no_record_reads_as_none(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[1, 2")
    assert read_worker_file(tmp_path / "a.json") == {}


def test_a_link_on_the_share_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text('{"id": "a"}')
    (tmp_path / "a.json").symlink_to("elsewhere.json")
    assert read_worker_file(tmp_path / "a.json") == {}


@pytest.mark.parametrize("junk", ["fast", None, [1], {}, True, -1, 0, 10**400, "NaN", "Infinity", 1e300])
def test_a_figure_that_is_none_is_left_out(tmp_path: Path, junk: object) -> None:
    """A wrong type here ended `status`, and the worker's start."""
    said = json.dumps({"seconds_per_million_pixel_steps": {"a": junk, "b": 2}, "room_mib": junk})
    (tmp_path / "a.speed.json").write_text(said.replace('"NaN"', "NaN").replace('"Infinity"', "Infinity"))
    assert read_speeds(tmp_path / "a.speed.json") == {"b": 2.0}
    assert read_room_mib(tmp_path / "a.speed.json") is None
    (tmp_path / "a.speed.json").write_text(json.dumps({"seconds_per_million_pixel_steps": junk}))
    assert read_speeds(tmp_path / "a.speed.json") == {}


def test_what_a_killed_worker_left_half_written_goes_with_the_first_record(
    recorder: FolderRecorder, files: WorkerFiles
) -> None:
    files.state.parent.mkdir()
    left = [files.state.with_name(temporary_name(name)) for name in ("a.json", "a.speed.json", "b.json")]
    for path in left:
        path.write_text("{")
    recorder.state("idle")
    assert [path.exists() for path in left] == [False, False, True]
