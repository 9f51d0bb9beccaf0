"""A folder is tried by a small file that leaves nothing behind."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from worker.disk.folder_probe import SMALL_BYTES, probe
from worker.disk.temporaries import temporary_name


def test_a_folder_on_this_machine_works_and_has_our_clock(tmp_path: Path) -> None:
    assert abs(probe(tmp_path)) < 60
    assert not list(tmp_path.iterdir())


def test_nothing_that_lies_there_is_written_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "guessed")
    (tmp_path / "share").mkdir()
    (tmp_path / "private").write_bytes(b"mine")
    (tmp_path / "share" / temporary_name("zimage-worker-probe")).symlink_to(tmp_path / "private")
    with pytest.raises(FileExistsError):
        probe(tmp_path / "share")
    assert (tmp_path / "private").read_bytes() == b"mine"


def test_as_many_bytes_are_written_as_are_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    really = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (sizes.append(os.fstat(file).st_size), really(file)))
    for size_bytes in (0, 100_000, 1_000_000):
        probe(tmp_path, size_bytes=size_bytes)
    assert sizes == [SMALL_BYTES, 100_000, 1_000_000]


def test_a_folder_that_is_watched_is_tried_in_a_subfolder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hidden").mkdir()
    changed_ns = tmp_path.stat().st_mtime_ns
    probe(tmp_path, within=tmp_path / "hidden")
    assert tmp_path.stat().st_mtime_ns == changed_ns


def test_a_folder_that_is_gone_is_an_error_of_the_share(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "gone")
