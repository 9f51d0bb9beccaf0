"""`check`, `plan` and `submit` call a job as the worker will."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker import compose
from worker.spool.names import stem_of


@pytest.mark.parametrize("name", ["mugs.yaml", "a.b.yml", "a:b.yaml", "杯子.yaml", ".yaml"])
def test_a_file_is_called_as_the_worker_calls_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("prompt: a\n")
    assert compose.stem_of(tmp_path / name) == stem_of(name, is_folder=False)


def test_a_folder_is_called_by_its_own_name_however_it_is_reached(tmp_path: Path) -> None:
    folder = tmp_path / "mugs.2026"
    (folder / "inside").mkdir(parents=True)
    assert compose.stem_of(folder) == compose.stem_of(folder / "inside" / "..") == "mugs.2026"
