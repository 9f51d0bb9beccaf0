"""A folder is tried by a small file that leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.disk.folder_probe import probe


def test_a_folder_on_this_machine_works_and_has_our_clock(tmp_path: Path) -> None:
    assert abs(probe(tmp_path)) < 60
    assert not list(tmp_path.iterdir())


def test_what_a_killed_probe_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f".zimage-worker-probe-{os.getpid()}").write_bytes(b"half")
    probe(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_gone_is_an_error_of_the_share(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "gone")
