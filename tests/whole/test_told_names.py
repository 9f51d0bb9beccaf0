"""What lies in the inbox and is no job is told once, in the share, with what to do; commands say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import House
from program import call_here

from worker.errors import ExitCode
from worker.spool.receipts import receipt_name

pytestmark = pytest.mark.slow

CONFLICTS = [
    "mug (Case Conflict).yaml",
    "mug (Conflict Anna 2018-02-20 14-12-13).yaml",
    "mug (SFConflict anna@example.com 2024-01-01-12-00-00).yaml",
    "mug (冲突副本 2024-01-01).yaml",
    "mug [conflicted].yaml",
    "mug(冲突).yaml",
    "mug.Conflict.yaml",
    "mug.conflict1.yaml",
    "mug.sync-conflict-20240101-120000-ABCDEFG.yaml",
    "mug_PC-01_Jan-01-1200-2024_Conflict.yaml",
    "spring (conflicted copy 2024-01-01).csv",
]
ALMOST = [
    "mug.txt",
    "mug.yaml.nextcloud",
    "mug.yaml.rtf",
    "mug。yaml",
    "mug.yaml ",
    "mugyaml",
    "mug.ymal",
    "spring.xlsx",
    "spring.zip",
    "spring.docx",
    "mug.png",
]
SILENT = ["mug.yaml.filepart", "mug.yaml.part", "._mug.yaml", "~$spring.xlsx", ".~lock.spring.xlsx#", "Thumbs.db"]


@pytest.mark.parametrize("name", CONFLICTS + ALMOST)
def test_a_name_is_told_by_a_receipt_and_by_commands(tmp_path: Path, name: str) -> None:
    house = House(tmp_path)
    house.drop(name, "prompt: a mug\n")
    assert house.drain(language="en") == ExitCode.JOBS_FAILED
    assert house.names("outbox") == house.names("failed") == set()
    (receipt,) = (tmp_path / "outbox/receipts").glob("*.txt")
    assert receipt.name == receipt_name(name)
    (why,) = receipt.read_bytes().decode().split("\r\n\r\n")[1:-2]
    assert "waiting: 0" in call_here("status", cwd=tmp_path).stdout
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / name).write_text("prompt: a mug\n")
    for command in ("check", "plan", "submit"):
        done = call_here(command, tmp_path / "mine" / name, cwd=tmp_path)
        assert done.returncode == ExitCode.USAGE
        assert " ".join(why.split())[:60] in " ".join(done.stderr.split())


@pytest.mark.parametrize("name", SILENT)
def test_what_programs_leave_is_passed_over_in_silence(tmp_path: Path, name: str) -> None:
    house = House(tmp_path)
    house.drop(name, "prompt: a mug\n")
    house.drop("jug.yaml", "prompt: a jug\nsize: 64x64\n")
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"jug"}
    assert not [*(tmp_path / "outbox").glob("receipts/*.txt")]


def test_a_folder_with_such_names_in_it_is_submitted_without_them_and_each_is_told(tmp_path: Path) -> None:
    House(tmp_path)
    jobs = tmp_path / "monday"
    (jobs / "_templates").mkdir(parents=True)
    (jobs / "empty").mkdir()
    for name in (
        "a.yaml",
        "b.yaml",
        "a (conflict).yaml",
        "b.sync-conflict-20240101-120000-ABC.yaml",
        "._a.yaml",
        "x.png",
    ):
        (jobs / name).write_text("prompt: a mug\n")
    (jobs / "_templates" / "default.yaml").write_text("prompt: 'a {name}'\n")
    (jobs / "spring.csv").write_text("sku,name\nA,mug\n")
    done = call_here("submit", "monday", cwd=tmp_path)
    assert done.returncode == ExitCode.DONE, done.stderr
    assert {path.name for path in (tmp_path / "inbox").iterdir()} == {"a.yaml", "b.yaml", "spring"}
    for name in ("a (conflict).yaml", "b.sync-conflict-20240101-120000-ABC.yaml", "x.png", "empty"):
        assert done.stderr.count(f"monday/{name}: ") == 1
    assert "._a.yaml" not in done.stderr
    assert "_templates" not in done.stderr
