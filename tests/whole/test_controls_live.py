"""The real worker, its renderer a process of its own, hears what is asked while a long picture is made."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import ENVIRONMENT, call, call_here
from waiting_for import wait_for

pytestmark = pytest.mark.slow

LONG = "prompt: a red mug\nsteps: 100\ncount: 3\n"
"""Some seconds a picture."""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    monkeypatch.setitem(ENVIRONMENT, "ZIMAGE_WORKER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setitem(ENVIRONMENT, "OMP_NUM_THREADS", "1")  # several on a busy machine wait for each other
    monkeypatch.setenv("ZIMAGE_WORKER_STATE_DIR", str(tmp_path / "state"))
    assert call_here("init", tmp_path).returncode == 0
    (tmp_path / "inbox/mugs.yaml").write_text(LONG)
    command = [sys.executable, "-m", "worker.cli", "run", "--model", "demo", "--device", "cpu"]
    with (tmp_path / "log").open("wb") as log:
        started = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stderr=log)
    yield started
    started.terminate()
    started.wait(60)


def record(folder: Path) -> dict[str, object]:
    found = [*(folder / "inbox/.zimage-worker/workers").glob("*.json")]
    records = [json.loads(path.read_text()) for path in found if not path.name.endswith(".speed.json")]
    return records[0] if records else {}


def test_a_cancel_is_understood_within_a_second_and_acts_after_the_picture_in_work(
    tmp_path: Path, worker: subprocess.Popen[bytes]
) -> None:
    def told() -> str:
        return (tmp_path / "log").read_text(errors="replace")

    wait_for(lambda: record(tmp_path).get("state") == "rendering" and record(tmp_path).get("step"), 120, told=told)
    begun_s = time.monotonic()
    said = call_here("cancel", "mugs", cwd=tmp_path)
    assert "after the picture in work" in said.stdout, said.stderr
    receipt = tmp_path / "outbox/receipts/mugs.cancel.txt"
    asked_s = time.monotonic()
    wait_for(receipt.exists, 20, told=told)
    heard_s = time.monotonic() - asked_s
    assert "understood: `mugs` is cancelled after the picture in work" in receipt.read_text()
    made = len([*(tmp_path / "outbox").glob("mugs*/*.png")])
    wait_for((tmp_path / "outbox/mugs/manifest.json").exists, 120, told=told)
    ended_s = time.monotonic() - begun_s
    print(f"understood after {heard_s:.2f} s, ended after {ended_s:.1f} s")
    kept = len([*(tmp_path / "outbox/mugs").glob("*.png")])
    assert 1 <= kept <= made + 1, "the picture in work is finished, no other is begun"
    wait_for(lambda: "mugs" in receipt.read_text() and "lies in outbox/mugs" in receipt.read_text(), 20, told=told)
    assert heard_s < 2.5, "a look each second, and a busy machine"
    said = call("stop", cwd=tmp_path)
    assert "It has stopped" in said.stdout, said.stderr
    assert worker.wait(10) == 0
