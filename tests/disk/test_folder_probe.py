"""A folder is tried by a small file that leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from worker.disk.folder_probe import probe


def test_a_folder_on_this_machine_works_and_has_our_clock(tmp_path: Path) -> None:
    assert abs(probe(tmp_path)) < 60
    assert not list(tmp_path.iterdir())


def test_nothing_that_lies_there_is_written_into(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.write_bytes(b"mine")
    (tmp_path / f".zimage-worker-probe-{os.getpid()}").symlink_to(private)
    probe(tmp_path)
    assert private.read_bytes() == b"mine"


def test_a_folder_that_is_gone_is_an_error_of_the_share(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "gone")
