"""`init`: folders and settings, and what to say next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from program import ENVIRONMENT, call


@pytest.mark.slow
def test_init_says_a_command_that_can_be_copied(tmp_path: Path) -> None:
    bare = {**ENVIRONMENT, "PATH": "/usr/bin:/bin"}
    program = f"import sys; sys.argv = ['.venv/bin/zimage-worker', 'init', '{tmp_path}/my pictures'];"
    command = [sys.executable, "-c", f"{program} from worker.cli import main; main()"]
    said = subprocess.run(command, env=bare, capture_output=True, text=True, check=True).stdout
    assert f".venv/bin/zimage-worker run -c '{tmp_path}/my pictures/worker.yaml'" in said


@pytest.mark.slow
def test_init_twice_keeps_everything(folder: Path) -> None:
    (folder / "worker.yaml").write_text("model: demo\nworker_id: mine\n")
    assert "Kept" in call("init", folder).stdout
    assert "mine" in (folder / "worker.yaml").read_text()
