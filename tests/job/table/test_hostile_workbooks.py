"""Workbooks made to hurt: each is read or refused within five seconds and 300 MiB, and is told how."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from job.table.hostile_workbooks import HOSTILE

ROOT = Path(__file__).parents[3]
MOST_S = 5.0
MOST_MIB = 300
READ = """
import json, sys
from worker.job.table.parse import parse_catalogue
with open(sys.argv[1], "rb") as file:
    data = file.read()
catalogue, problems = parse_catalogue(data, file="p.xlsx", max_rows=10_000, used=("subject", "colour"))
with open("/proc/self/status") as status:
    peak_kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([peak_kib, [str(problem) for problem in problems]]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_costs_little_and_is_told(name: str, tmp_path: Path) -> None:
    made, told = HOSTILE[name]
    path = tmp_path / "p.xlsx"
    path.write_bytes(made())
    child = subprocess.Popen([sys.executable, "-c", READ, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    peak_kib, problems = json.loads(child.stdout.read())
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = status
    print(f"{name}: {used.ru_utime + used.ru_stime:.1f} s, {peak_kib / 1024:.0f} MiB: {problems}")
    assert used.ru_utime + used.ru_stime < MOST_S
    assert peak_kib / 1024 < MOST_MIB
    if told:
        assert len(problems) == 1
        assert told in problems[0]
        assert problems[0].startswith("p.xlsx:")
