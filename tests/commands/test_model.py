"""`model add|list|verify` and `convert`: from a download to a folder that `run` takes, and what people are told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from model_forms import TRANSFORMER, VAE, widened

from worker.cli import main
from worker.commands.progress import ProgressLine
from worker.errors import ExitCode
from worker.settings import load
from worker.studio.model_files.inspect import inspect_model

pytestmark = pytest.mark.slow


def test_an_added_model_is_found_by_its_name(here: Path, capsys) -> None:
    (here / "worker.yaml").write_text("model: Z-Image-Turbo-bf16\n", "utf-8")
    assert main(["model", "add", "Z-Image-Turbo"]) == ExitCode.DONE
    said = capsys.readouterr().out
    assert said.startswith("Z-Image-Turbo is a Z-Image model in diffusers layout.\nWrote ")
    assert "set `model:` to its name in worker.yaml" in said
    settings = load(file=None, environment={}, flags={}).settings
    assert settings.model == "models/Z-Image-Turbo-bf16"
    assert inspect_model(Path(settings.model)).record is not None
    assert main(["model", "list"]) == ExitCode.DONE
    assert capsys.readouterr().out == "Z-Image-Turbo-bf16: demo, 0.0 GB, not verified, in use\n"
    assert main(["model", "verify"]) == ExitCode.DONE
    assert "3 of 3 files with weights, 9 of 9 others; what it was added from could not" in capsys.readouterr().out


def test_models_lie_beside_the_settings_or_where_they_say(tmp_path: Path) -> None:
    for text, place in (("", "shop/models"), ("models_dir: /srv/models", "/srv/models"), ("models_dir: m", "shop/m")):
        (tmp_path / "shop").mkdir(exist_ok=True)
        (tmp_path / "shop/worker.yaml").write_text(text, "utf-8")
        settings = load(file=tmp_path / "shop/worker.yaml", environment={}, flags={}).settings
        assert settings.models_dir == tmp_path / place


def test_a_folder_beside_the_settings_goes_before_an_added_model(tmp_path: Path) -> None:
    (tmp_path / "worker.yaml").write_text("model: mug\n", "utf-8")
    (tmp_path / "models/mug").mkdir(parents=True)

    def place() -> str | None:
        return load(file=tmp_path / "worker.yaml", environment={}, flags={}).settings.model

    assert place() == str(tmp_path / "models/mug")
    (tmp_path / "mug").mkdir()
    assert place() == str(tmp_path / "mug")


def test_a_model_of_a_folder_that_is_not_mounted_yet_is_looked_for_there(tmp_path: Path) -> None:
    (tmp_path / "worker.yaml").write_text("model: mug\nmodels_dir: /mnt/none\n", "utf-8")
    assert load(file=tmp_path / "worker.yaml", environment={}, flags={}).settings.model == "/mnt/none/mug"


def test_a_file_that_changed_is_named(here: Path, capsys) -> None:
    main(["model", "add", "Z-Image-Turbo", "--as", "mug"])
    data = bytearray((here / "models/mug" / VAE).read_bytes())
    data[-1000] ^= 1
    (here / "models/mug" / VAE).write_bytes(data)
    assert main(["model", "verify", "mug"]) == ExitCode.MODEL_INVALID
    said = capsys.readouterr().err
    assert f"{VAE} is not what `model add` wrote: its bytes have another hash than {here}/models/mug/model.json" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "nowhere"], "nowhere: there is no such file or folder"),
        (["add", "Z-Image-Turbo", "--as", "../x"], "`../x` is no name for a folder"),
        (["add", "Z-Image-Turbo", "--as", ".x"], "`.x` is no name for a folder"),
        (["add", "Z-Image-Turbo", "--as", "a "], "`a ` is no name for a folder"),
        (["add", "Z-Image-Turbo", "--as", "模" * 70], "is no name for a folder"),
        (["add", "Z-Image-Turbo", "--as", "Demo"], "`Demo` means the embedded model"),
        (["add", f"Z-Image-Turbo/{TRANSFORMER}"], "configurations, tokenizer and scheduler"),
        (["verify", "nothing"], "There is no model `nothing`"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(here: Path, capsys, arguments: list[str], said: str) -> None:
    assert main(["model", *arguments]) in (ExitCode.USAGE, ExitCode.MODEL_INVALID)
    assert said in capsys.readouterr().err
    assert not (here / "models").exists()


@pytest.mark.slow
def test_convert_writes_where_one_says(here: Path, capsys) -> None:
    widened(here / "Z-Image-Turbo")
    assert main(["convert", "Z-Image-Turbo", "copies/mug"]) == ExitCode.DONE
    assert inspect_model(here / "copies/mug").faults == ()
    assert f"Wrote {here}/copies/mug" in capsys.readouterr().out


def test_no_model_is_said_with_what_makes_one(here: Path, capsys) -> None:
    assert main(["model", "list"]) == ExitCode.DONE
    assert "model add` writes one there" in capsys.readouterr().out


SLOWED = """
import sys, time
from worker.studio.model_store import add
class Slow(add.Converter):
    def feed(self, piece):
        time.sleep({pause})
        super().feed(piece)
add.Converter = Slow
from worker.cli import main
sys.exit(main(["model", "add", "Z-Image-Turbo", "--as", "mug"]))
"""


def begun(here: Path, *, files: int) -> subprocess.Popen[str]:
    """`model add`, slowed, once it has finished so many files."""
    draft = here / "models/.mug.adding"
    child = subprocess.Popen(
        [sys.executable, "-c", SLOWED.format(pause=0.1)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2])])},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len([*draft.glob("*/*.safetensors")]) < files or not [*draft.glob("*/.*.tmp")]:
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        os.sched_yield()
    return child


@pytest.mark.slow
@pytest.mark.parametrize("files", [0, 1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_it_the_next_call_goes_on_after_the_finished_files(
    here: Path, capsys, number: signal.Signals, files: int
) -> None:
    with begun(here, files=files) as child:
        asked_s = time.monotonic()
        child.send_signal(number)
        out, _ = child.communicate(timeout=30)
        took_s = time.monotonic() - asked_s
    draft = here / "models/.mug.adding"
    kept = {path: path.stat().st_ino for path in draft.glob("*/*.safetensors")}
    assert len(kept) == files
    assert not (here / "models/mug").exists()
    if number != signal.SIGKILL:
        assert child.returncode == ExitCode.STOPPED
        assert f"Stopped. {files} of 3 files are finished" in out
        assert not [*draft.rglob(".*.tmp")]
        assert took_s < 5
    assert main(["model", "add", "Z-Image-Turbo", "--as", "mug"]) == ExitCode.DONE
    assert inspect_model(here / "models/mug").faults == ()
    assert {(here / "models/mug" / path.relative_to(draft)).stat().st_ino for path in kept} == {*kept.values()}
    assert [path.name for path in (here / "models").iterdir()] == ["mug"]
    assert main(["model", "verify", "mug"]) == ExitCode.DONE


class Screen:
    """A terminal, or a file, that keeps what is written."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.written = ""
        self._is_terminal = is_terminal

    def write(self, text: str) -> None:
        self.written += text

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize("is_terminal", [False, True])
def test_progress_is_a_line_each_tenth_or_one_that_changes(is_terminal: bool) -> None:
    screen, now_s = Screen(is_terminal=is_terminal), [0.0]
    line = ProgressLine(out=screen, monotonic=lambda: now_s[0])  # type: ignore[arg-type]
    for done in range(0, 10_000_000_001, 100_000_000):
        line(done, 10_000_000_000)
        now_s[0] += 1.0
    line.close()
    shown = [part.strip().removesuffix("\x1b[K") for part in screen.written.replace("\r", "\n").split("\n") if part]
    assert len(shown) == (100 if is_terminal else 10)
    assert "50 %, 5.00 of 10.00 GB, 100 MB/s, 50 s left" in shown
    assert screen.written.endswith("\n")
