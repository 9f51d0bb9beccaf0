"""`status` over real workers that are killed, taken over, paused and stopped: what it says is true at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from onlooker import move_away, onlooker, states
from program import call_here
from waiting_for import wait_for
from written import faults

from worker.errors import ExitCode
from worker.overview_records import Overview
from worker.spool import Folders, init_folders

pytestmark = pytest.mark.slow

TWIN = Path(__file__).parents[1] / "twin_worker.py"
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    monkeypatch.setenv("ZIMAGE_WORKER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    made = init_folders(tmp_path)
    for name in ("INBOX", "OUTBOX", "FAILED"):
        monkeypatch.setenv(f"ZIMAGE_WORKER_{name}", str(tmp_path / name.lower()))
    return made


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def begin(worker: str, *, pace: float = 0.2, state: str = "state") -> subprocess.Popen[bytes]:
        command = [sys.executable, str(TWIN), str(tmp_path), "--id", worker, "--state", str(tmp_path / state),
                   "--pace", str(pace)]  # fmt: skip
        log = (tmp_path / f"{worker}.log").open("ab")
        running.append(subprocess.Popen(command, stderr=log, stdout=subprocess.DEVNULL))
        return running[-1]

    yield begin
    for worker in running:
        worker.kill()
        worker.wait()


def drop(folders: Folders, name: str, pictures: int) -> None:
    hidden = folders.inbox / f".{name}"
    hidden.write_text(f"prompt: {name}\ncount: {pictures}\n")
    hidden.rename(folders.inbox / f"{name}.yaml")


def kill(worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def is_rendering(overview: Overview, *workers: str) -> bool:
    at_work = {job.worker for job in overview.running if job.made}
    return at_work == set(workers) and all(states(overview).get(one) == "rendering" for one in workers)


def test_a_killed_worker_is_said_to_be_dead_at_once_and_its_heir_renders_alone(folders: Folders, start: Start) -> None:
    drop(folders, "mugs", 40)
    killed, reader = start("w1"), onlooker(folders)
    wait_for(lambda: is_rendering(reader.look(), "w1"), within_s=60, every_s=0.1)
    assert call_here("status").returncode == ExitCode.DONE
    kill(killed)
    told = call_here("status")
    assert told.returncode == ExitCode.NOBODY_WORKS
    assert "worker w1: dead" in told.stdout
    assert "left by dead worker w1: mugs [" in told.stdout
    assert " left\n" not in told.stdout
    before = reader.look().running[0].made
    start("w2")
    wait_for(lambda: is_rendering(reader.look(), "w2"), within_s=60, every_s=0.1)
    overview = reader.look()
    assert states(overview) == {"w1": "dead", "w2": "rendering"}
    assert [(job.worker, job.made >= before) for job in overview.running] == [("w2", True)]
    told = call_here("status")
    assert (told.returncode, told.stdout.count("mugs [")) == (ExitCode.DONE, 1)


def test_a_worker_of_another_host_is_silent_and_then_dead(folders: Folders, start: Start) -> None:
    """Two lock folders, and another machine's boot: only its heartbeat tells."""
    drop(folders, "mugs", 40)
    killed = start("w1", state="elsewhere")
    wait_for(lambda: is_rendering(onlooker(folders).look(), "w1"), within_s=60, every_s=0.1)
    kill(killed)
    move_away(folders, "w1")
    reader = onlooker(folders, lease_s=3.0)
    assert states(reader.look()) == {"w1": "rendering"}
    wait_for(lambda: states(reader.look()) == {"w1": "silent"}, within_s=3, every_s=0.1)
    assert not reader.look().nobody_works
    wait_for(lambda: states(reader.look()) == {"w1": "dead"}, within_s=6, every_s=0.1)
    assert reader.look().nobody_works
    assert states(onlooker(folders, lease_s=3.0).look()) == {"w1": "dead"}  # one look is enough by now


def test_one_that_is_cut_off_is_dead_after_its_lease_and_lives_again_when_it_is_heard(
    folders: Folders, start: Start
) -> None:
    """Its process is there, but whoever cannot see its lock takes its job over after the lease."""
    drop(folders, "mugs", 200)
    worker = start("w1", state="elsewhere")
    reader = onlooker(folders, lease_s=15.0)  # longer than it is from beat to beat
    wait_for(lambda: is_rendering(reader.look(), "w1"), within_s=60, every_s=0.1)
    worker.send_signal(signal.SIGSTOP)
    wait_for(lambda: states(reader.look()) == {"w1": "silent"}, within_s=20, every_s=0.1)
    wait_for(lambda: states(reader.look()) == {"w1": "dead"}, within_s=40, every_s=0.1)
    assert [job.left_s for job in reader.look().running] == [None]
    worker.send_signal(signal.SIGCONT)
    wait_for(lambda: is_rendering(reader.look(), "w1"), within_s=20, every_s=0.1)


def test_a_pause_a_stop_and_what_was_finished_are_told(folders: Folders, start: Start) -> None:
    for number in range(6):
        drop(folders, f"job-{number}", 1)
    worker, reader = start("w1", pace=0.1), onlooker(folders)
    wait_for(lambda: len(reader.look().ended) == 6, within_s=60, every_s=0.1)
    drop(folders, "mugs", 100)
    wait_for(lambda: is_rendering(reader.look(), "w1"), within_s=60, every_s=0.1)
    (folders.inbox / "PAUSE").touch()
    wait_for(lambda: states(reader.look()) == {"w1": "paused"}, within_s=60, every_s=0.1)
    told = call_here("status").stdout
    assert told.startswith("paused since ")
    assert "mugs [" in told
    assert "since yesterday: 6 complete: 6 pictures" in told
    (job,) = reader.look().running
    assert (job.pictures, job.left_s, job.made > 0) == (100, None, True)
    worker.terminate()
    worker.wait()
    told = call_here("status")
    assert "worker w1: stopped" in told.stdout
    assert told.returncode == ExitCode.NOBODY_WORKS
    found = json.loads(call_here("status", "--json").stdout)
    assert faults("status", found) == []
    assert (found["counts"]["complete"], found["counts"]["waiting"], found["paused_by"]) == (6, 1, "PAUSE")
