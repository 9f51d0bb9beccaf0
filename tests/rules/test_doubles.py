"""Doubles are few: real parts come first."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MOST = 0.15
"""Patches a test."""


@pytest.mark.slow
def test_there_are_few_patches_a_test_and_no_mocks() -> None:
    nodes = [node for path in TESTS.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    tests = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    calls = [getattr(node.func, "attr", getattr(node.func, "id", "")) for node in nodes if isinstance(node, ast.Call)]
    assert sum(name in ("setattr", "setitem", "setenv") for name in calls) <= MOST * len(tests)
    assert not {"Mock", "MagicMock", "patch"} & set(calls)
