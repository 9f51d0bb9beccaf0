"""The rules of the house, checked on the code itself."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKER = ROOT / "worker"
FILES = sorted(WORKER.rglob("*.py"))

PURE = [
    "daemon/blame.py", "daemon/card_manners.py", "daemon/given_back.py", "daemon/job_states.py", "daemon/job_record.py",
    "daemon/proof.py", "daemon/queue.py",
    "daemon/fair_turns.py", "daemon/warned.py",
    "alert_kinds.py", "errors.py", "problem.py",
    "invisible_characters.py", "kept_records.py", "languages.py", "line_width.py",
    "card_readings.py", "stage_times.py", "daemon/slow_pictures.py",
    "model_limits.py", "overview_records.py", "plain_names.py", "progress_words.py", "queued_job.py", "try_words.py",
    "settings/hours_text.py", "doctor/verdict.py",
    "spool/control_words.py", "spool/prospects.py", "spool/retention/due.py",
    "spool/settling.py", "spool/names.py",
    "spool/asides.py", "spool/conflict_copies.py", "spool/steering.py", "spool/alive/lease.py",
    "job/chinese_keys.py", "job/chinese_values.py", "job/file_names.py", "job/key_rules.py", "job/list_values.py",
    "job/named_values.py", "job/placeholder_checks.py", "job/placeholders.py", "job/product.py", "job/proof.py",
    "job/requests.py",
    "job/seeds.py", "job/severity.py", "job/shot_defaults.py", "job/synonyms.py",
    "operations/facts.py", "operations/live_line.py",
    "operations/tally.py",
    "operations/metrics/collector.py", "operations/metrics/names.py", "operations/metrics/text.py",
    "operations/alerts/desk.py", "operations/alerts/post.py", "operations/alerts/rows.py",
    "operations/alerts/watch.py", "operations/alerts/wording.py",
    "service/endings.py", "service/quoting.py", "service/unit_text.py",
    "studio/retry/ladders.py", "studio/retry/setup_changes.py", "studio/retry/history.py", "studio/retry/lessons.py",
    "studio/retry/verdict.py", "studio/retry/fallback.py", "studio/retry/batch_split.py", "studio/retry/breaker.py",
    "studio/process/order_state.py", "studio/process/silence.py",
    "studio/model_files/kinds.py", "studio/model_files/weights.py",
    "studio/plan/break_even.py", "studio/plan/memory.py", "studio/plan/grouping.py",
    "studio/plan/host_memory.py", "studio/plan/setup.py", "doctor/plan_report.py", "bench/kernels.py",
    "compose/overview/marks.py", "operations/overview_turns.py",
    "report_words.py", "operations/report_schema.py",
    "operations/between_jobs.py", "operations/job_in_hand.py",
    "operations/queue_forecast.py", "operations/speed_rows.py", "operations/speeds.py",
]  # fmt: skip
PURE_ROOMS = ["job/prompts", "job/table", "operations/sentences", "yaml_reader"]
"""Of which every module is pure, but for:"""
RECKONS_WITH_DATES = [
    "hours.py", "moments.py", "report_records.py", "window_outlook.py", "delivery/pages/speed_chart.py",
    "operations/night_report.py", "operations/report_text.py", "operations/since.py",
]  # fmt: skip
"""Pure but for the type `datetime`: none asks what time it is."""
HOLDS_DATES = WORKER / "job/table/sheet_rows.py"
"""A workbook's cells are dates of `datetime`; it asks for no time."""
FORBIDDEN_IN_PURE = {"time", "datetime", "os", "pathlib", "torch", "subprocess", "socket", "random"}
BROAD = {"Exception", "BaseException"}


def imports(path: Path) -> set[str]:
    """Modules that a file imports at run time, in full (`from worker import x` counts as `worker.x`)."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module in ("worker", "worker.commands"):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
            else:
                found.add(node.module)
    return found


@pytest.mark.parametrize("module", ["worker.cli", "worker.compose", "worker.daemon.loop"])
def test_the_command_line_and_the_daemon_load_no_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit(bool({{'torch', 'diffusers', 'transformers'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.slow
def test_reading_a_job_without_a_model_loads_nothing_that_looks_at_models() -> None:
    unused = {
        "jinja2",
        "openpyxl",
        "PIL",
        "rich",
        "worker.studio.model_files.inspect",
        "worker.studio.model_files.tokens",
    }
    code = f"import sys, worker.cli, worker.compose.from_settings; sys.exit(bool({unused} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def pure() -> list[Path]:
    rooms = (path for room in PURE_ROOMS for path in sorted((WORKER / room).glob("*.py")) if path != HOLDS_DATES)
    return [*(WORKER / name for name in PURE), *rooms]


@pytest.mark.parametrize("path", pure(), ids=lambda path: path.relative_to(WORKER).as_posix())
def test_decisions_use_no_clock_file_or_torch(path: Path) -> None:
    assert not {module.split(".")[0] for module in imports(path)} & FORBIDDEN_IN_PURE


@pytest.mark.parametrize("name", RECKONS_WITH_DATES)
def test_what_reckons_with_dates_is_told_what_time_it_is(name: str) -> None:
    path = WORKER / name
    assert not {module.split(".")[0] for module in imports(path)} & (FORBIDDEN_IN_PURE - {"datetime"})
    calls = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    assert not {call.attr for call in calls if isinstance(call, ast.Attribute)} & {"now", "today", "utcnow"}


def test_who_says_to_be_pure_is_held_to_it() -> None:
    held = {*pure(), *(WORKER / name for name in RECKONS_WITH_DATES)}
    for path in {path for path in FILES if path.name != "__init__.py"} - held:
        told = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        assert not re.search(r"^Pure\b|\. Pure\b", told, re.MULTILINE), path


def functions(paths: Iterable[Path]) -> list[tuple[int, str]]:
    """Lines of every function, and where it stands."""
    return [
        (node.end_lineno - node.lineno + 1, f"{path.name}:{node.name}")
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]


def lines(path: Path) -> int:
    return path.read_text("utf-8").count("\n")


def test_files_and_functions_are_small() -> None:
    lengths = {path: lines(path) for path in FILES if path.name != "__init__.py"}
    assert max(lengths.values()) <= 300, max(lengths, key=lengths.__getitem__)
    assert statistics.median(lengths.values()) <= 130
    assert max(functions(FILES))[0] <= 50, max(functions(FILES))
    assert statistics.median(length for length, _ in functions(FILES)) < 12


@pytest.mark.parametrize("story", ["daemon/loop.py", "daemon/run_job.py"])
def test_a_story_is_told_in_under_two_hundred_lines(story: str) -> None:
    assert lines(WORKER / story) < 200


@pytest.mark.slow
def test_files_and_functions_of_tests_are_small() -> None:
    tests = list((ROOT / "tests").rglob("*.py"))
    assert max(map(lines, tests)) <= 300, max(tests, key=lines)
    assert max(functions(tests))[0] <= 50, max(functions(tests))


def test_broad_excepts_stand_in_the_table_of_boundaries() -> None:
    table = (ROOT / "worker" / "README.md").read_text("utf-8")
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or getattr(node.type, "id", "") in BROAD):
                assert f"`worker/{path.relative_to(WORKER)}`" in table, f"{path}:{node.lineno}"


def test_must_not_stands_where_a_contract_of_imports_holds_it() -> None:
    told = [path for path in FILES if "Must not" in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")]
    assert {path.name for path in told} <= {"__init__.py"}


@pytest.mark.slow
def test_every_error_stands_in_the_list_of_errors() -> None:
    listed = ast.get_docstring(ast.parse((WORKER / "errors.py").read_text("utf-8"))) or ""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            bases = {getattr(base, "id", "") for base in node.bases} if isinstance(node, ast.ClassDef) else set()
            if bases & {"Exception", "OSError", "ValueError", "WorkerError"} and not node.name.startswith("_"):
                assert node.name in listed, f"{path}: {node.name}"
