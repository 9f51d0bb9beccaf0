"""Room on a disk: what is kept free, what is unknown, and what is told."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from worker.records import Request
from worker.spool.space import FolderSpace

MIB = 1024 * 1024
MUG = Request(shot_id="m", index=1, file="m.png", prompt="mug", seed=0, width_px=1024, height_px=1024, steps=2,
              guidance=0.0)  # fmt: skip


def disk(monkeypatch: pytest.MonkeyPatch, *, size_mib: int, free_mib: float) -> None:
    told = SimpleNamespace(f_frsize=4096, f_blocks=size_mib * 256, f_bavail=int(free_mib * 256))
    monkeypatch.setattr(os, "statvfs", lambda _: told)


def test_of_a_small_disk_two_per_cent_are_kept_and_of_a_large_one_the_reserve(tmp_path: Path, monkeypatch) -> None:
    space = FolderSpace(tmp_path, reserve_mib=1024)
    disk(monkeypatch, size_mib=1_000, free_mib=23.0)
    assert space.fitting([MUG] * 9) == 1
    disk(monkeypatch, size_mib=1_000_000, free_mib=1027.0)
    assert space.fitting([MUG] * 9) == 1
    assert FolderSpace(tmp_path, reserve_mib=0).fitting([MUG] * 999) == 505


def test_a_share_that_does_not_tell_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk(monkeypatch, size_mib=0, free_mib=0.0)
    space = FolderSpace(tmp_path, reserve_mib=1024)
    assert space.fitting([MUG] * 9) == 9
    assert space.shortage(MUG) is None
    monkeypatch.undo()
    away = FolderSpace(tmp_path / "away", reserve_mib=1024)
    assert away.fitting([MUG] * 9) == 9
    assert away.shortage(MUG) is None


def test_a_shortage_names_folder_size_and_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk(monkeypatch, size_mib=1_000_000, free_mib=1025.0)
    assert FolderSpace(tmp_path, reserve_mib=1024).shortage(MUG) == (
        f"outbox {tmp_path}: no room for another picture (about 2.0 MiB) beside the 1024 MiB that are kept free:"
        " make room there."
    )


def test_each_format_is_measured_for_itself_and_an_unknown_one_is_not_taken_for_small(tmp_path, monkeypatch) -> None:
    disk(monkeypatch, size_mib=1_000_000, free_mib=1034.0)
    space = FolderSpace(tmp_path, reserve_mib=1024)
    jpeg = replace(MUG, format="jpeg")
    for _ in range(50):
        space.measured(jpeg, size_bytes=5 * MIB)
    assert space.fitting([jpeg] * 9) == 1
    assert space.fitting([MUG] * 9) == 4
    assert space.fitting([replace(MUG, format="tiff")] * 9) == 3
