"""Real NFS and SMB servers, real power cuts, real full disks; `make test-shares` runs them and prints what they report.

Needs root, User-Mode Linux and the project's fault tools: FAULTS names their folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from promises import violations
from waiting_for import wait_for

ROOT = Path(__file__).parents[2]
FAULTS = Path(os.environ.get("FAULTS", ROOT.parent / "shared/faults"))
PICTURES = int(os.environ.get("PICTURES", "5000"))
JOBS = int(os.environ.get("JOBS", "500"))
HERE = Path(__file__).parent
FUSE_PYTHON = os.environ.get("FUSE_PYTHON", sys.executable)
"""One that has mfusepy."""

pytestmark = [
    pytest.mark.share,
    pytest.mark.skipif(not (FAULTS / "on-nfs.sh").exists(), reason="FAULTS does not name the fault tools"),
]

SHARES = {"NFS 4.2": ("on-nfs.sh",), "NFS 3": ("on-nfs.sh", "--v3"), "SMB 3.1.1": ("on-smb.sh",)}


def inside(tool: tuple[str, ...], out: Path, *command: str, seconds: int) -> subprocess.CompletedProcess[str]:
    program, *options = tool
    out.mkdir()
    whole = ["bash", str(FAULTS / program), *options, "--out", str(out), "--timeout", str(seconds), "--",
             "env", f"PATIENCE={seconds - 150}", f"PYTHONPATH={ROOT}", "PYTHONDONTWRITEBYTECODE=1",
             sys.executable, *command]  # fmt: skip
    return subprocess.run(whole, capture_output=True, text=True, check=False, timeout=seconds + 60)


@contextmanager
def working(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that does not outlive its test."""
    with log.open("wb") as told, subprocess.Popen(command, stderr=told) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def report(share: str, told: subprocess.CompletedProcess[str], out: Path) -> None:
    assert (out / "report.json").exists(), told.stdout + told.stderr
    print(share, (out / "report.json").read_text())
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("share", SHARES)
def test_three_workers_and_500_jobs_end_every_job_once(share: str, tmp_path: Path) -> None:
    told = inside(SHARES[share], tmp_path / "out", str(HERE / "crowd.py"), "crowd", str(JOBS), seconds=600)
    report(share, told, tmp_path / "out")


@pytest.mark.parametrize("share", SHARES)
def test_a_large_job_is_taken_over_at_its_end(share: str, tmp_path: Path) -> None:
    program, *options = SHARES[share]
    tool = (program, *options, "--size", "1000")
    told = inside(tool, tmp_path / "out", str(HERE / "crowd.py"), "late", str(PICTURES), seconds=1800)
    report(share, told, tmp_path / "out")


@pytest.mark.parametrize("scenario", ["stop", "cut", "lossy"])
@pytest.mark.parametrize("share", SHARES)
def test_trouble_on_one_machine_costs_no_job_and_doubles_none(share: str, scenario: str, tmp_path: Path) -> None:
    told = inside(SHARES[share], tmp_path / "out", str(HERE / "crowd.py"), scenario, "30", seconds=500)
    report(share, told, tmp_path / "out")


@pytest.mark.parametrize("share", SHARES)
def test_every_control_is_receipted_and_acts_for_whoever_has_only_the_share(share: str, tmp_path: Path) -> None:
    told = inside(SHARES[share], tmp_path / "out", str(HERE / "controls.py"), seconds=560)
    report(share, told, tmp_path / "out")


@pytest.mark.parametrize("share", SHARES)
def test_a_worker_asks_little_of_the_share(share: str, tmp_path: Path) -> None:
    twin = HERE.parent / "twin_worker.py"
    told = inside(SHARES[share], tmp_path / "out", str(HERE / "request_counts.py"), str(twin), "--page", seconds=560)
    report(share, told, tmp_path / "out")


def test_a_second_sigterm_ends_what_hangs_on_a_hard_mount(tmp_path: Path) -> None:
    tool = ("on-nfs.sh", "--mount-options", "hard")
    told = inside(tool, tmp_path / "out", str(HERE / "hanging.py"), seconds=160)
    assert told.returncode == 0, told.stdout + told.stderr
    print("NFS 4.2, hard:", told.stdout)


@pytest.mark.parametrize("after_s", [14, 40])
@pytest.mark.parametrize("file_system", ["ext4", "xfs"])
def test_a_power_cut_loses_no_job_and_no_published_picture(file_system: str, after_s: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tool = ("power-cut.sh", "--fs", file_system, "--after", str(after_s))
    program, *options = tool
    command = ["bash", str(FAULTS / program), *options, "--out", str(out), "--", "env", f"PYTHONPATH={ROOT}",
               "PYTHONDONTWRITEBYTECODE=1", sys.executable, str(HERE / "powered.py")]  # fmt: skip
    out.mkdir()
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert told.returncode == 0, told.stdout + told.stderr
    accepted = (out / "accepted").read_text().split()
    log = [json.loads(line) for line in (out / "log").read_text().splitlines() if line.startswith("{")]
    settled = [entry["job"] for entry in log if entry["event"] == "job.settled"]
    dropped = {name: f"prompt: mug {int(name[4:7])}\n".encode() for name in accepted}
    found = violations(out / "disk/spool", dropped, is_over=False)
    print(file_system, f"cut after {after_s} s: {len(accepted)} accepted, {len(settled)} published, violations {found}")
    assert accepted
    assert settled or after_s < 40, "as many as the machine can make in that time"
    assert found == []
    for job in settled:
        assert (out / "disk/spool/outbox" / job / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("limit", "told"), [("size=800k", b"no room for another picture"), ("nr_inodes=140", b"No space left on device")]
)
def test_a_full_disk_pauses_the_worker_and_costs_nothing(limit: str, told: bytes, tmp_path: Path) -> None:
    share, state = tmp_path / "share", tmp_path / "state"
    share.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", limit, "tmpfs", str(share)], check=True)
    try:
        from worker.spool import init_folders

        init_folders(share)
        dropped = {}
        for number in range(20):
            dropped[f"job-{number:02}.yaml"] = data = f"prompt: mug {number}\ncount: 2\n".encode()
            (share / "inbox" / f"job-{number:02}.yaml").write_bytes(data)
        command = [sys.executable, str(HERE.parent / "twin_worker.py"), str(share), "--id", "w1", "--state", str(state),
                   "--drain"]  # fmt: skip
        with working(command, tmp_path / "log") as worker:
            wait_for(lambda: told in (tmp_path / "log").read_bytes(), within_s=60.0)
            assert worker.poll() is None
            assert violations(share, dropped, is_over=False) == []
            subprocess.run(["mount", "-o", "remount,size=200m,nr_inodes=20000", str(share)], check=True)
            assert worker.wait(120) == 0, (tmp_path / "log").read_text()[-3000:]
        log = (tmp_path / "log").read_bytes()
        print(limit, log.count(told), "pauses")
        assert violations(share, dropped, is_over=True) == []
    finally:
        subprocess.run(["umount", str(share)], check=True)


@pytest.mark.parametrize("fault", ["rename .* EIO 6", "rename .* after:EIO 4", "readdir .* ESTALE 4",
                                   "fsync .* EIO 6", "mkdir .* EDQUOT 3", "write .* ENOSPC 8", "flush .* EDQUOT 5",
                                   "rename .* after:EIO 1"])  # fmt: skip
def test_a_file_system_that_fails_some_times_costs_time_only(fault: str, tmp_path: Path) -> None:
    real, seen, rules = tmp_path / "real", tmp_path / "seen", tmp_path / "rules"
    for folder in (real, seen):
        folder.mkdir()
    rules.touch()
    from worker.spool import init_folders

    init_folders(real)
    mount = subprocess.Popen([FUSE_PYTHON, str(FAULTS / "faultfs.py"), str(real), str(seen), str(rules)])
    try:
        wait_for(lambda: mount.poll() is not None or (seen / "inbox").is_dir(), within_s=60.0)
        assert mount.poll() is None, "FUSE_PYTHON does not name a Python that has mfusepy"
        dropped = {f"job-{n}.yaml": f"prompt: mug {n}\n".encode() for n in range(6)}
        for name, data in dropped.items():
            (real / "inbox" / name).write_bytes(data)
        command = [sys.executable, str(HERE.parent / "twin_worker.py"), str(seen), "--id", "w1",
                   "--state", str(tmp_path / "state"), "--drain", "--pace", "0.2"]  # fmt: skip
        with working(command, tmp_path / "log") as worker:
            wait_for(lambda: b'"job.claimed"' in (tmp_path / "log").read_bytes(), within_s=60.0)
            rules.write_text(fault + "\n")
            code = worker.wait(180)
        fired = Path(f"{rules}.fired").read_text().count("\n")
        print(fault, f"fired {fired} times, exit {code}")
        assert fired
        assert code == 0, (tmp_path / "log").read_text()[-3000:]
        assert violations(real, dropped, is_over=True) == []
    finally:
        subprocess.run(["fusermount", "-u", str(seen)], check=False)
        mount.wait(20)
