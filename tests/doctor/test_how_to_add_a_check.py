"""The page on adding a check, followed to the letter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from how_to import ROOT, environment, followed, run_its_tests


@pytest.mark.slow
def test_whoever_follows_the_page_has_a_new_finding(tmp_path: Path) -> None:
    taken = followed(ROOT / "worker/doctor/README.md", "How to add a check", tmp_path)
    assert sum(step.file.startswith("worker/") and step.where == "new" for step in taken) == 1
    run_its_tests(tmp_path, taken)
    command = [sys.executable, "-m", "worker.cli", "doctor", "--model", "demo", "--device", "cpu"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    ) as doctor:
        assert doctor.stdout is not None
        told = next(line for line in doctor.stdout if "state_dir" in line)  # the slow child is asked after it
        doctor.terminate()
    assert "state_dir" in told
