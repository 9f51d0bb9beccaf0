"""What runs beside the jobs, in the program itself: hook, figures and old folders, by one settings file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from heard_log import heard_log
from waiting_for import wait_for

from worker.compose.retention import Retention, running
from worker.errors import ExitCode
from worker.spool.retention.old_folders import Rules

SETTINGS = """\
model: demo
inbox: inbox
outbox: outbox
failed: failed
state_dir: state
settle_s: 0.1
grace_s: 0
hook: ./after.sh
metrics_file: zimage.prom
retention: {after_days: 60, do: delete}
"""


@pytest.mark.slow
def test_all_three_by_one_settings_file(tmp_path: Path) -> None:
    for name in ("inbox", "outbox", "failed"):
        (tmp_path / name).mkdir()
    (tmp_path / "after.sh").write_text(f'#!/bin/sh\necho "$ZIMAGE_WORKER_STATUS $1" >> {tmp_path}/said\n')
    (tmp_path / "after.sh").chmod(0o755)
    (tmp_path / "worker.yaml").write_text(SETTINGS)
    (tmp_path / "inbox" / "bad.yaml").write_text("prmpt: a mug\n")
    done = subprocess.run(
        [sys.executable, "-m", "worker.cli", "run", "--drain", "-c", "worker.yaml"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, check=False,
        capture_output=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == ExitCode.JOBS_FAILED, done.stderr.decode()
    assert (tmp_path / "said").read_text() == f"failed {tmp_path}/failed/bad/error.json\n"
    figures = (tmp_path / "zimage.prom").read_text()
    assert 'status="refused"} 1\n' in figures
    assert 'outcome="ok"} 1\n' in figures
    assert [*(tmp_path / "state").glob("retention-*.json")]


class Steps:
    """A keeper whose looks a test counts."""

    def __init__(self, *, steps: int = 3, error: OSError | None = None) -> None:
        self.steps_of_a_look = steps
        self.error = error
        self.done = self.closed = 0

    def steps(self, _: Rules | None) -> Iterator[None]:
        try:
            for _number in range(self.steps_of_a_look):
                self.done += 1
                yield
            if self.error is not None:
                raise self.error
        finally:
            self.closed += 1


def test_a_stop_ends_a_look_after_the_step_in_work() -> None:
    keeper = Steps(steps=1_000_000_000)
    retention = Retention(keeper, None)  # type: ignore[arg-type]
    with running(retention, drain=False, should_stop=lambda: False):
        wait_for(lambda: keeper.done > 3, 10)
    wait_for(lambda: keeper.closed, 10)


def test_a_drain_ends_the_look_that_it_has_begun() -> None:
    keeper = Steps(steps=20)
    with running(Retention(keeper, None), drain=True, should_stop=lambda: False):  # type: ignore[arg-type]
        pass
    assert (keeper.done, keeper.closed) == (20, 1)


def test_while_pictures_are_made_it_rests_after_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.compose.retention.LEAST_S", 3600.0)
    keeper = Steps(steps=1_000_000_000)
    retention = Retention(keeper, None)  # type: ignore[arg-type]
    retention.state("rendering", job="mugs")
    with running(retention, drain=False, should_stop=lambda: False):
        wait_for(lambda: keeper.done, 10)
    assert keeper.done == 1


def test_what_a_disk_refuses_is_told_once_until_it_is_over() -> None:
    keeper = Steps(error=OSError(28, "No space left on device"))
    retention = Retention(keeper, None)  # type: ignore[arg-type]
    with heard_log() as told:
        retention.look()
        retention.look()
        keeper.error = None
        retention.look()
        keeper.error = OSError(28, "No space left on device")
        retention.look()
    assert [event for event, _ in told] == ["retention.waits"] * 2
