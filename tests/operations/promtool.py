"""Prometheus' own checker, `promtool`, for tests; they are skipped, and say so, where it is not installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")


def promtool(*arguments: str | Path, given: bytes = b"") -> str:
    """What it says; fails the test where it is not content."""
    done = subprocess.run(
        [str(PROMTOOL), *map(str, arguments)], input=given, capture_output=True, check=False, timeout=60
    )
    told = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, told
    return told
