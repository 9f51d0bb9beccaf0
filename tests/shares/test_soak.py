"""Two thousand pictures in one life: memory and descriptors stay where they are."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worker.spool import init_folders

pytestmark = pytest.mark.share

PICTURES = int(os.environ.get("PICTURES", "2000"))
JOB = f"size: 64x64\nsteps: 1\nguidance: 0\nshots:\n  - {{id: a, prompt: a red mug, count: {PICTURES // 2}}}\n"


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(status.split("Pss:")[1].split()[0])


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_memory_and_descriptors_stay_flat_over_two_thousand_pictures(tmp_path: Path) -> None:
    folders = init_folders(tmp_path)
    for name in ("one", "two"):
        (folders.inbox / f"{name}.yaml").write_text(JOB)
    places = [f"--{name}={tmp_path / name}" for name in ("inbox", "outbox", "failed")]
    command = [sys.executable, "-m", "worker.cli", "run", "--drain", "--model", "demo", "--device", "cpu", *places]
    samples: list[tuple[int, int, int]] = []
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as worker:
        while worker.poll() is None:
            time.sleep(1.0)
            made = (tmp_path / "log").read_bytes().count(b"picture.made")
            try:
                family = [worker.pid, *children(worker.pid)]
                samples.append((made, sum(map(resident_kib, family)), sum(map(descriptors, family))))
            except (OSError, IndexError):
                continue
    assert worker.returncode == 0
    # the contact sheet of a finished job is made in one go: what counts is the time while pictures are made
    settled = [(kib, files) for made, kib, files in samples if 200 <= made < PICTURES // 2]
    later = [(kib, files) for made, kib, files in samples if PICTURES // 2 + 50 <= made < PICTURES]
    first_kib, last_kib = (sorted(kib for kib, _ in part)[len(part) // 2] for part in (settled, later))
    most_files = max(files for _, files in later)
    print(f"{PICTURES} pictures: {first_kib / 1024:.0f} MiB after 200, {last_kib / 1024:.0f} MiB in the second job "
          f"({(last_kib / first_kib - 1) * 100:+.2f} %), descriptors {settled[0][1]} then {most_files} at most")  # fmt: skip
    assert last_kib <= first_kib * 1.01
    assert most_files <= max(files for _, files in settled) + 2
