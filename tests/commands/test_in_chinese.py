"""What commands print where the terminal, or the settings, speak Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from program import call_here

from worker.cli import COMMANDS, build_parser, main
from worker.commands.parser import argparse_speaking
from worker.commands.printing import speaking_as_the_terminal
from worker.compose.from_settings import worker_files
from worker.doctor.check import Finding
from worker.errors import ExitCode
from worker.line_width import columns
from worker.operations.record import FolderRecorder
from worker.spool import open_folders
from worker.translation import gettext

HAN = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){4,}")
"""Five words of small letters in a row: a sentence that nobody translated."""


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    call_here("init", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("command", ["", *(command.__name__.rpartition(".")[2] for command in COMMANDS)])
def test_no_line_of_help_is_english(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with speaking_as_the_terminal(), argparse_speaking(), pytest.raises(SystemExit):
        build_parser().parse_args([*command.split(), "--help"])
    said = capsys.readouterr().out
    assert said.startswith("用法：")
    assert "显示这份帮助并退出" in said
    assert not ENGLISH.search(said)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "缺少参数：COMMAND"),
        ("check", "缺少参数：JOB"),
        ("--verison", "不认识的参数：--verison"),
        ("chekc a.yaml", "不能写 'chekc'"),
        ("status --colour", "不认识的参数：--colour"),
        ("bench --steps many", "参数 --steps：'many' 不是有效的 int"),
        ("bench --steps", "需要一个参数"),
        ("check gone.yaml", "zimage-worker: gone.yaml：没有这个文件或文件夹。"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese(line: str, told: str, capfd: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(line.split())
    except SystemExit as ended:
        code = int(str(ended.code))
    assert code == ExitCode.USAGE
    assert told in capfd.readouterr().err


@pytest.mark.usefixtures("chinese")
def test_check_plan_submit_and_status_speak_chinese(place: Path) -> None:
    (place / "mug.yaml").write_text("promt: a red mug\nsteps: many\n")
    (place / "cup.yaml").write_text("prompt: a red mug\nsize: 256x256\n")
    config = ("-c", place / "worker.yaml")
    checked = call_here("check", *config, place / "mug.yaml", place / "cup.yaml")
    assert "没有 `promt` 这个键。是不是想写 `prompt`？" in checked.stdout
    assert "2 个任务中有 1 个不能做。" in checked.stdout
    assert f"{place / 'cup.yaml'}：可以做，1 张图" in checked.stdout
    planned = call_here("plan", *config, place / "cup.yaml").stdout
    assert "8 步  引导强度 3" in planned
    assert "时间：未知" in planned
    assert "已把" in call_here("submit", *config, place / "cup.yaml").stdout
    status = call_here("status", *config).stdout
    assert status.startswith("这个收件夹上还没有运行过工作程序：")
    assert "\n等待：1（cup.yaml）\n" in status
    assert not ENGLISH.search(checked.stdout.replace("a red mug", "") + planned.replace("a red mug", "") + status)


def test_the_setting_wins_over_the_locale_and_c_is_english(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = place / "worker.yaml"
    assert "\nwaiting: 0\n" in call_here("status", "-c", config).stdout
    config.write_text(config.read_text() + "language: zh\n")
    assert "\n等待：0\n" in call_here("status", "-c", config).stdout
    config.write_text(config.read_text().replace("language: zh", "language: en"))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "\nwaiting: 0\n" in call_here("status", "-c", config).stdout
    monkeypatch.setenv("ZIMAGE_WORKER_LANGUAGE", "zh")
    assert "\n等待：0\n" in call_here("status", "-c", config).stdout
    monkeypatch.setenv("ZIMAGE_WORKER_LANGUAGE", "de")
    wrong = call_here("status", "-c", config)
    assert wrong.returncode == ExitCode.SETTINGS_INVALID
    assert "不能写 `de`。可用的有 `auto`、`zh` 或 `en`。" in wrong.stderr


@pytest.mark.usefixtures("chinese")
def test_init_writes_a_commented_settings_file_in_chinese_that_is_read(tmp_path: Path) -> None:
    call_here("init", tmp_path)
    text = (tmp_path / "worker.yaml").read_text("utf-8")
    comments = [line for line in text.splitlines() if line.startswith("# ") and not re.match(r"# \w+:", line)]
    assert len(comments) >= 30
    assert all(HAN.search(line) or "CPU" in line for line in comments)
    assert call_here("status", "-c", tmp_path / "worker.yaml").returncode == ExitCode.DONE


@pytest.mark.usefixtures("chinese")
def test_a_schema_tells_an_editor_in_chinese_what_each_key_means() -> None:
    schema = json.loads(call_here("schema", "job").stdout)
    assert schema["properties"]["steps"]["description"] == "步数。默认：模型推荐的值。"


def test_what_a_worker_wrote_down_is_read_in_the_language_of_whoever_asks(place: Path, monkeypatch) -> None:
    folders = open_folders(*(place / name for name in ("inbox", "outbox", "failed")))
    about = {"id": "w1", "host": "studio", "version": "1"}
    recorder = FolderRecorder(
        worker_files(folders, "w1"), about=about, now=lambda: "2026-11-28T10:00:00+00:00", monotonic=lambda: 0.0
    )
    recorder.state("paused", reason=gettext("PAUSE lies in the inbox: remove it to go on"))
    asked = ("status", "-c", place / "worker.yaml")
    assert "worker w1: paused  PAUSE lies in the inbox: remove it to go on" in call_here(*asked).stdout
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "工作程序 w1：暂停  收件夹里有 PAUSE：删掉它就继续" in call_here(*asked).stdout


def test_doctor_speaks_chinese_and_its_columns_stand_below_each_other(place: Path, monkeypatch) -> None:
    lines = [
        Finding(mark=mark, what=what, text=gettext("no C compiler")).line("zh")  # type: ignore[arg-type]
        for mark, what in (("ok", "model"), ("warn", "compiler"), ("FAIL", "device"), ("ok", "inbox"))
    ]
    assert lines[:2] == ["正常  模型        没有 C 编译器", "注意  编译器      没有 C 编译器"]
    assert len({columns(line) for line in lines}) == 1
