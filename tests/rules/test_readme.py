"""The README says what the code does."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from tree import with_tables

from worker.cli import COMMANDS, build_parser
from worker.errors import ExitCode
from worker.job.reader import JobFiles
from worker.job.schema import JobFile, Shot
from worker.records import Limits
from worker.settings import Settings
from worker.studio.model_files.inspect import RECOMMENDED
from worker.yaml_reader.scalars import PRESETS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def section(title: str) -> str:
    """The text between a heading and the next of any level."""
    return README.split(f"{title}\n", 1)[1].split("\n#", 1)[0]


def rows(title: str) -> list[list[str]]:
    """Cells of the tables in a section, without their heads."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if not set(row[0]) <= set("-: ")]


def code_words(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    parser = build_parser()
    commands = next(iter(parser._subparsers._group_actions)).choices  # type: ignore[union-attr]
    documented = {code_words(row[0])[0].split()[0] for row in rows("## Commands") if row[0].startswith("`")}
    assert documented == set(commands)
    assert len(commands) == len(COMMANDS)


def test_every_exit_code_has_a_row_with_its_name() -> None:
    documented = {int(row[0]): code_words(row[1])[0] for row in rows("## Commands") if row[0].isdigit()}
    assert documented == {code.value: code.name for code in ExitCode}


def test_every_setting_has_a_row_with_its_default() -> None:
    documented = {code_words(row[0])[0]: row[1] for row in rows("## Settings") if row[0].startswith("`")}
    assert set(documented) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        if field.default_factory is None and field.default is not None:
            default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert code_words(documented[name])[0] == default, name


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


def test_every_event_has_a_row_and_every_row_an_event() -> None:
    assert {code_words(row[0])[0] for row in rows("### Events in the log") if row[0].startswith("`")} == events()


@pytest.mark.parametrize("event", sorted(events()))
def test_events_are_noun_dot_participle(event: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", event)


def test_the_file_tree_and_the_ladders_are_as_the_code_has_them() -> None:
    assert with_tables(README) == README, "run: python tests/tree.py"


def test_every_key_of_the_job_file_has_a_row_and_every_row_a_key() -> None:
    documented = {word for row in rows("## The job file") for word in code_words(row[0])}
    job, shot = JobFile.model_fields, Shot.model_fields
    assert documented == set(job) | set(shot) - {"id"}


def test_the_main_example_is_warned_of_on_turbo_alone(tmp_path: Path) -> None:
    example = section("## The job file").split("```yaml\n")[1].split("```")[0]
    (tmp_path / "job.yaml").write_text(example, "utf-8")
    warned = {}
    for kind in ("base", "turbo"):
        reader = JobFiles(Limits(), RECOMMENDED[kind], guidance_matters=kind == "base")
        warned[kind] = [warning.where for warning in reader.read(tmp_path / "job.yaml", stem="job").warnings]
    assert warned == {"base": [], "turbo": ["negative_prompt", "shots[1].avoid"]}


def test_the_example_of_a_catalogue_has_a_picture_for_each_row(tmp_path: Path) -> None:
    _, job, table = section("## The job file").split("```")[1::2]
    (tmp_path / "job.yaml").write_text(job.removeprefix("yaml\n"), "utf-8")
    (tmp_path / "products.csv").write_text(table.lstrip(), "utf-8")
    made = JobFiles(Limits(), RECOMMENDED["turbo"], guidance_matters=False).read(tmp_path, stem="spring")
    assert [request.shot_id for request in made.requests] == ["MUG-01", "VAS-02"]
    assert made.warnings == ()


def test_every_preset_is_listed_with_its_size() -> None:
    for name, (width_px, height_px) in PRESETS.items():
        assert f"`{name}` {width_px}x{height_px}" in section("## The job file")


def test_every_dependency_says_why_it_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    reasons = section("### Why each dependency")
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        name = re.split(r"[<>=]", requirement)[0]
        assert f"`{name}`" in reasons or name.startswith("types-"), name


def test_links_into_the_repository_lead_somewhere() -> None:
    for target in re.findall(r"\]\(((?!http|#)[^)]+)\)", README):
        assert (ROOT / target).exists(), target
