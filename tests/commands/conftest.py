"""A folder as `init` leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import call_here


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert call_here("init", tmp_path).returncode == 0
    return tmp_path
