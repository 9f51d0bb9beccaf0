"""A look that fails is no look at an empty folder, whatever the Python."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from failing_calls import FailingCalls

import worker
from worker.disk.looks import is_folder, paths_in

ROOMS = ("disk", "spool")
HARMLESS = {"mount_tables.py"}
"""Of units of systemd: one that cannot be read expects no mount."""
TAKE_ERRORS_FOR_NOTHING = {"glob", "rglob", "walk", "fwalk"}
"""Of `pathlib` and `os`: some or all errors end in fewer names, more of them with every Python."""


def _calls(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    return [
        f"{path.name}:{node.lineno}: {node.func.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr in TAKE_ERRORS_FOR_NOTHING
    ]  # fmt: skip


def test_no_room_of_files_lists_by_a_call_that_hides_errors() -> None:
    files = [
        path
        for room in ROOMS
        for path in Path(worker.__file__).with_name(room).rglob("*.py")
        if path.name not in HARMLESS
    ]
    assert len(files) > 40
    assert [call for path in files for call in _calls(path)] == []


@pytest.mark.parametrize("call", ["listdir", "lstat"])
def test_an_error_is_told(tmp_path: Path, call: str) -> None:
    (tmp_path / "one.json").write_text("{}")
    calls = FailingCalls(lambda name, path: 5 if name == call else None)
    with calls.installed(), pytest.raises(OSError, match="Input/output"):
        paths_in(tmp_path) if call == "listdir" else is_folder(tmp_path)


def test_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "c.png"):
        (tmp_path / name).write_text("")
    (tmp_path / "link").symlink_to(tmp_path)
    assert [path.name for path in paths_in(tmp_path, ending=".json")] == ["a.json", "b.json"]
    assert paths_in(tmp_path / "nothing") == []
    assert is_folder(tmp_path)
    assert not is_folder(tmp_path / "link")
    assert not is_folder(tmp_path / "a.json")
    assert not is_folder(tmp_path / "nothing")
