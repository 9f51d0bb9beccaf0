"""`doctor`: a line each, and the exit code of `run`."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import call

from worker.errors import ExitCode


@pytest.mark.slow
def test_doctor_has_a_line_each_and_fails_with_the_code_of_run(folder: Path) -> None:
    done = call("doctor", "--model", "nowhere", cwd=folder)
    assert done.returncode == ExitCode.MODEL_INVALID
    assert "writing, syncing and renaming work" in done.stdout
    assert "flag --model" in done.stdout
