"""The unit: systemd accepts it, restarts follow the exit codes, and every line says why."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from worker.daemon.waiting import SLICE_S
from worker.errors import ExitCode

UNIT = Path(__file__).parents[2] / "systemd" / "zimage-worker.service"

NO_RESTART_HELPS = {
    ExitCode.USAGE,
    ExitCode.SETTINGS_INVALID,
    ExitCode.FOLDERS_UNUSABLE,
    ExitCode.MODEL_INVALID,
    ExitCode.WORKER_ID_TAKEN,
}
RESTART_HELPS = {ExitCode.DONE, ExitCode.BUG, ExitCode.DEVICE_UNAVAILABLE}
ONLY_WHEN_DRAINING = {ExitCode.JOBS_FAILED, ExitCode.STOPPED}
ONLY_OF_STATUS = {ExitCode.NOBODY_WORKS}


def directives() -> dict[str, str]:
    lines = UNIT.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]\w+=", line))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed (package systemd)")
def test_systemd_accepts_the_unit(tmp_path):
    # verify wants the program to be there, and /opt/zimage-worker is not: any other program does as well
    copy = tmp_path / UNIT.name
    program = directives()["ExecStart"].split()[0]
    copy.write_text(UNIT.read_text("utf-8").replace(program, sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "zimage-worker" in line]
    assert not complaints
    assert done.returncode == 0, done.stderr


def test_exit_codes_that_no_restart_mends_are_final():
    assert set(ExitCode) == NO_RESTART_HELPS | RESTART_HELPS | ONLY_WHEN_DRAINING | ONLY_OF_STATUS
    final = {int(code) for code in directives()["RestartPreventExitStatus"].split()}
    assert final == {int(code) for code in NO_RESTART_HELPS}
    assert directives()["Restart"] == "always"


def test_every_directive_has_its_reason_above_it():
    lines = UNIT.read_text("utf-8").splitlines()
    bare = [line for above, line in pairwise(lines) if re.match(r"[A-Z]\w+=", line) and not above.startswith("# ")]
    assert not bare


def test_the_gpu_stays_in_reach_and_little_else():
    unit = directives()
    assert not {"PrivateDevices", "MemoryDenyWriteExecute", "RequiresMountsFor"} & unit.keys()
    assert unit["ProtectSystem"] == "strict"
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["KillMode"] == "mixed"
    allowed = re.findall(r"^DeviceAllow=(\S+)$", UNIT.read_text("utf-8"), re.M)
    assert {"char-nvidia", "char-nvidiactl", "char-nvidia-uvm", "char-drm", "/dev/dxg"} <= {*allowed}


def test_a_hang_is_longer_than_anything_honest_and_ends_soon_once_it_is_found() -> None:
    """Whoever waits gives a sign of life each `SLICE_S`; one that hangs in a dead share hears SIGKILL alone."""
    unit = directives()
    minutes = int(unit["WatchdogSec"].removesuffix("min"))
    assert minutes * 60 > 10 * SLICE_S
    assert unit["TimeoutAbortSec"] == "30s"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed (package systemd)")
def test_the_service_is_as_shut_as_a_card_allows(tmp_path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=8", str(UNIT)]  # of 100: 0.8 of 10
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-200:] + done.stderr
