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
JOBS = 20
JOB = f"size: 64x64\nsteps: 1\nguidance: 0\nshots:\n  - {{id: a, prompt: a red mug, count: {PICTURES // JOBS}}}\n"


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(status.split("Pss:")[1].split()[0])


def descriptors(pid: int) -> int:
    return len([*Path(f"/proc/{pid}/fd").iterdir()])


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_memory_and_descriptors_stay_flat_over_two_thousand_pictures(tmp_path: Path) -> None:
    folders = init_folders(tmp_path)
    for number in range(JOBS):
        (folders.inbox / f"job-{number:02}.yaml").write_text(JOB)
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
    early = [(kib, files) for made, kib, files in samples if PICTURES // 10 <= made < PICTURES // 5]
    late = [(kib, files) for made, kib, files in samples if PICTURES * 9 // 10 <= made < PICTURES]
    first_kib, last_kib = (sorted(kib for kib, _ in part)[len(part) // 2] for part in (early, late))
    growth, most = (last_kib / first_kib - 1) * 100, max(files for _, files in late)
    print(
        f"{PICTURES} pictures: {first_kib / 1024:.1f} MiB after {PICTURES // 10}, {last_kib / 1024:.1f} MiB at the end"
    )
    print(f"({growth:+.2f} %), descriptors {max(files for _, files in early)} at most early, {most} late")
    assert last_kib <= first_kib * 1.01
    assert most <= max(files for _, files in early)
