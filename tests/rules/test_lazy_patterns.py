"""Patterns that are compiled late have no mistake that would show late, and a plain job needs few of them."""

from __future__ import annotations

import gc
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from pages import ROOT

from worker.lazy_patterns import LazyPattern

PLAIN = "prompt: a red mug on a wooden table, soft light from the left\n"
COUNT = """
import re, sys
made = []
compiler = re._compiler.compile
re._compiler.compile = lambda pattern, flags=0: made.append(pattern) or compiler(pattern, flags)
from worker.cli import main
code = main(["check", sys.argv[1]])
from worker.lazy_patterns import LazyPattern
import gc
late = [one for one in gc.get_objects() if isinstance(one, LazyPattern)]
print(code, len(made), sum("compiled" in vars(one) for one in late), len(late))
"""


def modules() -> list[str]:
    paths = (path for path in (ROOT / "worker").rglob("*.py") if "LazyPattern(" in path.read_text("utf-8"))
    return [path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in paths]


def test_every_late_pattern_compiles() -> None:
    named = [name for name in modules() if name != "worker.lazy_patterns"]
    assert len(named) > 10
    for name in named:
        import_module(name)
    late = [one for one in gc.get_objects() if isinstance(one, LazyPattern)]
    assert len(late) > 100
    assert all(one.compiled.pattern == one.pattern for one in late)


def test_a_late_pattern_is_used_as_one_of_re() -> None:
    pattern = LazyPattern(r"(\d+)px", 0)
    assert pattern.search("12px")
    assert (pattern.match("a 12px"), bool(pattern.fullmatch("12px"))) == (None, True)
    assert pattern.findall("1px 2px") == ["1", "2"]
    assert [found[1] for found in pattern.finditer("1px 2px")] == ["1", "2"]
    assert (pattern.sub("x", "1px"), pattern.split("a1pxb")) == ("x", ["a", "1", "b"])


def test_a_plain_job_is_checked_with_a_third_of_the_late_patterns(tmp_path: Path) -> None:
    (tmp_path / "mug.yaml").write_text(PLAIN)
    done = subprocess.run(
        [sys.executable, "-c", COUNT, "mug.yaml"], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    code, _, used, late = map(int, done.stdout.split("\n")[-2].split())
    assert code == 0
    assert used < late / 3
