"""Folders to work in: as `init` leaves it, and with a download."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from program import call_here

from worker.demo import weights_dir


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert call_here("init", tmp_path).returncode == 0
    return tmp_path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a download in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZIMAGE_WORKER_STATE_DIR", str(tmp_path / "state"))
    shutil.copytree(weights_dir(), tmp_path / "Z-Image-Turbo")
    return tmp_path
