"""The commands that steer workers: they write what people may write by hand, and say what was asked and who obeys."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from program import ENVIRONMENT, ROOT, call, call_here
from waiting_for import wait_for

from worker.compose import control
from worker.errors import ExitCode
from worker.operations import running_worker
from worker.operations.running_worker import Unit, unit_in, unit_of
from worker.spool.alive import lock_holder
from worker.spool.alive.lock_holder import holder_of

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZIMAGE_WORKER_STATE_DIR", str(folder / "state"))
    monkeypatch.setitem(ENVIRONMENT, "ZIMAGE_WORKER_STATE_DIR", str(folder / "state"))
    return folder / "state"


def ended(folder: Path, place: str, name: str, *, status: str = "partial") -> Path:
    made = folder / place / name
    made.mkdir()
    (made / "job.yaml").write_text("prompt: a mug\n")
    (made / "manifest.json").write_text(json.dumps({"schema": 1, "job": "j", "name": name, "status": status}))
    return made


def controls(folder: Path) -> dict[str, str]:
    files = (path for path in (folder / "inbox").iterdir() if not path.name.startswith(".") and path.suffix != ".yaml")
    return {path.name: path.read_text() for path in files if path.is_file()}


def test_pause_and_resume_write_and_remove_every_spelling(folder: Path) -> None:
    for name in ("pause", "Pause.txt"):
        (folder / "inbox" / name).touch()
    said = call_here("pause", cwd=folder)
    assert said.returncode == 0
    assert set(controls(folder)) == {"pause", "Pause.txt"}, "it is asked for by now"
    said = call_here("resume", cwd=folder)
    assert "workers go on" in said.stdout
    assert controls(folder) == {}
    assert "nothing to do" in call_here("resume", cwd=folder).stdout
    said = call_here("pause", cwd=folder)
    assert controls(folder) == {"PAUSE": ""}
    assert "No worker lives: it is obeyed when one starts." in said.stdout
    (folder / "inbox/PAUSE").unlink()
    (folder / "inbox/PAUSE").mkdir()
    (folder / "inbox/PAUSE/mine.txt").touch()
    refused = call_here("resume", cwd=folder)
    assert (refused.returncode, "may not be removed" in refused.stderr) == (ExitCode.FOLDERS_UNUSABLE, True)


@pytest.mark.parametrize("verb", ["cancel", "approve", "reject"])
@pytest.mark.parametrize("job", ["mugs", "MUGS.yaml", "autumn MUGS", "inbox/mugs.yaml", "./inbox/mugs.yaml"])
def test_a_waiting_job_is_meant_by_every_name(folder: Path, verb: str, job: str) -> None:
    (folder / "inbox/mugs.yaml").write_text("name: Autumn mugs\nprompt: a mug\n")
    said = call_here(verb, job, cwd=folder)
    assert said.returncode == 0, said.stderr
    assert controls(folder) == {f"mugs.{verb}": ""}
    assert f"{verb} `mugs`" in said.stdout


@pytest.mark.parametrize(
    ("job", "written"),
    [
        ("mugs", "failed"),
        ("outbox/mugs", "outbox"),
        ("outbox/mugs/manifest.json", "outbox"),
        ("failed/mugs/", "failed"),
    ],
)
def test_a_retry_says_which_folder_it_means(folder: Path, job: str, written: str) -> None:
    for place, time_s in (("outbox", 1_000_000_000), ("failed", 2_000_000_000)):
        os.utime(ended(folder, place, "mugs"), (time_s, time_s))
    assert call_here("retry", job, cwd=folder).returncode == 0
    assert controls(folder) == {"mugs.retry": f"{written}\n"}
    assert call_here("retry", job, "--missing", cwd=folder).returncode == 0
    assert controls(folder) == {"mugs.retry": f"{written}\nmissing\n"}


def test_an_unknown_job_is_an_error_that_says_what_there_is(folder: Path) -> None:
    (folder / "inbox/vases.yaml").write_text("prompt: a vase\n")
    ended(folder, "outbox", "mugs")
    others = dict.fromkeys(("bowls.yaml.txt", "list.docx", "lone.csv"), "sku\n1\n")
    for name, text in others.items():
        (folder / "inbox" / name).write_text(text)
    (folder / "outbox/_overview").mkdir()
    for words, told in (
        (("cancel", "vase"), "Did you mean `vases.yaml`?"),
        (("cancel", "zebra"), "There is: `vases.yaml`\n"),
        (("retry", "zebra"), "There is: `mugs`\n"),
        (("cancel", "mugs"), "it has ended, and lies in outbox/mugs"),
        (("retry", "mgus"), "Did you mean `mugs`?"),
        (("retry", "vases"), "no job of that name has ended"),
    ):
        said = call_here(*words, cwd=folder)
        assert (said.returncode, told in said.stderr) == (ExitCode.USAGE, True), said.stderr
    assert controls(folder) == others


def test_a_name_as_long_as_a_share_allows_is_cancelled_by_its_stem(folder: Path) -> None:
    (folder / "inbox" / f"{'x' * 250}.yaml").write_text("prompt: a vase\n")
    assert call_here("cancel", "x" * 250, cwd=folder).returncode == 0
    assert controls(folder) == {f"{'x' * 150}.cancel": ""}


@pytest.fixture
def twin(folder: Path, state: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker of its own process, with a long job in work."""
    (folder / "inbox/mugs.yaml").write_text("prompt: a mug\ncount: 1000\n")
    command = [sys.executable, str(ROOT / "tests/twin_worker.py"), str(folder), "--id", "w1", "--state", str(state)]
    worker = subprocess.Popen([*command, "--pace", "0.2"], stderr=subprocess.PIPE, text=True)
    wait_for(lambda: [*(folder / "outbox").glob("mugs.*.partial/*.png")], within_s=30)
    yield worker
    worker.kill()
    worker.wait()
    assert worker.stderr is not None
    worker.stderr.close()


def test_stop_ends_this_machine_s_worker_in_good_order_and_says_so(folder: Path, twin: subprocess.Popen[str]) -> None:
    assert "To be obeyed by `w1`" in call_here("pause", cwd=folder).stdout
    call_here("resume", cwd=folder)
    other = call("stop", "--worker-id", "w2", cwd=folder)
    assert (other.returncode, "No worker `w2`" in other.stdout) == (0, True)
    said = call("stop", "--worker-id", "w1", cwd=folder)
    assert (said.returncode, f"(process {twin.pid})" in said.stdout) == (0, True), said.stderr
    assert twin.wait(10) == 0
    assert (folder / "inbox/mugs.yaml").exists(), "given back"
    assert "No worker `w1`" in call("stop", "--worker-id", "w1", cwd=folder).stdout


def test_a_killed_worker_is_not_said_to_hear_and_its_number_is_nobody_s(
    folder: Path, state: Path, twin: subprocess.Popen[str]
) -> None:
    (lock,) = (path for path in (state / "locks").glob("*.lock"))
    assert holder_of(lock) == twin.pid
    twin.send_signal(signal.SIGKILL)
    twin.wait()
    assert holder_of(lock) is None
    lock.write_text(f"process {os.getpid()}")  # the number is another process's by now
    assert holder_of(lock) is None
    assert "No worker lives" in call_here("pause", cwd=folder).stdout
    assert "No worker `w1`" in call_here("stop", "--worker-id", "w1", cwd=folder).stdout


@pytest.mark.parametrize(("locks", "told"), [("1: FLOCK ADVISORY WRITE 7 fe:00:{inode} 0 EOF\n", True), ("", False)])
def test_a_process_of_another_account_is_the_worker_only_while_the_lock_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locks: str, told: bool
) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("process 7")
    (tmp_path / "7").mkdir()
    (tmp_path / "locks").write_text(locks.format(inode=lock.stat().st_ino))
    monkeypatch.setattr(lock_holder, "PROC", tmp_path)
    closed = FailingCalls(lambda _, path: errno.EACCES if path.endswith("7/fd") else None)
    with closed.installed():
        if told:
            with pytest.raises(PermissionError):
                holder_of(lock)
        else:
            assert holder_of(lock) is None


def test_stop_finds_the_machine_s_service_whose_state_is_not_the_caller_s(
    folder: Path, state: Path, twin: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "SERVICE_STATE", state)
    monkeypatch.setenv("ZIMAGE_WORKER_STATE_DIR", str(folder / "of-root"))
    said = call_here("stop", "--worker-id", "w1", cwd=folder)
    assert f"Stopping worker `w1` (process {twin.pid})" in said.stdout
    assert twin.wait(60) == ExitCode.DONE


def test_a_worker_of_another_machine_is_named_and_not_stopped(folder: Path) -> None:
    workers = folder / "inbox/.zimage-worker/workers"
    workers.mkdir(parents=True)
    (workers / "far.json").write_text(json.dumps({"id": "far", "host": "nas-2", "state": "rendering"}))
    said = call_here("stop", "--worker-id", "far", cwd=folder)
    assert (said.returncode, "runs on nas-2: stop it there" in said.stderr) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/zimage-worker.service\n", Unit(name="zimage-worker.service", is_user=False)),
        ("0::/user.slice/user@1000.service/app.slice/zw.service\n", Unit(name="zw.service", is_user=True)),
        ("12:cpu:/\n1:name=systemd:/system.slice/zw@a.service\n", Unit(name="zw@a.service", is_user=False)),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n", None),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", None),
        ("0::/\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_unit_is_told_by_the_control_group(cgroup: str, unit: Unit | None) -> None:
    assert unit_in(cgroup) == unit


@pytest.mark.parametrize(("main_pid", "is_its_own"), [("4711", True), ("1", False), ("", False)])
def test_a_service_that_only_started_the_worker_is_not_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, main_pid: str, is_its_own: bool
) -> None:
    """cron's jobs are in cron's control group."""
    (tmp_path / "4711").mkdir()
    (tmp_path / "4711/cgroup").write_text("0::/system.slice/cron.service\n")
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f"#!/bin/sh\necho {main_pid}\n")
    systemctl.chmod(0o755)
    monkeypatch.setattr(running_worker, "PROC", tmp_path)
    monkeypatch.setattr(running_worker, "SYSTEMCTL", str(systemctl))
    assert (unit_of(4711) is not None) == is_its_own


def test_what_systemd_keeps_is_stopped_by_systemctl_or_the_call_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worker.compose.control import RunningWorker
    from worker.errors import UsageError

    calls = tmp_path / "calls"
    systemctl = tmp_path / "systemctl"
    monkeypatch.setattr(running_worker, "SYSTEMCTL", str(systemctl))
    unit = Unit(name="zw.service", is_user=False)
    found = RunningWorker(pid=os.getpid(), unit=unit, lock=tmp_path / "no.lock", record=folder / "w.json")
    for code in (0, 4):
        systemctl.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexit {code}\n')
        systemctl.chmod(0o755)
        if code:
            with pytest.raises(UsageError, match=r"run sudo .*systemctl stop zw\.service"):
                found.stop()
        else:
            assert "It has ended without a word" in found.stop()
    assert calls.read_text() == "--no-ask-password stop zw.service\n" * 2
