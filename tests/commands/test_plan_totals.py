"""`plan` ends with what all the jobs cost: time, room, and the hour at which they would be done."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from program import call_here

from worker.spool import init_folders
from worker.spool.alive.heartbeats import boot_id
from worker.spool.alive.processes import process_mark

pytestmark = pytest.mark.slow

KIND = {"pixels": 65_536, "steps": 8, "guided": True, "seconds": 60.0, "pictures": 9}
PLANNED = ("plan", "a.yaml", "b.yaml", "--model", "demo", "--worker-id", "laptop")


@pytest.fixture
def jobs(folder: Path) -> Path:
    init_folders(folder)
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text("prompt: a mug\ncount: 30\nsize: 256x256\nsteps: 8\nguidance: 3\n")
    return folder


def worker(folder: Path, name: str, *, age_s: float = 1.0, model: str = "", **record: object) -> None:
    """A worker that wrote down what it does, and how fast it is."""
    place = folder / "inbox/.zimage-worker/workers"
    place.mkdir(parents=True, exist_ok=True)
    written = (datetime.now(UTC) - timedelta(seconds=age_s)).isoformat()
    usual = {"id": name, "state": "idle", "queue": [], "queue_all": {"jobs": 0, "pictures": 0, "ends_in_s": 0}}
    state, heard_s = place / f"{name}.json", time.time() - age_s
    state.write_text(json.dumps(usual | record | {"written_at": written}))
    os.utime(state, (heard_s, heard_s))
    speed = {"seconds_per_picture": {model or demo_id(): [KIND]}, "model": model or demo_id(), "written_at": written}
    (place / f"{name}.speed.json").write_text(json.dumps(speed | {"bytes_per_pixel": {"png": 16.0}}))


def demo_id() -> str:
    from worker.compose.from_settings import model
    from worker.settings import Settings

    return model(Settings.model_validate({"model": "demo", "state_dir": "."})).id


def minutes_from_now(line: str) -> float:
    found = re.search(r"(\d{4}-\d\d-\d\d )?(\d\d):(\d\d)", line)
    assert found, line
    now = datetime.now().astimezone()
    then = now.replace(hour=int(found[2]), minute=int(found[3]), second=30)
    return ((then - now).total_seconds() / 60) % (24 * 60)


def test_two_jobs_end_with_their_sum_by_another_workers_speed(jobs: Path) -> None:
    worker(jobs, "studio")
    lines = call_here(*PLANNED, cwd=jobs).stdout.splitlines()
    assert lines.count("time: about 30 min, at the speed of studio's last pictures") == 2
    assert "all 2 jobs: 60 pictures" in lines
    assert "time: about 60 min, at the speed of studio's last pictures" in lines
    (room,) = [line for line in lines if line.startswith("room:")]
    assert room.startswith("room: about 62 MiB; "), "60 pictures of 65,536 pixels at 16 bytes, and 32 KiB beside each"
    assert minutes_from_now(lines[-1]) == pytest.approx(60, abs=2)


def test_what_waits_before_is_counted_and_two_workers_divide_the_work(jobs: Path) -> None:
    queue = {"jobs": 3, "pictures": 120, "ends_in_s": 3600.0}
    worker(jobs, "studio", state="rendering", left_s=10.0, queue_all=queue)
    worker(jobs, "attic", age_s=9.0, state="rendering", left_s=10.0, queue_all=queue)
    last = call_here(*PLANNED, cwd=jobs).stdout.splitlines()[-1]
    assert last.endswith("after the 3 jobs (120 pictures) that wait")
    assert minutes_from_now(last) == pytest.approx(60 + 30, abs=2)


@pytest.mark.parametrize("record", [{"age_s": 900.0}, {"state": "paused"}, {"state": "stopped"}])
def test_where_nobody_takes_jobs_no_hour_is_told(jobs: Path, record: dict) -> None:
    worker(jobs, "studio", **record)
    assert "done: unknown, since no worker takes jobs" in call_here(*PLANNED, cwd=jobs).stdout


@pytest.mark.parametrize(
    ("number", "said"), [(os.getpid(), "done: about"), (2**22 + 1, "done: unknown, since no")], ids=["lives", "killed"]
)
def test_a_worker_that_was_killed_here_is_not_expected_to_work(jobs: Path, number: int, said: str) -> None:
    """No process has a number above the kernel's largest."""
    worker(jobs, "studio")
    mark = f"{number} {process_mark().partition(' ')[2]}"
    beat = {"run": "1", "count": 1, "host": "here", "locks": "none", "boot": boot_id(), "process": mark}
    (jobs / "inbox/.zimage-worker/workers/studio.beat").write_text(json.dumps(beat))
    assert said in call_here(*PLANNED, cwd=jobs).stdout


def test_an_unknown_time_is_said_to_be_unknown(jobs: Path) -> None:
    lines = call_here(*PLANNED, cwd=jobs).stdout.splitlines()
    assert sum(line.startswith("time: unknown") for line in lines) == 3
    assert lines[-1].startswith("room: about 9 MiB; ")


def test_a_laptop_without_folders_is_told_the_room(folder: Path) -> None:
    (folder / "a.yaml").write_text("prompt: a mug\nsize: 1024x1024\ncount: 600\n")
    done = call_here("plan", "a.yaml", "--model", "demo", "--outbox", "gone/outbox", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-2:] == [
        "time: unknown, since no worker has recorded a speed for this model here yet",
        "room: about 1.2 GiB",
    ]


@pytest.mark.parametrize("junk", ["[]", "{", '{"seconds_per_picture": 7}', '{"written_at": 3, "model": ["x"]}'])
def test_junk_on_the_share_ends_no_plan(jobs: Path, junk: str) -> None:
    worker(jobs, "studio", queue_all=[1], left_s="soon")
    place = jobs / "inbox/.zimage-worker/workers"
    for name in ("x.json", "x.speed.json", "y.speed.json"):
        (place / name).write_text(junk)
    done = call_here(*PLANNED, cwd=jobs)
    assert done.returncode == 0
    assert "time: about 60 min" in done.stdout


def test_a_job_that_cannot_be_rendered_is_told_and_the_others_are_planned(jobs: Path) -> None:
    (jobs / "bad.yaml").write_text("cuont: 3\nprompt: a mug\n")
    done = call_here("plan", "bad.yaml", *PLANNED[1:], cwd=jobs)
    assert done.returncode == 20
    assert done.stderr.startswith("bad.yaml:1:1: cuont: ")
    lines = done.stdout.splitlines()
    told = lines.index("1 job cannot be rendered as it is; not counted below")
    assert lines[told + 1] == "all 2 jobs: 60 pictures"


def test_a_worker_that_rests_until_its_hours_is_counted_from_then_on_and_rests_again(jobs: Path) -> None:
    now = datetime.now(UTC)
    windows = [
        [(now + timedelta(minutes=minutes)).isoformat(timespec="seconds") for minutes in window]
        for window in ((120, 150), (300, 400))
    ]
    hours = {"is_on": False, "begins_at": windows[0][0], "ends_at": windows[0][1], "windows": windows}
    worker(jobs, "studio", state="paused", reason="it may not render at this hour", hours=hours)
    lines = call_here(*PLANNED, cwd=jobs).stdout.splitlines()
    assert minutes_from_now(lines[-1]) == pytest.approx(330, abs=2), "an hour of work: half of it in each window"
    worker(jobs, "studio", state="paused", reason="PAUSE lies in the inbox")
    assert call_here(*PLANNED, cwd=jobs).stdout.splitlines()[-1].startswith("done: unknown, since no worker takes jobs")
