from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from worker.disk.temporaries import temporary_name
from worker.operations.record import FolderRecorder, WorkerFiles
from worker.operations.recorded_figures import read_learned, read_room_mib, read_speeds, read_worker_file
from worker.operations.speeds import seconds_of
from worker.queued_job import QueuedJob
from worker.records import PictureKind


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
        "id": "a", "state": "rendering", "job": "mugs", "step": 1, "counter": 0, "left_s": 0,
        "queue": [], "queue_all": {"jobs": 0, "pictures": 0, "ends_in_s": 0.0},
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
    recorder.speed("turbo", kind=PictureKind(pixels=1_000_000, steps=2, is_guided=False), seconds=2.0)
    assert read_speeds(files.speed) == {"turbo": 1.0}
    again = FolderRecorder(files, about={}, now=clock.now, monotonic=clock.monotonic)
    for _ in range(40):
        again.speed("turbo", kind=PictureKind(pixels=1_000_000, steps=1, is_guided=False), seconds=3.0)
    assert read_speeds(files.speed)["turbo"] == pytest.approx(3.0, rel=0.01)


ONE = PictureKind(pixels=1_000_000, steps=4, is_guided=False)
TWO = PictureKind(pixels=1_000_000, steps=8, is_guided=False)


def learning(recorder: FolderRecorder, kind: PictureKind, seconds: float) -> None:
    """Two of them, as the first of its kind tells little."""
    for _ in range(2):
        recorder.speed("turbo", kind=kind, seconds=seconds)


def test_what_pictures_took_outlives_the_worker_by_kind(
    recorder: FolderRecorder, files: WorkerFiles, clock: Clock
) -> None:
    learning(recorder, ONE, 5.0)
    learning(recorder, TWO, 7.0)
    again = FolderRecorder(files, about={}, now=clock.now, monotonic=clock.monotonic)
    again.speed("turbo", kind=ONE, seconds=60.0)  # the first of its process: a model was loaded for it
    assert seconds_of(read_learned(files.speed)["turbo"], {ONE: 1, TWO: 10}) == 75.0


def test_a_speed_file_of_an_older_version_still_tells_the_time(files: WorkerFiles) -> None:
    files.speed.parent.mkdir()
    files.speed.write_text('{"seconds_per_million_pixel_steps": {"turbo": 0.5}, "room_mib": null}')
    assert seconds_of(read_learned(files.speed)["turbo"], {ONE: 1, TWO: 1}) == pytest.approx(6.0)


@pytest.mark.parametrize(
    "junk", [7, [], {"turbo": 3}, {"turbo": [3]}, {"turbo": [{"pixels": "1"}]},
             {"turbo": [{"pixels": 1, "steps": 0, "seconds": 1, "pictures": 1, "guided": False}]},
             {"turbo": [{"pixels": 1, "steps": 1, "seconds": float("nan"), "pictures": 1}]}]
)  # fmt: skip
def test_junk_in_the_place_of_speeds_is_none(files: WorkerFiles, junk: object) -> None:
    files.speed.parent.mkdir()
    files.speed.write_text(json.dumps({"seconds_per_picture": junk}))
    assert read_learned(files.speed) == {}


def test_the_record_says_what_is_left_and_when_waiting_jobs_begin(
    recorder: FolderRecorder, files: WorkerFiles, clock: Clock
) -> None:
    recorder.use("turbo")
    learning(recorder, ONE, 5.0)
    recorder.queue([
        QueuedJob(name="a.yaml", work={ONE: 3}, dropped_by="anna"),
        QueuedJob(name="b.yaml", work={ONE: 2}, is_held=True),
    ])  # fmt: skip
    recorder.state("rendering", job="mugs", left={ONE: 2})
    record = read_worker_file(files.state)
    assert record["left_s"] == 10.0
    assert record["queue"] == [
        {"name": "a.yaml", "position": 1, "state": "waiting", "starts_in_s": 10.0, "takes_s": 15.0,
         "ends_in_s": 25.0, "pictures": 3, "dropped_by": "anna"},
        {"name": "b.yaml", "position": 2, "state": "held", "starts_in_s": 25.0, "takes_s": 10.0,
         "ends_in_s": 35.0, "pictures": 2, "dropped_by": None},
    ]  # fmt: skip
    assert record["queue_all"] == {"jobs": 2, "pictures": 5, "ends_in_s": 35.0}
    clock.now_s += 4.0
    recorder.state("rendering", job="mugs", left={ONE: 2})
    record = read_worker_file(files.state)
    assert (record["left_s"], record["queue"][1]["starts_in_s"], record["queue_all"]["ends_in_s"]) == (6.0, 21.0, 31.0)


def test_an_urgent_job_begins_before_what_is_in_work_has_ended(recorder: FolderRecorder, files: WorkerFiles) -> None:
    recorder.use("turbo")
    learning(recorder, ONE, 5.0)
    recorder.state("rendering", job="mugs", left={ONE: 2}, priority=0)
    queue = [QueuedJob(name="urgent.yaml", work={ONE: 1}, priority=100), QueuedJob(name="a.yaml", work={ONE: 3})]
    assert [one.starts_in_s for one in recorder.queue(queue)] == [5.0, 15.0]
    assert "priority" not in read_worker_file(files.state)


def test_what_passes_between_two_jobs_is_learned_and_foreseen(
    recorder: FolderRecorder, files: WorkerFiles, clock: Clock
) -> None:
    recorder.use("turbo")
    for job in ("a", "b", "c"):
        recorder.state("rendering", job=job, left={ONE: 1})
        clock.now_s += 5.0
        recorder.speed("turbo", kind=ONE, seconds=5.0)
        clock.now_s += 2.0
    queued = [QueuedJob(name=f"{name}.yaml", work={ONE: 1}) for name in "de"]
    recorder.state("idle")
    assert [one.starts_in_s for one in recorder.queue(queued)] == [0.0, 7.0]
    again = FolderRecorder(files, about={}, now=clock.now, monotonic=clock.monotonic)
    again.use("turbo")
    assert [one.starts_in_s for one in again.queue(queued)] == [0.0, 7.0]


def test_waiting_between_two_jobs_is_no_part_of_them(recorder: FolderRecorder, clock: Clock) -> None:
    recorder.use("turbo")
    for job in ("a", "b"):
        recorder.state("rendering", job=job, left={ONE: 1})
        learning(recorder, ONE, 5.0)
        recorder.state("idle")
        clock.now_s += 30.0
    queued = [QueuedJob(name=f"{name}.yaml", work={ONE: 1}) for name in "de"]
    assert [one.starts_in_s for one in recorder.queue(queued)] == [0.0, 5.0]


def test_while_the_worker_waits_the_picture_that_was_finished_before_counts(
    recorder: FolderRecorder, files: WorkerFiles
) -> None:
    recorder.settled(done=9, failed=0)  # of no job: nothing is told
    facts = {"claim": "c", "total": 48, "started_at": "2026-11-23T00:00:00+00:00"}
    recorder.state("rendering", job="mugs", done=8, failed=0, **facts)
    recorder.settled(done=10, failed=1)
    recorder.state("paused", reason="PAUSE lies in the inbox")
    assert read_worker_file(files.state)["interrupted"] == {"job": "mugs", "done": 10, "failed": 1, **facts}


def test_a_worker_that_waits_or_has_stopped_foresees_no_times(recorder: FolderRecorder, files: WorkerFiles) -> None:
    recorder.use("turbo")
    learning(recorder, ONE, 5.0)
    recorder.queue([QueuedJob(name="a.yaml", work={ONE: 3})])
    for state in ("paused", "stopped"):
        recorder.state(state, reason="PAUSE lies in the inbox")
        (entry,) = read_worker_file(files.state)["queue"]
        assert (entry["position"], entry["starts_in_s"], entry["takes_s"]) == (1, None, 15.0)
    recorder.state("idle")
    assert read_worker_file(files.state)["queue"][0]["starts_in_s"] == 0.0


def test_several_living_workers_divide_the_queue(files: WorkerFiles, clock: Clock) -> None:
    """Of the others two work: two have died, and of one only another's record lies under its name."""
    others = {
        "b": {"state": "rendering", "left_s": 4.0, "written_at": "2026-11-23T00:00:59.000+00:00"},
        "c": {"state": "idle", "written_at": "2026-11-23T00:00:59.000+00:00"},
        "d": {"state": "rendering", "left_s": 1.0, "written_at": "2026-11-23T00:00:59.000+00:00"},
        "e": {"id": "x", "state": "idle", "written_at": "2026-11-23T00:00:59.000+00:00"},
        "f": {"state": "idle", "written_at": "yesterday"},
    }
    asked: set[str] = set()

    def lives(ids: Iterable[str]) -> list[str]:
        asked.update(ids := sorted(ids))
        return [one for one in ids if one not in "df"]

    files.state.parent.mkdir()
    for name, record in others.items():
        (files.state.parent / f"{name}.json").write_text(json.dumps({"id": name} | record))
    clock.now_s = 59.0
    recorder = FolderRecorder(files, about={"id": "a"}, now=clock.now, monotonic=clock.monotonic, lives=lives)
    recorder.use("turbo")
    learning(recorder, ONE, 5.0)
    recorder.queue([QueuedJob(name=f"{n}.yaml", work={ONE: 2}) for n in range(4)])
    recorder.state("rendering", job="mugs", left={ONE: 1})
    queue = read_worker_file(files.state)["queue"]
    assert [entry["starts_in_s"] for entry in queue] == [0.0, 4.0, 5.0, 10.0]
    assert "e" not in asked


def test_of_a_long_queue_the_first_ones_are_told_and_the_whole_is_summed(
    recorder: FolderRecorder, files: WorkerFiles, clock: Clock
) -> None:
    recorder.use("turbo")
    learning(recorder, ONE, 5.0)
    recorder.state("idle")
    first = recorder.queue([QueuedJob(name=f"{n}.yaml", work={ONE: 1}) for n in range(10_000)])
    assert [(one.name, one.starts_in_s) for one in first[:2]] == [("0.yaml", 0.0), ("1.yaml", 5.0)]
    clock.now_s += 3.0
    recorder.state("idle")
    record = read_worker_file(files.state)
    assert len(record["queue"]) == 200
    assert record["queue_all"] == {"jobs": 10_000, "pictures": 10_000, "ends_in_s": 49_997.0}


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
