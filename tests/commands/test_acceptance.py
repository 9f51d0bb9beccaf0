"""`acceptance`: the stability test."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import call

from worker.errors import ExitCode


@pytest.mark.slow
def test_the_stability_test_works_in_folders_of_its_own(folder: Path) -> None:
    assert call("acceptance", "stable", "--model", "nowhere", cwd=folder).returncode == ExitCode.MODEL_INVALID
    assert [path.name for path in (folder / "stable/inbox").glob("*.yaml")] == ["acceptance.yaml"]
    assert not [*(folder / "inbox").glob("*.yaml")]
