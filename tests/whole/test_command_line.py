"""The program as its users call it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worker.errors import ExitCode

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def call(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "worker.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert call("init", tmp_path).returncode == 0
    return tmp_path


def test_help_answers_in_under_a_third_of_a_second() -> None:
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        assert "demo" in call("--help").stdout
        seconds.append(time.perf_counter() - begun)
    assert min(seconds) < 0.3


def test_check_prints_problems_as_file_line_column_and_ends_with_20(tmp_path: Path) -> None:
    job = tmp_path / "mug.yaml"
    job.write_text("prompt: a mug\nstesp: 8\n")
    done = call("check", job)
    assert done.returncode == ExitCode.JOBS_FAILED
    assert done.stdout.startswith(f"{job}:2:1: stesp: ")
    assert "`steps`" in done.stdout


def test_check_of_a_folder_checks_every_job_in_it(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("prompt: a mug\n")
    (tmp_path / "bad.yaml").write_text("prompt: [\n")
    done = call("check", tmp_path)
    assert "good.yaml: ok, 1 picture" in done.stdout
    assert "1 of 2 jobs cannot be rendered." in done.stdout


def test_check_warns_of_what_has_no_effect_on_turbo(tmp_path: Path) -> None:
    (tmp_path / "mug.yaml").write_text("prompt: a mug\nnegative_prompt: text\n")
    done = call("check", tmp_path / "mug.yaml")
    assert done.returncode == 0
    assert "warning" in done.stdout


def test_plan_shows_every_picture_and_admits_an_unknown_time(folder: Path) -> None:
    done = call("plan", ROOT / "jobs_example/catalogue-12", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.count(".png  256x256  8 steps") == 24
    assert "time: unknown" in done.stdout


def test_a_folder_whose_job_file_has_another_name_is_told_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/catalog.yaml").write_text("products: mugs.csv\nprompt: '{subject}'\n")
    (tmp_path / "set/mugs.csv").write_text("subject\nmug\n")
    done = call("check", tmp_path / "set")
    assert done.returncode == ExitCode.JOBS_FAILED
    assert "There is no file `job.yaml` in the job's folder. Did you mean `catalog.yaml`?" in done.stdout


def test_an_empty_folder_is_told_how_a_job_file_is_called(tmp_path: Path) -> None:
    done = call("check", tmp_path)
    assert (done.returncode, "name the job file job.yaml" in done.stderr) == (ExitCode.USAGE, True)


def test_warnings_for_a_model_that_nobody_named_say_so_once(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("prompt: a mug\nnegative_prompt: text\n")
    for command in ("check", "plan"):
        lines = call(command, "a.yaml", "b.yaml", cwd=tmp_path).stdout.splitlines()
        assert lines[0].startswith("No model is set; taken as Turbo. No worker.yaml was read here")
        assert sum("No model is set" in line for line in lines) == 1


def test_a_forgotten_settings_file_is_thought_of_and_paths_are_whole(tmp_path: Path) -> None:
    done = call("status", cwd=tmp_path)
    first, *others, last = done.stderr.splitlines()
    assert first.startswith(f"zimage-worker: inbox {tmp_path / 'inbox'}: there is no such folder")
    assert all(line.startswith("  ") for line in [*others, last])
    assert last == f"  No worker.yaml was read here ({tmp_path}); give -c FILE."


def test_init_says_a_command_that_can_be_copied(tmp_path: Path) -> None:
    bare = {**ENVIRONMENT, "PATH": "/usr/bin:/bin"}
    program = f"import sys; sys.argv = ['.venv/bin/zimage-worker', 'init', '{tmp_path}/my pictures'];"
    command = [sys.executable, "-c", f"{program} from worker.cli import main; main()"]
    said = subprocess.run(command, env=bare, capture_output=True, text=True, check=True).stdout
    assert f".venv/bin/zimage-worker run -c '{tmp_path}/my pictures/worker.yaml'" in said


def test_submit_refuses_what_cannot_be_rendered_and_leaves_the_inbox_alone(folder: Path) -> None:
    (folder / "bad.yaml").write_text("size: 3x3\n")
    done = call("submit", "bad.yaml", cwd=folder)
    assert done.returncode == ExitCode.JOBS_FAILED
    assert "bad.yaml:1:" in done.stderr
    assert not [*(folder / "inbox").glob("*.yaml")]


def test_submit_and_status_need_the_folders_only(folder: Path) -> None:
    (folder / "mug.yaml").write_text("prompt: a mug\n")
    assert call("submit", "mug.yaml", cwd=folder).returncode == 0
    done = call("status", cwd=folder)
    assert "waiting: 1 (mug.yaml)" in done.stdout
    taken = call("submit", "mug.yaml", cwd=folder)
    assert (taken.returncode, "already holds" in taken.stderr) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "--drain", "--inbox", "nowhere"], ExitCode.FOLDERS_UNUSABLE, "there is no such folder"),
        (["run", "--outbox", "inbox"], ExitCode.FOLDERS_UNUSABLE, "a folder of its own"),
        (["run", "--model", "nowhere"], ExitCode.MODEL_INVALID, "nowhere: there is no such folder"),
        (["acceptance", "stable", "--model", "nowhere"], ExitCode.MODEL_INVALID, "nowhere: there is no such folder"),
        (["schema"], ExitCode.USAGE, "job|settings"),
        (["init", "/proc/pictures"], ExitCode.FOLDERS_UNUSABLE, "choose a folder you may write to"),
        (["run", "--device", "tpu"], ExitCode.SETTINGS_INVALID, "flag --device"),
        (["run", "-c", "nowhere.yaml"], ExitCode.SETTINGS_INVALID, "nowhere.yaml"),
        (["run", "--drian"], ExitCode.USAGE, "--drian"),
        (["check", "nowhere.yaml"], ExitCode.USAGE, "no such file"),
    ],
)
def test_each_mistake_has_its_exit_code_and_its_words(
    folder: Path, arguments: list[str], code: ExitCode, words: str
) -> None:
    done = call(*arguments, cwd=folder)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_stability_test_works_in_folders_of_its_own(folder: Path) -> None:
    assert call("acceptance", "stable", "--model", "nowhere", cwd=folder).returncode == ExitCode.MODEL_INVALID
    assert [path.name for path in (folder / "stable/inbox").glob("*.yaml")] == ["acceptance.yaml"]
    assert not [*(folder / "inbox").glob("*.yaml")]


@pytest.mark.parametrize("of", ["job", "settings", "manifest", "sidecar", "error", "status"])
def test_schema_prints_json(of: str) -> None:
    assert json.loads(call("schema", of).stdout)["type"] == "object"


def test_init_twice_keeps_everything(folder: Path) -> None:
    (folder / "worker.yaml").write_text("model: demo\nworker_id: mine\n")
    assert "Kept" in call("init", folder).stdout
    assert "mine" in (folder / "worker.yaml").read_text()


@pytest.mark.slow
def test_doctor_has_a_line_each_and_fails_with_the_code_of_run(folder: Path) -> None:
    done = call("doctor", "--model", "nowhere", cwd=folder)
    assert done.returncode == ExitCode.MODEL_INVALID
    assert "writing, syncing and renaming work" in done.stdout
    assert "flag --model" in done.stdout
