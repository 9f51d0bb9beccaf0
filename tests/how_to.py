"""How-tos of the READMEs, followed to the letter on a copy of the package.

A how-to is a list of numbered steps. A step with a code block begins with "Create `FILE`", with "Add to `FILE`" and
"after `LINE`" or "before `LINE`" (where there are several such lines, "the first `LINE`" or "the last `LINE`"), "before
the row of `NAME`" or "at the end", or with "Run"; steps without one are for people only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[1]
STEP = re.compile(r"^\d+\. (?P<text>(?:(?!\n\d+\. |\n   ```).)*)(?:\n   ```\w*\n(?P<block>.*?)\n   ```$)?", re.M | re.S)
FORM = re.compile(
    r"(?P<run>Run) |Create `(?P<new>[^`]+)`|"
    r"Add to `(?P<file>[^`]+)` (?:(?P<end>at the end)|"
    r"(?P<where>after|before)(?: the (?P<of>first|last|row of))? `(?P<line>[^`]+)`)"
)
COPIED = ("worker", "pyproject.toml", "tests/doctor/conftest.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of one file."""

    file: str
    where: Literal["new", "end", "after", "before"]
    line: str
    """Beside which the block goes; empty for a new file and at the end."""
    of: str
    """`first` or `last` where there are several such lines; `row of` where the line is the name in a row."""
    block: str

    def take(self, root: Path) -> None:
        """Make the change below a folder."""
        path = root / self.file
        if self.where == "new":
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(self.block)
            return
        text = path.read_text("utf-8")
        if self.where == "end":
            path.write_text(f"{text}\n\n{self.block}", "utf-8")
            return
        lines = text.splitlines(keepends=True)
        lines.insert(self._place(lines), self.block)
        path.write_text("".join(lines), "utf-8")

    def _place(self, lines: list[str]) -> int:
        is_row = self.of == "row of"
        sought = f'name="{self.line}",' if is_row else self.line
        places = [number for number, line in enumerate(lines) if line.strip() == sought]
        assert places, f"{self.file}: there is no line `{sought}`"
        assert self.of in ("first", "last") or len(places) == 1, f"{self.file}: there are several lines `{sought}`"
        return places[-1 if self.of == "last" else 0] + (self.where == "after") - is_row


def _blocks(page: Path, heading: str) -> list[tuple[re.Match[str], str]]:
    """Each step that has a block of code: what its beginning says, and the block."""
    section = page.read_text("utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = []
    for step in STEP.finditer(section):
        if step["block"] is None:
            continue
        form = FORM.match(" ".join(step["text"].split()))
        assert form, step["text"]
        lines = step["block"].split("\n")
        found.append((form, "".join(line.removeprefix("   ") + "\n" for line in lines)))
    assert section.count("```") == 2 * len(found)
    return found


def steps(page: Path, heading: str) -> list[Step]:
    """The changes that a how-to asks for, in order."""
    return [
        Step(
            file=form["new"] or form["file"],
            where="new" if form["new"] else "end" if form["end"] else form["where"],
            line=form["line"] or "",
            of=form["of"] or "",
            block=block,
        )
        for form, block in _blocks(page, heading)
        if not form["run"]
    ]


def run_its_commands(page: Path, heading: str, root: Path) -> None:
    """What a how-to says to run, on the copy; none of it may fail."""
    commands = "".join(block for form, block in _blocks(page, heading) if form["run"])
    assert commands
    _run(root, ["bash", "-ec", commands])


def followed(page: Path, heading: str, root: Path, *, copied: Sequence[str] = COPIED) -> list[Step]:
    """Copy what a how-to changes, follow it there, and let the linter look at what came of it.

    Args:
        page: where it stands.
        heading: of its section.
        root: folder of the copy.
        copied: files and folders of the project that it needs.

    Returns:
        The steps taken.
    """
    for name in copied:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
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
    return _run(root, [sys.executable, *arguments])


def _run(root: Path, command: list[str]) -> str:
    done = subprocess.run(command, cwd=root, env=environment(root), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(root: Path) -> dict[str, str]:
    """Variables with which `python` is this one, and takes the package and the tests' parts from the copy."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    places = os.pathsep.join([str(root), str(root / "tests")])
    return {**os.environ, "PATH": path, "PYTHONPATH": places, "PYTHONDONTWRITEBYTECODE": "1"}


def run_its_tests(root: Path, taken: list[Step]) -> None:
    """The tests that a how-to brings."""
    made = [step.file for step in taken if step.file.startswith("tests/")]
    assert made
    python(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", *made)
