"""How-tos of the READMEs, followed to the letter on a copy of the package.

A how-to is a list of numbered steps. A step with a code block begins with "Create `FILE`", "Add to `FILE` after `LINE`"
or "Add to `FILE` before `LINE`" (where there are several such lines, "the first `LINE`" or "the last `LINE`"); steps
without one are for people only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
STEP = re.compile(r"^\d+\. (?P<text>(?:(?!\n\d+\. |\n   ```).)*)(?:\n   ```\w*\n(?P<block>.*?)\n   ```$)?", re.M | re.S)
FORM = re.compile(
    r"Create `(?P<new>[^`]+)`|"
    r"Add to `(?P<file>[^`]+)` (?P<where>after|before)(?: the (?P<of>first|last))? `(?P<line>[^`]+)`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of one file."""

    file: str
    line: str
    """Beside which the block goes; empty for a new file."""
    of: str
    """`first` or `last` where there are several such lines."""
    is_after: bool
    block: str

    def take(self, root: Path) -> None:
        """Make the change below a folder."""
        path = root / self.file
        if not self.line:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(self.block)
            return
        lines = path.read_text("utf-8").splitlines(keepends=True)
        places = [number for number, line in enumerate(lines) if line.strip() == self.line]
        assert places, f"{self.file}: there is no line `{self.line}`"
        assert self.of or len(places) == 1, f"{self.file}: there are several lines `{self.line}`"
        place = places[-1 if self.of == "last" else 0]
        lines.insert(place + self.is_after, self.block)
        path.write_text("".join(lines), "utf-8")


def steps(page: Path, heading: str) -> list[Step]:
    """The changes that a how-to asks for, in order."""
    section = page.read_text("utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = []
    for step in STEP.finditer(section):
        if step["block"] is None:
            continue
        form = FORM.match(" ".join(step["text"].split()))
        assert form, step["text"]
        block = "".join(line.removeprefix("   ") + "\n" for line in step["block"].split("\n"))
        file, line, of = form["new"] or form["file"], form["line"] or "", form["of"] or ""
        found.append(Step(file=file, line=line, of=of, is_after=form["where"] == "after", block=block))
    assert section.count("```") == 2 * len(found)
    return found


def followed(page: Path, heading: str, root: Path) -> list[Step]:
    """Copy what a how-to changes, follow it there, and let the linter look at what came of it.

    Returns:
        The steps taken.
    """
    shutil.copytree(ROOT / "worker", root / "worker", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tests/doctor/conftest.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    taken = steps(page, heading)
    for step in taken:
        step.take(root)
    for action in (["check"], ["format", "--check", "--diff"]):
        files = sorted({step.file for step in taken})
        linted = [sys.executable, "-m", "ruff", *action, "--no-cache", *files]
        done = subprocess.run(linted, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return taken


def python(root: Path, *arguments: str) -> str:
    """Run Python on the copy; its output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(root: Path) -> dict[str, str]:
    """Variables with which Python takes the package from the copy."""
    return {**os.environ, "PYTHONPATH": str(root)}


def run_its_tests(root: Path, taken: list[Step]) -> None:
    """The tests that a how-to brings."""
    made = [step.file for step in taken if step.file.startswith("tests/")]
    assert made
    python(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", *made)
