"""Tests wait for files and for the ends of processes, never for an amount of time."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MAY_SLEEP = {
    "waiting_for.py": "the one loop that waits",
    "overview_night.py": "a script that lets real workers run for minutes and looks at them meanwhile",
    "nice_table.py": "a script that lets a real worker run beside another program, by the clock",
    "twin_worker.py": "a picture takes as long as `--pace` says",
    "shares/crowd.py": "runs alone inside a guest; a network that is away for 65 s is the fault itself",
    "shares/hanging.py": "likewise; a call must have begun to hang",
    "shares/controls.py": "runs alone inside a guest; looks at a dead worker again",
    "shares/person.py": "runs alone inside a guest; waits for what a worker elsewhere does",
    "shares/request_counts.py": "runs alone inside a guest; counts the requests of a minute",
    "systemd/agent.py": "runs inside a machine of its own; looks for the next script",
    "store_table.py": "looks at a process from outside, ten times a second",
    "shares/test_soak.py": "takes a sample a second",
}


def sleeps(path: Path) -> bool:
    """Whether a file calls anything named `sleep`."""
    calls = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return any("sleep" in (getattr(called, "attr", ""), getattr(called, "id", "")) for called in calls)


@pytest.mark.slow
def test_only_the_waiting_itself_sleeps() -> None:
    found = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py") if sleeps(path)}
    assert found == set(MAY_SLEEP)
