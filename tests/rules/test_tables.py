"""The tables on the pages say what the code does: commands, exit codes, settings, keys, events, presets, packages."""

from __future__ import annotations

import argparse
import ast
import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest
from pages import ROOT, code_words, page

from worker.cli import COMMANDS, build_parser
from worker.errors import ExitCode
from worker.job.reader import JobFiles
from worker.job.schema import JobFile, Shot
from worker.overview_records import WorkerState
from worker.records import Limits
from worker.settings import Settings
from worker.studio.model_files.inspect import RECOMMENDED
from worker.yaml_reader.scalars import PRESETS

START = page("README.md")
INSIDE = page("worker/README.md")
JOB = page("worker/job/README.md")
OPERATIONS = page("worker/operations/README.md")
EXAMPLES = ROOT / "jobs_example"


def commands() -> dict[str, argparse.ArgumentParser]:
    choices = next(iter(build_parser()._subparsers._group_actions)).choices  # type: ignore[union-attr]
    return dict(choices)  # type: ignore[arg-type]


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    assert {words.split()[0] for words in START.first_words("## Commands")} == set(commands())
    assert len(commands()) == len(COMMANDS)


def helps() -> dict[str, str]:
    """What `--help` says of each command."""
    return {row.dest: row.help or "" for row in build_parser()._subparsers._group_actions[0]._choices_actions}  # type: ignore[union-attr]


@pytest.mark.parametrize("name", commands())
def test_a_row_begins_with_what_help_says_of_the_command(name: str) -> None:
    (said,) = [row[1] for words, row in START.first_words("## Commands").items() if words.split()[0] == name]
    assert said.replace("`", "").startswith(helps()[name])


def test_commands_stand_in_the_order_of_help() -> None:
    assert [words.split()[0] for words in START.first_words("## Commands")] == list(commands())


def test_what_schema_prints_is_listed() -> None:
    (row,) = [words for words in START.first_words("## Commands") if words.startswith("schema ")]
    (of,) = [action for action in commands()["schema"]._actions if action.dest == "of"]
    assert row.removeprefix("schema ").split(r"\|") == list(of.choices or ())


def test_commands_without_settings_are_named() -> None:
    without = {name for name, parser in commands().items() if "--inbox" not in parser.format_help()}
    said = re.search(r"^All but (.*?) take `-c FILE`", START.section("## Commands"), re.M)
    assert said
    assert set(code_words(said[1])) == without


def test_every_exit_code_has_a_row_with_its_name() -> None:
    rows = OPERATIONS.rows("## Exit codes")
    assert {int(row[0]): code_words(row[1])[0] for row in rows if row[0].isdigit()} == {
        code.value: code.name for code in ExitCode
    }


def test_every_setting_has_a_row_with_its_default_and_its_meaning() -> None:
    documented = page("worker/SETTINGS.md").first_words("## All settings")
    assert list(documented) == list(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        assert documented[name][2] == field.description, name
        if field.default_factory is None and field.default is not None:
            default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert code_words(documented[name][1])[0] == default, name


def events() -> set[str]:
    """First arguments of all log calls."""
    found = set()
    for path in (ROOT / "worker").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "log"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(node.args[0].value)
    return found


@pytest.mark.slow
def test_every_event_has_a_row_and_every_row_an_event() -> None:
    assert set(OPERATIONS.first_words("## Events in the log")) == events()


@pytest.mark.parametrize("event", sorted(events()))
def test_events_are_noun_dot_participle(event: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", event)


@pytest.mark.slow
def test_troubleshooting_names_events_that_there_are() -> None:
    words = code_words(page("worker/operations/TROUBLESHOOTING.md").prose)
    named = {word for word in words if re.fullmatch(r"(file|job|picture|renderer|share|worker|claim)\.[a-z_]+", word)}
    assert {"file.ignored", "share.away", "renderer.replaced"} <= named
    assert named - {"worker.yaml", "job.yaml"} <= events()


def test_every_state_of_a_worker_has_a_row() -> None:
    told = set()
    for path in (ROOT / "worker").rglob("*.py"):
        told |= set(re.findall(r"(?:\.state|_wait)\(\s*\"([a-z]+)\"", path.read_text("utf-8")))
    assert set(OPERATIONS.first_words("## Status")) == told | {"silent", "dead"} == set(get_args(WorkerState))


def test_every_key_of_the_job_file_has_a_row_and_every_row_a_key() -> None:
    documented = {word for row in JOB.rows("## The keys") for word in code_words(row[0])}
    job, shot = JobFile.model_fields, Shot.model_fields
    assert documented == set(job) | set(shot) - {"id"}


def test_every_preset_is_listed_with_its_size() -> None:
    for name, (width_px, height_px) in PRESETS.items():
        assert f"`{name}` {width_px}x{height_px}" in JOB.section("## Sizes with a name")


def warnings(text: str, folder: Path, *, kind: str = "turbo") -> list[str]:
    """What a job on a page is warned of."""
    (folder / "job.yaml").write_text(text.removeprefix("```yaml\n").removesuffix("```"), "utf-8")
    reader = JobFiles(Limits(), RECOMMENDED[kind], guidance_matters=kind == "base")
    return [warning.where for warning in reader.read(folder / "job.yaml", stem="job").warnings]


def test_the_main_example_is_warned_of_on_turbo_alone(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n.*?```", JOB.section("## An example"), re.S)
    warned = {kind: warnings(example, tmp_path, kind=kind) for kind in ("base", "turbo")}
    assert warned == {"base": [], "turbo": ["negative_prompt", "shots[1].avoid"]}


def test_the_jobs_of_the_start_page_are_read_without_a_warning(tmp_path: Path) -> None:
    examples = [block for block in START.code_blocks if block.startswith("```yaml")]
    assert [warnings(example, tmp_path) for example in examples] == [[], []]


def test_the_example_of_a_catalogue_has_a_picture_for_each_row(tmp_path: Path) -> None:
    job, table = JOB.section("## A catalogue").split("```")[1::2]
    (tmp_path / "job.yaml").write_text(job.removeprefix("yaml\n"), "utf-8")
    (tmp_path / "products.csv").write_text(table.lstrip(), "utf-8")
    made = JobFiles(Limits(), RECOMMENDED["turbo"], guidance_matters=False).read(tmp_path, stem="spring")
    assert [request.shot_id for request in made.requests] == ["MUG-01", "VAS-02"]
    assert made.warnings == ()


def test_every_example_job_has_a_row() -> None:
    listed = page("jobs_example/README.md").rows("# Example jobs")
    jobs = {path.name for path in EXAMPLES.iterdir() if path.suffix == ".yaml" or (path / "job.yaml").exists()}
    assert {code_words(row[0])[0] for row in listed if "`" in row[0]} == jobs


def test_every_dependency_says_why_it_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    reasons = INSIDE.section("## Why each dependency")
    for requirement in [*project["dependencies"], *chain(*project["optional-dependencies"].values())]:
        name = re.split(r"[<>=]", requirement)[0]
        assert f"`{name}`" in reasons or name.startswith("types-"), name


def test_every_mark_and_every_folder_of_tests_has_a_row() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    marks = {line.partition(":")[0] for line in settings["markers"]}
    folders = {f"{path.name}/" for path in (ROOT / "tests").iterdir() if [*path.glob("test_*.py")]}
    assert set(page("tests/README.md").first_words("# Tests")) == marks | folders


def test_the_glossary_has_thirty_words() -> None:
    words = [row[0] for row in INSIDE.rows("## Glossary")[1:]]
    assert len(words) == len(set(words)) == 30


def test_every_rule_that_a_problem_may_have_stands_on_a_page() -> None:
    """Programs go by it, and people look it up."""
    sources = [*(ROOT / "worker/job").rglob("*.py"), *(ROOT / "worker/yaml_reader").rglob("*.py")]
    kinds = "job|list|matrix|prompt|seed|size|table|yaml"
    rules = {rule for file in sources for rule in re.findall(rf'"((?:{kinds})\.[a-z_]+)"', file.read_text("utf-8"))}
    told = JOB.text + page("worker/yaml_reader/README.md").text
    assert {rule for rule in rules - {"job.yaml"} if f"`{rule}`" not in told} == set()
    assert len(rules) > 30
