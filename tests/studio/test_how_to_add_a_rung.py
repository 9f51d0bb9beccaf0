"""The how-to of `worker/studio/retry/README.md`, followed to the letter in a copy of the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from how_to import ROOT, followed, run_its_commands

pytestmark = pytest.mark.slow

PAGE = ROOT / "worker/studio/retry/README.md"
HEADING = "How to add a rung"
RUNG = "denoise_fp32_in_turn"


def test_the_steps_add_a_rung_that_is_taken_and_named_in_the_result(tmp_path: Path) -> None:
    pages = [path.name for path in ROOT.glob("*.md")]
    followed(PAGE, HEADING, tmp_path, copied=["worker", "tests", "pyproject.toml", ".importlinter", *pages])
    run_its_commands(PAGE, HEADING, tmp_path)
    assert any(f"| `{RUNG}` |" in page.read_text("utf-8") for page in tmp_path.rglob("*.md"))
