"""`plan`: what would be rendered."""

from __future__ import annotations

from pathlib import Path

from program import ROOT, call


def test_plan_shows_every_picture_and_admits_an_unknown_time(folder: Path) -> None:
    done = call("plan", ROOT / "jobs_example/catalogue-12", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.count(".png  256x256  8 steps") == 24
    assert "time: unknown" in done.stdout
