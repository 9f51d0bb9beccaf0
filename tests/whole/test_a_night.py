"""The whole program with the embedded model: killed, stopped, continued."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from waiting_for import wait_for
from written import checked

ROOT = Path(__file__).parents[2]
JOB = "size: 128x128\nsteps: 4\nprompt: a red glossy mug, white background\ncount: 6\n"
PATIENCE_S = 120.0

pytestmark = pytest.mark.slow


class Night:
    """A folder with inbox, outbox and failed, and the workers started on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[str]] = []
        subprocess.run([*self.command, "init", folder], check=True, stdout=subprocess.DEVNULL, env=self.environment)

    command = (sys.executable, "-m", "worker.cli")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: RUF012 - a constant of the class

    def start(self, *flags: str) -> subprocess.Popen[str]:
        worker = subprocess.Popen(
            [*self.command, "run", *flags], cwd=self.folder,
            env={**self.environment, "XDG_STATE_HOME": str(self.folder)},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def pictures(self) -> dict[str, str]:
        """Hash by name of every finished picture: one whose sidecar, written after it, lies beside it."""
        found = [path for path in self.folder.glob("outbox/*/*.png") if path.with_suffix(".json").exists()]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}

    def manifest(self, name: str = "mugs") -> dict[str, list[dict[str, object]]]:
        return dict(json.loads((self.folder / "outbox" / name / "manifest.json").read_text("utf-8")))

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        wait_for(is_so, within_s=PATIENCE_S, every_s=0.02)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(tmp_path)
    (tmp_path / "inbox/mugs.yaml").write_text(JOB)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.communicate()
    assert checked(tmp_path)  # whatever the night was, what it wrote for programs is as the schemas say


def children_of(worker: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]


def test_a_run_killed_halfway_is_continued_and_its_pictures_are_kept(night: Night) -> None:
    worker = night.start()
    night.wait_for(lambda: len(night.pictures()) >= 2)
    children = children_of(worker)
    worker.kill()
    worker.wait()
    night.wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    kept = night.pictures()
    assert 2 <= len(kept) < 6
    done = night.start("--drain")
    _, log = done.communicate(timeout=PATIENCE_S)
    assert done.returncode == 0, log
    assert night.manifest()["status"] == "complete"
    assert kept.items() <= night.pictures().items()
    made = [event for line in log.splitlines() if (event := json.loads(line))["event"] == "picture.made"]
    assert len(made) <= 6 - len(kept) + 1  # one may have been written just when the kill came
    assert not [*night.folder.glob("*/*.partial")]
    assert not [*night.folder.glob("inbox/.zimage-worker/claims/*/*")]


def test_a_closed_terminal_ends_a_daemon_after_its_picture_and_gives_the_job_back(night: Night) -> None:
    worker = night.start()
    night.wait_for(lambda: len(night.pictures()) >= 1)
    for _ in range(2):  # by its shell, and by the kernel
        worker.send_signal(signal.SIGHUP)
    _, log = worker.communicate(timeout=PATIENCE_S)
    assert worker.returncode == 0
    assert "job.given_back" in log
    assert (night.folder / "inbox/mugs.yaml").read_text() == JOB
    kept = night.pictures()
    done = night.start("--drain")
    done.communicate(timeout=PATIENCE_S)
    assert done.returncode == 0
    assert kept.items() <= night.pictures().items()
    assert len(night.pictures()) == 6


def test_a_signal_during_a_drain_ends_it_with_130(night: Night) -> None:
    worker = night.start("--drain")
    night.wait_for(lambda: len(night.pictures()) >= 1)
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=PATIENCE_S)
    assert worker.returncode == 130


def test_a_renderer_killed_in_the_middle_costs_an_attempt_and_no_picture(night: Night) -> None:
    worker = night.start("--drain")
    night.wait_for(lambda: len(night.pictures()) >= 1)
    for pid in children_of(worker):
        os.kill(pid, signal.SIGKILL)
    worker.communicate(timeout=PATIENCE_S)
    assert worker.returncode == 0
    shots = night.manifest()["shots"]
    assert [shot["status"] for shot in shots] == ["ok"] * 6
    attempts = [attempt for shot in shots for attempt in shot["attempts"]]  # type: ignore[attr-defined]
    assert sum(attempt["outcome"] == "error" for attempt in attempts) <= 1


def test_a_daemon_waits_for_a_share_that_is_not_there_yet(night: Night) -> None:
    inbox = night.folder / "inbox"
    inbox.rename(night.folder / "elsewhere")
    worker = subprocess.Popen(
        [*night.command, "run"], cwd=night.folder, env={**night.environment, "ZIMAGE_WORKER_AWAY_S": "0.2"},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    night.workers.append(worker)
    assert worker.stderr is not None
    assert "share.away" in next(line for line in worker.stderr if "share.away" in line)
    (night.folder / "elsewhere").rename(inbox)
    night.wait_for(lambda: len(night.pictures()) >= 1)


def test_a_second_worker_with_the_same_id_is_refused(night: Night) -> None:
    night.start()
    night.wait_for(lambda: len(night.pictures()) >= 1)
    second = night.start("--drain")
    _, log = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 14
    assert "already has the id" in log


def test_the_same_job_twice_gives_the_same_pictures_under_two_names(night: Night) -> None:
    night.start("--drain").communicate(timeout=PATIENCE_S)
    first = night.pictures()
    (night.folder / "inbox/mugs.yaml").write_text(JOB)
    night.start("--drain").communicate(timeout=PATIENCE_S)
    again = list((night.folder / "outbox/mugs.2").glob("*.png"))
    assert len(again) == 6
    shots = {shot["file"]: shot["seed"] for shot in night.manifest("mugs.2")["shots"]}
    assert shots == {shot["file"]: shot["seed"] for shot in night.manifest()["shots"]}
    assert len(first) == 6
