"""The command line as a whole: answers at once, says each mistake in words and by exit code."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from program import call

from worker.errors import ExitCode


def test_help_answers_in_under_a_third_of_a_second() -> None:
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        assert "demo" in call("--help").stdout
        seconds.append(time.perf_counter() - begun)
    assert min(seconds) < 0.3


@pytest.mark.slow
def test_warnings_for_a_model_that_nobody_named_say_so_once(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("prompt: a mug\nnegative_prompt: text\n")
    for command in ("check", "plan"):
        lines = call(command, "a.yaml", "b.yaml", cwd=tmp_path).stdout.splitlines()
        assert lines[0].startswith("No model is set; taken as Turbo. No worker.yaml was read here")
        assert sum("No model is set" in line for line in lines) == 1


@pytest.mark.slow
def test_a_forgotten_settings_file_is_thought_of_and_paths_are_whole(tmp_path: Path) -> None:
    done = call("status", cwd=tmp_path)
    first, *others, last = done.stderr.splitlines()
    assert first.startswith(f"zimage-worker: inbox {tmp_path / 'inbox'}: there is no such folder")
    assert all(line.startswith("  ") for line in [*others, last])
    assert last == f"  No worker.yaml was read here ({tmp_path}); give -c FILE."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "--drain", "--inbox", "nowhere"], ExitCode.FOLDERS_UNUSABLE, "there is no such folder"),
        (["run", "--outbox", "inbox"], ExitCode.FOLDERS_UNUSABLE, "a folder of its own"),
        (["run", "--model", "worker.yaml"], ExitCode.MODEL_INVALID, "worker.yaml: is no folder"),
        (["run", "--model", " "], ExitCode.MODEL_INVALID, "No model is set"),
        (["run", "--model", "https://huggingface.co/x/y"], ExitCode.MODEL_INVALID, "an address on the internet"),
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
