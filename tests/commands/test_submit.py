"""`submit`: jobs into the inbox, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from program import call_here

from worker.errors import ExitCode


def test_submit_refuses_what_cannot_be_rendered_and_leaves_the_inbox_alone(folder: Path) -> None:
    (folder / "bad.yaml").write_text("size: 3x3\n")
    done = call_here("submit", "bad.yaml", cwd=folder)
    assert done.returncode == ExitCode.JOBS_FAILED
    assert "bad.yaml:1:" in done.stderr
    assert not [*(folder / "inbox").glob("*.yaml")]


def test_submit_and_status_need_the_folders_only(folder: Path) -> None:
    (folder / "mug.yaml").write_text("prompt: a mug\n")
    assert call_here("submit", "mug.yaml", cwd=folder).returncode == 0
    done = call_here("status", cwd=folder)
    assert "waiting: 1 (mug.yaml)" in done.stdout
    taken = call_here("submit", "mug.yaml", cwd=folder)
    assert (taken.returncode, "already holds" in taken.stderr) == (ExitCode.USAGE, True)
