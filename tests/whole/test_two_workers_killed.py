"""Two workers on one inbox, killed again and again: every job once, every hash right (P1-P3)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from promises import violations

from worker.spool import init_folders

pytestmark = pytest.mark.slow

TWIN = Path(__file__).parents[1] / "twin_worker.py"
KILLS = 60
"""In CI; `KILLS=200 make test-shares` takes the full count."""


def start(root: Path, worker: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(TWIN), str(root), "--id", worker, "--state", str(root / "state"), "--pace", "0.01"]
    return subprocess.Popen(command, stderr=(root / f"{worker}.log").open("ab"), stdout=subprocess.DEVNULL)


def drop(root: Path, number: int) -> tuple[str, bytes]:
    data = f"shots:\n  - {{id: a, prompt: mug {number}}}\n  - {{id: b, prompt: vase {number}}}\n".encode()
    name = f"job-{number:03}.yaml"
    hidden = root / "inbox" / f".{name}"
    hidden.write_bytes(data)
    hidden.rename(root / "inbox" / name)
    return name, data


def lasting_violations(root: Path, dropped: dict[str, bytes]) -> list[str]:
    """The other worker moves jobs while we look: what is really lost stays lost."""
    found = ["not looked yet"]
    for _ in range(5):
        found = violations(root, dropped, is_over=False)
        if not found:
            break
        time.sleep(0.1)
    return found


def test_every_job_ends_once_however_often_two_workers_are_killed(tmp_path: Path) -> None:
    kills = int(os.environ.get("KILLS", KILLS))
    init_folders(tmp_path)
    draw, dropped = random.Random(11), {}
    workers = {name: start(tmp_path, name) for name in ("w1", "w2")}
    try:
        for number in range(kills):
            dropped |= dict([drop(tmp_path, number)])
            time.sleep(draw.uniform(0.05, 0.9))
            name = draw.choice(sorted(workers))
            assert workers[name].poll() is None, (tmp_path / f"{name}.log").read_text()[-2000:]
            workers[name].send_signal(signal.SIGKILL)
            workers[name].wait()
            assert lasting_violations(tmp_path, dropped) == []
            workers[name] = start(tmp_path, name)
        deadline = time.monotonic() + 60
        while violations(tmp_path, dropped, is_over=True) and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(2)  # the last one started must have come up to end in good order
    finally:
        for worker in workers.values():
            worker.terminate()
        codes = [worker.wait(20) for worker in workers.values()]
    assert violations(tmp_path, dropped, is_over=True) == []
    assert codes == [0, 0]
    assert not [*tmp_path.glob("outbox/*.partial")]
