"""Files of a model are opened once, looked at before and after, and never waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from weight_files import TRANSFORMER

from worker.studio.model_files.checking.one_pass import read_once

pytestmark = pytest.mark.slow

WATCHED = """
import os, sys
from pathlib import Path
from worker.studio.model_files import kind_signs
from worker.studio.model_files.checking.one_pass import read_once
from worker.studio.model_files.checking.records import small_file
from worker.studio.model_store.small_files import small_files
path, turns = Path(sys.argv[2]), len(sys.argv) > 3
opened = []
def hook(event, told):
    if event == "open" and str(told[0]) == str(path):
        opened.append(path)
        if turns and path.is_file():
            path.unlink()
            os.mkfifo(path)
sys.addaudithook(hook)
found = eval(sys.argv[1])
print(len(opened), found)
"""
"""What a call opens; with a third argument the file becomes a pipe between the look at it and its opening."""


def watched(call: str, path: Path, *more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, call, str(path), *more],
        cwd=Path(__file__).parents[3], check=True, capture_output=True, text=True, timeout=20,
    )  # fmt: skip
    return done.stdout.strip()


def test_header_and_data_come_from_one_opening(folder: Path) -> None:
    assert watched("read_once(path).damage", folder / TRANSFORMER) == "1 ()"


def test_a_pipe_is_refused_unopened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert watched("small_file(path, 9)", tmp_path / "pipe") == "0 None"
    with pytest.raises(FileNotFoundError):
        read_once(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("kind_signs._card(path.parent)", "1 "),
        ("small_file(path, 9)", "1 None"),
        ("[name for name, _ in small_files(path.parent, with_papers=True)]", "1 []"),
    ],
)
def test_a_file_that_becomes_a_pipe_while_it_is_opened_is_none(tmp_path: Path, call: str, said: str) -> None:
    (tmp_path / "README.md").write_text("# Turbo")
    assert watched(call, tmp_path / "README.md", "turns") == said.strip()
