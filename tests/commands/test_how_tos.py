"""The pages on adding a command and a setting, followed to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
from how_to import ROOT, followed, python, run_its_tests

PAGE = ROOT / "worker/commands/README.md"


@pytest.mark.slow
def test_whoever_follows_the_page_has_a_new_command(tmp_path: Path) -> None:
    taken = followed(PAGE, "How to add a command", tmp_path)
    run_its_tests(tmp_path, taken)
    lines = python(tmp_path, "-m", "worker.cli", "--help").splitlines()
    [place] = [number for number, line in enumerate(lines) if line.split()[:1] == ["where"]]
    assert lines[place - 1].split()[0] == "status"


@pytest.mark.slow
def test_whoever_follows_the_page_has_a_new_setting(tmp_path: Path) -> None:
    taken = followed(PAGE, "How to add a setting", tmp_path)
    run_its_tests(tmp_path, taken)
    python(tmp_path, "-m", "worker.cli", "init", "shop")
    assert "# nice: 0\n" in (tmp_path / "shop/worker.yaml").read_text("utf-8")
    assert '"nice": {' in python(tmp_path, "-m", "worker.cli", "schema", "settings")
