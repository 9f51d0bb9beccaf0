"""The Chinese start page says what the code does, and leads somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.cli import build_parser, main
from worker.job.schema import JobFile, Shot

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.zh-CN.md").read_text("utf-8")
CODE_BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
JOBS = [text for language, text in CODE_BLOCKS if language == "yaml"]
CATALOGUE = next(text for text in JOBS if text.startswith("products:"))


def section(title: str) -> str:
    """The text between a heading of the second level and the next one."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def command_lines() -> Iterator[str]:
    """Every call of the program, in code blocks and inside sentences."""
    lines = [line for _, text in CODE_BLOCKS for line in text.splitlines()]
    for line in [*lines, *re.findall(r"`([^`\n]+)`", README)]:
        if line.startswith("zimage-worker "):
            yield line


def drop(job: str, folder: Path) -> Path:
    """The job folder that a reader would make: the job, and the page's table where the job asks for one."""
    folder.mkdir()
    (folder / "job.yaml").write_text(job, "utf-8")
    if "products:" in job:
        table = next(text for language, text in CODE_BLOCKS if language == "csv")
        (folder / "products.csv").write_text(table, "utf-8")
    return folder


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_page_stays_a_start_page() -> None:
    assert len(README.splitlines()) <= 200


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    commands = next(iter(build_parser()._subparsers._group_actions)).choices  # type: ignore[union-attr]
    rows = re.findall(r"^\| `([a-z]+)[^`]*` \|", section("命令"), re.MULTILINE)
    assert sorted(rows) == sorted(commands)


def rows(text: str) -> dict[str, tuple[set[str], str]]:
    """By command: the words of its call, and what is said of it."""
    found = re.findall(r"^\| `([a-z]+)([^`]*)` \| (.*) \|$", text, re.MULTILINE)
    return {name: (set(re.split(r"[ \[\]\\|]+", arguments)), said) for name, arguments, said in found}


def test_commands_stand_in_the_order_and_with_the_arguments_of_the_english_page() -> None:
    english = rows((ROOT / "README.md").read_text("utf-8").split("\n## Commands\n", 1)[1].split("\n## ", 1)[0])
    here = rows(section("命令"))
    assert list(here) == list(english)
    for name, (arguments, _) in here.items():
        assert arguments <= english[name][0], name


@pytest.mark.parametrize(
    ("name", "row"), rows(section("命令")).items(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_options_that_a_row_speaks_of_are_the_command_s(name: str, row: tuple[set[str], str]) -> None:
    parsers = next(iter(build_parser()._subparsers._group_actions)).choices  # type: ignore[union-attr]
    assert set(re.findall(r"--[a-z-]+", row[1])) <= set(parsers[name]._option_string_actions)  # type: ignore[index]


def test_commands_without_settings_are_named() -> None:
    parsers = next(iter(build_parser()._subparsers._group_actions)).choices  # type: ignore[union-attr]
    (said,) = re.findall(r"^除 (.*) 外都认 `-c", section("命令"), re.MULTILINE)
    without = {name for name, parser in parsers.items() if "--inbox" not in parser.format_help()}  # type: ignore[union-attr]
    assert set(re.findall(r"`([a-z]+)`", said)) == without


@pytest.mark.parametrize("row", re.findall(r"^\| `([^`]+)` \|", section("命令"), re.MULTILINE))
def test_a_row_of_the_command_table_shows_a_call_that_parses(row: str) -> None:
    words = [word.strip("[].").lower() for word in row.split()]
    build_parser().parse_args(words)


@pytest.mark.parametrize("line", sorted(set(command_lines())))
def test_a_call_on_the_page_parses(line: str) -> None:
    build_parser().parse_args(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.split(":")[0])
def test_a_job_on_the_page_is_read_without_a_warning(
    job: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(drop(job, tmp_path / "job"))]) == 0
    said = capsys.readouterr()
    assert "warning" not in said.out + said.err


def test_the_finished_folder_shows_the_pictures_that_the_catalogue_gives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(drop(CATALOGUE, tmp_path / "spring"))]) == 0
    planned = re.findall(r"\S+\.png", capsys.readouterr().out)
    assert re.findall(r"[^\s─]+\.png", section("做好的文件夹长什么样").replace("├── ", "")) == planned


def test_every_key_of_its_table_is_one_of_the_job_file() -> None:
    cells = re.findall(r"^\| (`[^|]+`) \|", section("整批上新：一个表格出一套图"), re.MULTILINE)
    keys = {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    assert keys
    assert keys <= set(JobFile.model_fields) | set(Shot.model_fields)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(((?!http|#)[^)]+)\)", README))))
def test_a_link_into_the_repository_leads_somewhere(target: str) -> None:
    assert (ROOT / target.partition("#")[0]).exists()


def test_a_link_within_the_page_leads_to_a_heading() -> None:
    headings = set(re.findall(r"^## (.+)$", README, re.MULTILINE))
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings
