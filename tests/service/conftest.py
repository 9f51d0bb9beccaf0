"""A machine with a stand-in for systemd, and a folder to serve."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from program import call_here
from systemd_stand_in import StandIn

from worker.service import manager
from worker.service.manager import Manager


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn(tmp_path)
    monkeypatch.setenv("PATH", f"{made.programs}:{os.environ['PATH']}")
    monkeypatch.setattr(sys, "executable", str(made.programs / "python"))
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(manager, "RUNNING", tmp_path)
    monkeypatch.setattr(Manager, "folder", lambda _: made.units)
    return made


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder as `init` leaves it, under a name that needs quotes."""
    folder = tmp_path / "my 100% 图片"
    assert call_here("init", folder).returncode == 0
    return folder
