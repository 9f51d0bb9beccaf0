"""The how-to of `worker/studio/retry/README.md`, followed to the letter in a copy of the project."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HOW_TO = (ROOT / "worker/studio/retry/README.md").read_text("utf-8").partition("## How to add a rung\n")[2]
STEPS = dict(re.findall(r"^(\d)\. (.*?)(?=^\d\. |^That is all)", HOW_TO, re.S | re.M))
RUNG = "denoise_fp32_in_turn"


def code(step: str) -> str:
    """The one code block of a step."""
    (block,) = re.findall(r"^   ```(?:python)?\n(.*?)^   ```", STEPS[step], re.S | re.M)
    return "".join(line[3:] if line.strip() else line for line in block.splitlines(keepends=True))


def names_file(step: str, path: str) -> bool:
    return f"`{path}`" in STEPS[step]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project, without what is made by running it."""
    without = shutil.ignore_patterns("__pycache__", ".*")
    for folder in ("worker", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=without)
    for file in (*ROOT.glob("*.md"), ROOT / "pyproject.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def append(copy: Path, step: str, path: str) -> None:
    assert names_file(step, path)
    file = copy / path
    file.write_text(f"{file.read_text('utf-8')}\n\n{code(step)}", "utf-8")


def insert_row(copy: Path, step: str, path: str, *, above: str) -> None:
    assert names_file(step, path)
    assert f"above the row of `{above}`" in STEPS[step].replace("\n   ", " ")
    file = copy / path
    before, found, after = file.read_text("utf-8").partition(f'    Rung(\n        name="{above}"')
    assert found
    file.write_text(before + code(step) + found + after, "utf-8")


def test_the_steps_add_a_rung_that_is_taken_and_named_in_the_result(copy: Path) -> None:
    append(copy, "1", "worker/studio/retry/setup_changes.py")
    insert_row(copy, "2", "worker/studio/retry/ladders.py", above="new_seed")
    append(copy, "3", "tests/studio/test_request_state.py")
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    for command in dedent(code("4")).splitlines():
        words = [sys.executable if word == "python" else word for word in shlex.split(command)]
        done = subprocess.run(words, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert any(f"| `{RUNG}` |" in page.read_text("utf-8") for page in copy.rglob("*.md"))
