"""`submit`: jobs into the inbox, whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from program import call_here

from worker.errors import ExitCode

pytestmark = pytest.mark.slow


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


def several(folder: Path, *junk: str) -> Path:
    jobs = folder / "monday"
    jobs.mkdir()
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        (jobs / name).write_text("prompt: a mug\n")
    for name in junk:
        path = jobs / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\x00\x05\x16\x07")
    return jobs


def in_inbox(folder: Path) -> set[str]:
    return {path.name for path in (folder / "inbox").iterdir() if path.name != ".zimage-worker"}


@pytest.mark.parametrize(
    "junk", ["._a.yaml", ".hidden.yaml", "__MACOSX/._a.yaml", ".DS_Store", "Thumbs.db", "~$b.yaml", "@eaDir/job.yaml"]
)
def test_junk_in_a_folder_of_jobs_stops_nothing(folder: Path, junk: str) -> None:
    several(folder, junk)
    for command in ("check", "submit"):
        done = call_here(command, "monday", cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    assert in_inbox(folder) == {"a.yaml", "b.yaml", "c.yaml"}


def test_a_conflict_copy_in_a_folder_of_jobs_is_told_and_left(folder: Path) -> None:
    several(folder, "b.sync-conflict-20240101-120000-ABCDEFG.yaml")
    done = call_here("submit", "monday", cwd=folder)
    assert done.returncode == 0
    assert "conflict copy" in done.stderr
    assert in_inbox(folder) == {"a.yaml", "b.yaml", "c.yaml"}


def test_a_folder_of_jobs_comes_whole_or_not_at_all(folder: Path) -> None:
    several(folder)
    (folder / "inbox" / "C.yaml").write_text("prompt: of somebody else\n")
    done = call_here("submit", "monday", cwd=folder)
    assert (done.returncode, "already holds" in done.stderr) == (ExitCode.USAGE, True)
    assert in_inbox(folder) == {"C.yaml"}


@pytest.mark.parametrize("code", ["ENOSPC", "EROFS", "EACCES", "EIO"])
@pytest.mark.parametrize("good", [0, 1, 5, 6, 7, 10])
def test_a_share_that_is_full_or_refuses_is_told_and_keeps_nothing(folder, monkeypatch, good: int, code: str) -> None:
    several(folder)
    really, synced = os.fsync, []

    def refusing(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) > good:
            raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)))
        really(descriptor)

    with monkeypatch.context() as share:
        share.setattr(os, "fsync", refusing)
        done = call_here("submit", "monday", cwd=folder)
    assert len(synced) > good
    assert done.returncode == ExitCode.FOLDERS_UNUSABLE, done.stderr
    assert "Traceback" not in done.stderr
    assert os.strerror(getattr(errno, code)) in done.stderr
    assert in_inbox(folder) == set()


def test_a_name_that_is_no_job_s_is_told_with_the_remedy(folder: Path) -> None:
    (folder / "mug.txt").write_text("prompt: a mug\n")
    for command in ("check", "plan", "submit"):
        done = call_here(command, "mug.txt", cwd=folder)
        assert (done.returncode, "ends in .yaml" in done.stderr) == (ExitCode.USAGE, True)


def test_a_job_that_cannot_be_read_is_told(folder: Path, monkeypatch) -> None:
    (folder / "mug.yaml").write_text("prompt: a mug\n")
    really = os.open

    def refusing(path, *args, **named):
        if os.fsdecode(path).endswith("mug.yaml"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really(path, *args, **named)

    monkeypatch.setattr(os, "open", refusing)
    for command in ("check", "plan", "submit"):
        done = call_here(command, "mug.yaml", cwd=folder)
        assert (done.returncode, "Permission denied" in done.stderr) == (ExitCode.USAGE, True), done.stderr


def test_check_and_submit_refuse_a_folder_that_no_worker_takes(folder: Path, monkeypatch) -> None:
    jobs = folder / "set"
    jobs.mkdir()
    (jobs / "job.yaml").write_text("prompt: a mug\n")
    assert call_here("check", "set", cwd=folder).returncode == 0
    (jobs / "ref").symlink_to("/etc/hostname")
    for command in ("check", "submit"):
        done = call_here(command, "set", cwd=folder)
        assert done.returncode == ExitCode.JOBS_FAILED
        assert "plain files only" in done.stdout + done.stderr
    (jobs / "ref").unlink()
    monkeypatch.setattr("worker.disk.content.FOLDER_FILES", 0)
    assert "more than 0 files" in call_here("check", "set", cwd=folder).stdout
    assert in_inbox(folder) == set()
