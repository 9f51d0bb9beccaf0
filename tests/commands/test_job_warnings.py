"""`check`, `plan` and `submit` print warnings, count them, and refuse jobs that have them where that is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import call_here

from worker.errors import ExitCode

pytestmark = pytest.mark.slow

POINTLESS = "prompt: a mug\nguidance: 0\nnegative_prompt: text\nmatrix: {angle: [front, back]}\n"
COMMANDS = ["check", "plan", "submit"]


@pytest.fixture
def jobs(folder: Path) -> Path:
    (folder / "mug.yaml").write_text(POINTLESS)
    (folder / "bowl.yaml").write_text("prompt: a bowl\n")
    return folder


def in_inbox(folder: Path) -> set[str]:
    return {path.name for path in (folder / "inbox").glob("*.yaml")}


@pytest.mark.parametrize("command", COMMANDS)
def test_warnings_are_printed_a_line_each_and_refuse_nothing(jobs: Path, command: str) -> None:
    done = call_here(command, "mug.yaml", "bowl.yaml", cwd=jobs)
    assert done.returncode == ExitCode.DONE
    warnings = [line for line in done.stdout.splitlines() if ": warning: " in line]
    assert [line.split(": warning: ")[0] for line in warnings] == ["mug.yaml:3:1", "mug.yaml:4:10"]


def test_check_and_submit_count_them(jobs: Path) -> None:
    assert (
        "mug.yaml: ok, 2 pictures, 2 warnings\nbowl.yaml: ok, 1 picture\n"
        in call_here("check", "mug.yaml", "bowl.yaml", cwd=jobs).stdout
    )
    lines = call_here("submit", "mug.yaml", "bowl.yaml", cwd=jobs).stdout.splitlines()
    assert [line.rpartition("inbox")[2] for line in lines if line.startswith("Submitted")] == [", 2 warnings", ""]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("said", ["flag", "setting", "job"])
def test_strict_refuses_a_job_with_warnings(jobs: Path, command: str, said: str) -> None:
    if said == "setting":
        (jobs / "worker.yaml").write_text((jobs / "worker.yaml").read_text() + "strict: true\n")
    if said == "job":
        (jobs / "mug.yaml").write_text(f"{POINTLESS}strict: true\n")
    flags = ["--strict"] if said == "flag" else []
    done = call_here(command, *flags, "mug.yaml", cwd=jobs)
    told = done.stdout + done.stderr
    assert done.returncode == ExitCode.JOBS_FAILED
    assert told.index("write `strict: false` into the job") < told.index("mug.yaml:3:1: warning: ")
    assert "mug.yaml:4:10: warning: " in told
    assert in_inbox(jobs) == set()
    assert call_here(command, *flags, "bowl.yaml", cwd=jobs).returncode == ExitCode.DONE


@pytest.mark.parametrize("command", COMMANDS)
def test_a_job_that_means_it_is_taken_by_a_strict_worker(jobs: Path, command: str) -> None:
    (jobs / "mug.yaml").write_text(f"{POINTLESS}strict: false\n")
    assert call_here(command, "--strict", "mug.yaml", cwd=jobs).returncode == ExitCode.DONE


def test_the_same_cause_in_many_shots_is_one_line(jobs: Path) -> None:
    shots = "".join(f"- {{prompt: mug {number}, avoid: text}}\n" for number in range(40))
    (jobs / "mug.yaml").write_text(f"guidance: 0\nshots:\n{shots}")
    done = call_here("check", "mug.yaml", cwd=jobs)
    [line] = [line for line in done.stdout.splitlines() if ": warning: " in line]
    assert line.startswith("mug.yaml:3:")
    assert "(40 places, such as " in line


def test_the_worker_writes_into_the_manifest_what_check_says(jobs: Path) -> None:
    (jobs / "mug.yaml").write_text(POINTLESS.replace(", back]", "]"))
    said = call_here("check", "mug.yaml", cwd=jobs).stdout
    call_here("submit", "mug.yaml", cwd=jobs)
    assert call_here("run", "--drain", cwd=jobs).returncode == ExitCode.DONE
    manifest = json.loads((jobs / "outbox/mug/manifest.json").read_text("utf-8"))
    assert len(manifest["warnings"]) == 2
    for one in manifest["warnings"]:
        assert f"{one['file']}:{one['line']}:{one['column']}: warning: {one['where']}: {one['message']}" in said
