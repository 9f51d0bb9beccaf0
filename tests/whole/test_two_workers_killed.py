"""Two workers on one inbox, killed again and again: every job once and whole, every hash right (P1-P3)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from promises import published_whole, violations
from waiting_for import wait_for

from worker.spool import init_folders

pytestmark = pytest.mark.slow

TWIN = Path(__file__).parents[1] / "twin_worker.py"
KILLS = 60
"""In CI; the environment's KILLS says otherwise, such as 200."""
PICTURES = 2
"""Of each job."""


def start(root: Path, worker: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(TWIN), str(root), "--id", worker, "--state", str(root / "state"), "--pace", "0.01"]
    return subprocess.Popen(command, stderr=(root / f"{worker}.log").open("ab"), stdout=subprocess.DEVNULL)


def drop(root: Path, number: int) -> tuple[str, bytes]:
    proof = "proof: {every: 2}\n" if number % 3 == 0 else ""
    data = f"{proof}shots:\n  - {{id: a, prompt: mug {number}}}\n  - {{id: b, prompt: vase {number}}}\n".encode()
    name = f"job-{number:03}.yaml"
    hidden = root / "inbox" / f".{name}"
    hidden.write_bytes(data)
    hidden.rename(root / "inbox" / name)
    return name, data


def wait_until_kept(root: Path, dropped: dict[str, bytes], *, is_over: bool, within_s: float) -> None:
    """All is as promised; the other worker moves jobs while we look, so only what lasts is lost."""
    found: list[str] = []

    def is_kept() -> bool:
        approve_all(root)
        found[:] = violations(root, dropped, is_over=is_over)
        return not found

    wait_for(is_kept, within_s, every_s=0.1, told=lambda: "\n".join(found))


def approve_all(root: Path) -> None:
    """Nobody's proof waits for long."""
    for path in (root / "inbox/.zimage-worker/proofs").glob("*/claim.json"):
        with suppress(FileNotFoundError):  # it is just being taken up
            proof = json.loads(path.read_bytes())["proof"]
            if proof["decision"] is None:
                (root / "inbox" / f"{proof['folder']}.approve").touch()


def lives_for(worker: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a worker is still at work so much later."""
    try:
        worker.wait(seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


def has_come_up(root: Path, worker: str, *, after_ns: int) -> bool:
    """Whether a worker that was started then has written down what it does: from then on it ends in good order."""
    record = root / "inbox/.zimage-worker/workers" / f"{worker}.json"
    return record.exists() and record.stat().st_mtime_ns > after_ns


def test_every_job_is_published_once_and_whole_however_often_two_workers_are_killed(tmp_path: Path) -> None:
    kills = int(os.environ.get("KILLS", KILLS))
    init_folders(tmp_path)
    draw, dropped = random.Random(11), {}
    workers = {name: start(tmp_path, name) for name in ("w1", "w2")}
    try:
        for number in range(kills):
            dropped.update([drop(tmp_path, number)])
            name = draw.choice(sorted(workers))
            lives = lives_for(workers[name], draw.uniform(0.05, 0.9))
            assert lives, (tmp_path / f"{name}.log").read_text()[-2000:]
            workers[name].send_signal(signal.SIGKILL)
            workers[name].wait()
            wait_until_kept(tmp_path, dropped, is_over=False, within_s=1.0)
            started_ns = time.time_ns()
            workers[name] = start(tmp_path, name)
        wait_until_kept(tmp_path, dropped, is_over=True, within_s=60.0 + kills)
        wait_for(lambda: has_come_up(tmp_path, name, after_ns=started_ns), within_s=20.0)
    finally:
        for worker in workers.values():
            worker.terminate()
        codes = [worker.wait(20) for worker in workers.values()]
    assert violations(tmp_path, dropped, is_over=True) == []
    assert published_whole(tmp_path) == dict.fromkeys(dropped.values(), PICTURES)
    assert codes == [0, 0]
    assert not [*tmp_path.glob("outbox/*.partial")]
    assert len([*tmp_path.glob("outbox/*.proof*")]) == len(range(0, kills, 3))
