"""`status` answers whatever lies in the folders, and its exit code says whether anybody works."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from bound_socket import bind_socket
from onlooker import record
from program import call, call_here
from written import faults

from worker.commands import status
from worker.errors import ExitCode
from worker.spool import Folders
from worker.translation import printable

JUNK = (None, True, -1, 10**400, 1.5, "", "\x1b[2J\nworker x: idle", [], [{}], {}, {"a": 1})
KEYS = (
    "id", "state", "job", "file", "step", "steps", "done", "failed", "total", "left_s", "reason", "reasons", "claim",
    "since", "started_at", "written_at", "interrupted", "queue", "queue_all", "version", "host",
)  # fmt: skip
BEAT = {"run": "r", "count": 1, "host": "elsewhere", "locks": "elsewhere", "stopped": False}


@pytest.fixture
def workers(folder: Path) -> Path:
    made = folder / "inbox/.zimage-worker/workers"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def folders(folder: Path) -> Folders:
    return Folders(inbox=folder / "inbox", outbox=folder / "outbox", failed=folder / "failed")


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_wrong_types_in_what_workers_write_end_nothing(folder: Path, workers: Path, junk: object) -> None:
    good = {"id": "w", "state": "rendering", "job": "mug", "written_at": "2026-11-23T22:00:00+00:00"}
    for number, key in enumerate(KEYS):
        name = f"w{number}"
        (workers / f"{name}.json").write_text(json.dumps({**good, "id": name, key: junk}))
        (workers / f"{name}.speed.json").write_text(json.dumps({"seconds_per_million_pixel_steps": {"a": junk}}))
        (workers / f"{name}.beat").write_text(json.dumps({**BEAT, "boot": junk, "process": junk}))
        claim = workers.parent / f"claims/{name}/ID{number}"
        claim.mkdir(parents=True)
        (claim / "claim.json").write_text(json.dumps({"stem": "mug", "attempt": 1, "dropped": "a", "life": {}} | {
            ("stem", "attempt", "dropped", "earlier", "life", "submitted_at", "dropped_by")[number % 7]: junk
        }))  # fmt: skip
        (claim / "in_work.json").write_text(json.dumps({"run": junk, "rests": junk}))
    for name in ("whole.json", "whole.beat"):
        (workers / name).write_text(json.dumps(junk))
    done = call_here("status", cwd=folder)
    assert (done.returncode, done.stderr) == (ExitCode.DONE, "")
    assert [line for line in done.stdout.split("\n") if printable(line) != line] == []
    assert f"\n{done.stdout}".count("\nworker ") >= len(KEYS) - 1  # the one whose id is not its file's name
    assert faults("status", json.loads(call_here("status", "--json", cwd=folder).stdout)) == []


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_wrong_types_in_finished_folders_end_nothing(folder: Path, junk: object) -> None:
    good = {"schema": 2, "status": "partial", "name": "x", "finished_at": "2026-11-23T22:00:00+00:00", "pictures": 2}
    keys = ("schema", "status", "name", "finished_at", "pictures", "made", "dropped_by", "title", "shots", "warnings")
    for root in ("outbox", "failed"):
        for number, key in enumerate(keys):
            (folder / root / f"j{number}").mkdir()
            manifest = {**good, **({"schema": 1} if number % 2 else {"made": 1}), key: junk}
            (folder / root / f"j{number}/manifest.json").write_text(json.dumps(manifest))
            (folder / root / f"j{number}/error.json").write_text(json.dumps({"schema": 1, "reason": junk, key: junk}))
        (folder / root / "whole").mkdir()
        (folder / root / "whole/manifest.json").write_text(json.dumps(junk))
    done = call_here("status", cwd=folder)
    assert (done.returncode, done.stderr) == (ExitCode.DONE, "")
    assert [line for line in done.stdout.split("\n") if printable(line) != line] == []
    assert faults("status", json.loads(call_here("status", "--json", cwd=folder).stdout)) == []


def plant(place: Path, *, secret: Path) -> None:
    """Whatever can lie where a record is expected, by names that are there already."""
    (place / "link.json").symlink_to(secret)
    (place / "link.beat").symlink_to(secret)
    os.mkfifo(place / "pipe.json")
    os.mkfifo(place / "pipe.beat")
    (place / "folder.json").mkdir()
    (place / "large.json").write_text(json.dumps({"id": "large", "state": "idle", "reason": "x" * 10_000_000}))
    (place / "large.beat").write_text(json.dumps({**BEAT, "host": "x" * 10_000_000}))
    (place / "deep.json").write_text("[" * 100_000)
    (place / "odd.json").write_bytes(b"\xff\xfe\x00")
    (place / ("n" * 250 + ".json")).write_text("{}")


@pytest.mark.slow
def test_a_hostile_share_is_read_without_following_waiting_or_swallowing(folder: Path, workers: Path) -> None:
    secret = folder / "secret.json"
    secret.write_text(json.dumps({"id": "link", "state": "idle", "reason": "topsecret", "status": "complete"}))
    plant(workers, secret=secret)
    claims = workers.parent / "claims"
    for name in ("w" * 250, "large", "pipe"):
        (claims / name / "ID").mkdir(parents=True)
    os.mkfifo(claims / "pipe/ID/claim.json")
    (claims / "large/ID/claim.json").symlink_to(secret)
    for root in ("outbox", "failed"):
        for name, make in {
            "pipe": os.mkfifo, "link": lambda at: at.symlink_to(secret), "folder": Path.mkdir,
            "large": lambda at: at.write_text('{"status": "' + "x" * 10_000_000),
            "socket": bind_socket,
        }.items():  # fmt: skip
            (folder / root / name).mkdir()
            make(folder / root / name / "manifest.json")
        (folder / root / "outside").symlink_to(folder)
        plant(folder / root, secret=secret)
    (folder / "outbox/receipts").mkdir()
    os.mkfifo(folder / "outbox/receipts/a.yaml.txt")
    (folder / "outbox/receipts/b.yaml.txt").symlink_to(secret)
    (folder / "inbox/a.yaml").write_text("prompt: mug\n")
    (folder / "inbox/b.yaml").write_text("prompt: mug\n")
    begun_s = time.monotonic()
    for arguments in (["status"], ["status", "--json"]):
        done = call_here(*arguments, cwd=folder)
        assert done.returncode == ExitCode.NOBODY_WORKS
        assert "topsecret" not in done.stdout
        assert len(done.stdout) < 100_000
    assert time.monotonic() - begun_s < 5


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
def test_file_times_of_any_age_end_nothing(folder: Path, workers: Path, seconds: int) -> None:
    (folder / "failed/bad").mkdir()
    (workers / "w.json").write_text('{"id": "w", "state": "idle"}')
    (workers / "w.beat").write_text(json.dumps(BEAT))
    for path in (folder / "failed/bad", folder / "inbox/mug.yaml", workers / "w.beat", folder / "inbox/PAUSE"):
        path.touch()
        try:
            os.utime(path, (seconds, seconds))
        except (OSError, OverflowError):
            pytest.skip("this file system has no such times")
    assert call_here("status", cwd=folder).returncode in (ExitCode.DONE, ExitCode.NOBODY_WORKS)


@pytest.mark.parametrize(
    ("waits", "state", "silent_s", "is_paused", "code"),
    [
        (False, None, 0, False, ExitCode.DONE),
        (True, None, 0, False, ExitCode.NOBODY_WORKS),
        (True, None, 0, True, ExitCode.NOBODY_WORKS),
        (True, "idle", 0, False, ExitCode.DONE),
        (True, "paused", 0, True, ExitCode.DONE),
        (True, "rendering", 60, False, ExitCode.DONE),
        (True, "rendering", 130, False, ExitCode.NOBODY_WORKS),
        (False, "rendering", 130, False, ExitCode.DONE),
    ],
)
def test_the_exit_code_says_whether_jobs_wait_and_nobody_works(
    folder: Path, folders: Folders, waits: bool, state: str | None, silent_s: float, is_paused: bool, code: ExitCode
) -> None:
    if waits:
        (folder / "inbox/mug.yaml").write_text("prompt: mug\n")
    if is_paused:
        (folder / "inbox/PAUSE").touch()
    if state is not None:
        record(folders, "w", state)
        beat = folders.workers / "w.beat"
        beat.write_text(json.dumps(BEAT))
        os.utime(beat, (time.time() - silent_s,) * 2)
    done = call_here("status", cwd=folder)
    assert done.returncode == code
    assert ("zimage-worker run" in done.stdout) == (code == ExitCode.NOBODY_WORKS or state is None)
    assert ("paused since" in done.stdout) == is_paused
    found = json.loads(call_here("status", "--json", cwd=folder).stdout)
    assert found["nobody_works"] == (code == ExitCode.NOBODY_WORKS)


def test_a_share_that_fails_while_it_is_read_is_told_by_one_line(folder: Path, monkeypatch) -> None:
    really = os.scandir

    def scandir(path: str | Path = ".") -> object:
        if Path(path).name == "inbox":
            raise OSError(116, "Stale file handle", str(path))
        return really(path)

    monkeypatch.setattr(os, "scandir", scandir)
    done = call_here("status", cwd=folder)
    assert done.returncode == ExitCode.FOLDERS_UNUSABLE
    assert "Stale file handle" in done.stderr


def children_s() -> float:
    """Seconds of a processor that this test's processes have taken: whatever else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
def test_the_status_of_thousands_of_jobs_is_there_at_once(folder: Path) -> None:
    """5,000 finished since yesterday and 1,000 that wait, as a process of its own."""
    manifest = {"schema": 2, "status": "complete", "finished_at": "2026-11-23T22:00:00+00:00", "pictures": 1, "made": 1}
    for number in range(5_000):
        made = folder / f"outbox/j{number}"
        made.mkdir()
        (made / "manifest.json").write_text(json.dumps({**manifest, "job": str(number)}))
    for number in range(1_000):
        (folder / f"inbox/w{number}.yaml").write_text("prompt: mug\n")
    begun_s = children_s()
    done = call("status", "--json", cwd=folder)
    took_s = children_s() - begun_s
    counts = json.loads(done.stdout)["counts"]
    assert (counts["complete"], counts["waiting"]) == (5_000, 1_000)
    assert took_s < 2.0


def test_watching_goes_on_while_the_share_is_away(folder: Path, monkeypatch) -> None:
    looks: list[float] = []

    def between(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 1:
            (folder / "outbox").rename(folder / "away")
        elif len(looks) == 2:
            (folder / "away").rename(folder / "outbox")
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr(status, "time", SimpleNamespace(sleep=between))
    done = call_here("status", "--watch", cwd=folder)
    assert done.returncode == ExitCode.STOPPED
    first, second, third = done.stdout.split("\033[H\033[2J")[1:]
    assert "there is no such folder" in second
    assert first == third
