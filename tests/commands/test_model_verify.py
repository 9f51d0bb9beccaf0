"""`model verify` and `model list`: of whatever folder, nothing outside it, and what was read is not read again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from worker.cli import main
from worker.compose.from_settings import model as model_of
from worker.demo import weights_dir
from worker.errors import ExitCode
from worker.settings import load
from worker.studio.model_files.checking import read_cache
from worker.studio.model_files.inspect import identify, inspect_model
from worker.studio.model_files.model_record import read_model_record
from worker.studio.model_files.verify import CACHE_NAME
from worker.studio.model_store import stored

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a download in it that says nothing of its kind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZIMAGE_WORKER_STATE_DIR", str(tmp_path / "state"))
    shutil.copytree(weights_dir(), tmp_path / "mine", ignore=shutil.ignore_patterns("README.md"))
    return tmp_path


def test_what_it_read_the_next_run_does_not_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "worker.yaml").write_text("model: mine\n", "utf-8")
    assert main(["model", "verify"]) == ExitCode.DONE
    read: list[Path] = []
    monkeypatch.setattr(read_cache, "read_once", lambda path, **_: read.append(path))
    settings = load(file=here / "worker.yaml", environment={}, flags={}).settings
    identify(model_of(settings), cache_file=here / "state" / CACHE_NAME)
    assert read == []


def test_it_takes_the_kind_that_the_settings_say(here: Path, capsys) -> None:
    index = json.loads((here / "mine/model_index.json").read_text("utf-8"))
    (here / "mine/model_index.json").write_text(json.dumps({**index, "_name_or_path": ""}), "utf-8")
    scheduler = here / "mine/scheduler/scheduler_config.json"
    scheduler.write_text(json.dumps({**json.loads(scheduler.read_text("utf-8")), "shift": 4.0}), "utf-8")
    assert main(["model", "verify", "mine"]) == ExitCode.MODEL_INVALID
    assert "nothing says which kind it is" in capsys.readouterr().err
    (here / "worker.yaml").write_text("model: mine\nmodel_kind: turbo\n", "utf-8")
    assert main(["model", "verify"]) == ExitCode.DONE
    assert main(["model", "verify", "mine"]) == ExitCode.DONE


@pytest.mark.parametrize("name", ["scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json"])
def test_a_changed_configuration_of_an_added_model_is_refused(here: Path, capsys, name: str) -> None:
    assert main(["model", "add", "mine", "--as", "mug"]) == ExitCode.DONE
    file = here / "models/mug" / name
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    assert main(["model", "verify", "mug"]) == ExitCode.MODEL_INVALID
    said = capsys.readouterr().err
    assert f"{name} is not what `model add` wrote" in said
    assert "Add the model again" in said
    assert "remove that record" not in said


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "vae/../../outside.txt", "a//b", ".", "a\\b", ""])
def test_a_record_leads_nowhere_else(here: Path, name: str) -> None:
    main(["model", "add", "mine", "--as", "mug"])
    (here / "models/outside.txt").write_text("private", "utf-8")
    file = here / "models/mug/model.json"
    content = json.loads(file.read_text("utf-8"))
    content["files"][name] = {"sha256": "0" * 64, "size": 7, "mtime_ns": 1, "inode": 1}
    file.write_text(json.dumps(content), "utf-8")
    record = read_model_record(here / "models/mug")
    assert record is not None
    assert name not in record.files
    assert "vae/config.json" in record.files
    assert main(["model", "verify", "mug"]) == ExitCode.DONE
    assert inspect_model(here / "models/mug").record == record


def test_closed_folders_hide_no_model_and_are_told(here: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["model", "add", "mine", "--as", "mug"])
    for name in ("lost+found", "theirs"):
        (here / "models" / name).mkdir()
    read = stored.read_model_record

    def closed(folder: Path):
        if folder.name in ("lost+found", "theirs"):
            raise PermissionError(13, "Permission denied", str(folder))
        return read(folder)

    monkeypatch.setattr(stored, "read_model_record", closed)  # root may enter everything
    capsys.readouterr()
    assert main(["model", "list"]) == ExitCode.DONE
    mine, theirs = capsys.readouterr().out.splitlines()
    assert mine.startswith("mug: ")
    assert theirs.startswith(f"theirs: {here}/models/theirs cannot be read (Permission denied): ")
