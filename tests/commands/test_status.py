"""`status` answers whatever lies in the folders."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from program import call_here

from worker.errors import ExitCode
from worker.translation import printable

JUNK = (None, True, -1, 10**400, 1.5, "", "\x1b[2J\nworker x: idle", [], [{}], {}, {"a": 1})
KEYS = ("id", "state", "job", "file", "step", "done", "total", "left_pixel_steps", "reason", "written_at")


@pytest.fixture
def workers(folder: Path) -> Path:
    made = folder / "inbox/.zimage-worker/workers"
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_wrong_types_in_what_workers_write_end_nothing(folder: Path, workers: Path, junk: object) -> None:
    good = {"id": "w", "state": "rendering", "job": "mug", "written_at": "2026-11-23T22:00:00+00:00"}
    for number, key in enumerate(KEYS):
        name = f"w{number}"
        (workers / f"{name}.json").write_text(json.dumps({**good, "id": name, key: junk}))
        (workers / f"{name}.speed.json").write_text(json.dumps({"seconds_per_million_pixel_steps": {"a": junk}}))
        claim = workers.parent / f"claims/{name}/ID"
        claim.mkdir(parents=True)
        (claim / "claim.json").write_text(json.dumps({"stem": junk, "attempt": junk}))
    (workers / "whole.json").write_text(json.dumps(junk))
    done = call_here("status", cwd=folder)
    assert (done.returncode, done.stderr) == (ExitCode.DONE, "")
    assert [line for line in done.stdout.split("\n") if printable(line) != line] == []
    assert done.stdout.count("\nworker ") == len(KEYS) - 1  # the one whose id is not its file's name is nobody


def test_names_of_jobs_reach_the_terminal_spelt_out(folder: Path) -> None:
    for place in ("inbox/a\x1b[31m\n.yaml", "failed/b\u202e\udcff/error.txt"):
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_text("prompt: a mug\n")
    done = call_here("status", cwd=folder)
    assert r"waiting: 1 (a\x1b[31m\n.yaml)" in done.stdout
    assert r"failed:  1 (b\u202e\xff)" in done.stdout


def test_a_record_that_claims_to_be_elsewhere_is_nobodys(folder: Path, workers: Path) -> None:
    (folder / "secret.speed.json").write_text('{"seconds_per_million_pixel_steps": {"a": 1}}')
    (workers / "w.json").write_text(json.dumps({"id": "../../../secret", "state": "idle"}))
    assert "secret" not in call_here("status", cwd=folder).stdout


@pytest.mark.parametrize("seconds", [-70_000_000_000, 400_000_000_000, 2**55])
def test_file_times_of_any_age_end_nothing(folder: Path, seconds: int) -> None:
    (folder / "failed/bad").mkdir()
    for path in (folder / "failed/bad", folder / "inbox/mug.yaml"):
        path.touch()
        try:
            os.utime(path, (seconds, seconds))
        except (OSError, OverflowError):
            pytest.skip("this file system has no such times")
    assert call_here("status", cwd=folder).returncode == ExitCode.DONE
