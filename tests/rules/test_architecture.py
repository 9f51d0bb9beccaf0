"""The rules of the house, checked on the code itself."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKER = ROOT / "worker"
FILES = sorted(WORKER.rglob("*.py"))

ROOMS = {"job", "spool", "studio", "delivery", "operations", "demo"}
SHARED = {"worker", "worker.errors", "worker.identity", "worker.problem", "worker.records"}
"""What every room may import."""

TOP_LEVEL_MAY_IMPORT = {
    "problem": set(),
    "identity": {"problem"},
    "records": {"identity", "problem"},
    "errors": {"problem"},
    "ports": {"identity", "problem", "records"},
    "backlog": {"errors", "ports", "records"},
    "reuse": {"ports", "records"},
    "telling": {"records"},
    "clocks": set(),
    "run_job": {"clocks", "identity", "ports", "records", "reuse", "telling"},
    "patience": {"errors", "ports", "records"},
    "daemon": {"backlog", "errors", "patience", "ports", "problem", "records", "run_job"},
    "settings": {
        "errors",
        "identity",
        "problem",
        "records",
        "job",
    },  # the settings file is read by the job room's safe YAML reader
    "settings_file": {"settings"},
    "cli": {"commands", "errors", ""},
    "__init__": set(),
}

PURE = [
    "patience.py",
    "backlog.py", "errors.py", "problem.py", "job/product.py", "job/placeholders.py", "job/requests.py",
    "job/file_names.py", "spool/settling.py", "spool/names.py", "spool/lease.py",
    "studio/ladders.py", "studio/memory.py", "studio/grouping.py", "studio/history.py", "studio/lessons.py",
    "studio/setup.py", "studio/plan_report.py", "studio/verdict.py",
]  # fmt: skip
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


def room_of(path: Path) -> str | None:
    first = path.relative_to(WORKER).parts[0]
    return first if first in ROOMS else None


@pytest.mark.parametrize("path", [p for p in FILES if room_of(p)], ids=lambda p: str(p.relative_to(WORKER)))
def test_a_room_imports_only_itself_and_what_all_share(path: Path) -> None:
    own = f"worker.{room_of(path)}"
    strangers = {
        name
        for name in imports(path)
        if name.startswith("worker")
        and name not in SHARED | {"worker.__version__"}
        and not (name + ".").startswith(own + ".")
    }
    assert not strangers


@pytest.mark.parametrize("path", [p for p in FILES if p.parent == WORKER], ids=lambda p: p.name)
def test_top_level_modules_import_downwards_only(path: Path) -> None:
    allowed = TOP_LEVEL_MAY_IMPORT[path.stem]
    if allowed is None:
        return
    used = {name.split(".")[1] for name in imports(path) if name.startswith("worker.")} - {"__version__"}
    assert used <= allowed


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "commands"], ids=lambda p: p.name)
def test_commands_reach_the_rooms_through_compose_only(path: Path) -> None:
    used = {name.split(".")[1] for name in imports(path) if name.startswith("worker.")}
    assert used <= {"commands", "compose", "errors", "records", "settings", "settings_file"}


def test_torch_is_imported_in_the_studio_only() -> None:
    heavy = {"torch", "diffusers", "transformers", "accelerate"}
    users = {room_of(p) for p in FILES if {name.split(".")[0] for name in imports(p)} & heavy}
    assert users <= {"studio"}


@pytest.mark.parametrize("module", ["worker.cli", "worker.compose", "worker.daemon"])
def test_the_command_line_and_the_daemon_load_no_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit(bool({{'torch', 'diffusers', 'transformers'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", PURE)
def test_decisions_use_no_clock_file_or_torch(name: str) -> None:
    assert not {module.split(".")[0] for module in imports(WORKER / name)} & FORBIDDEN_IN_PURE


def test_files_and_functions_are_small() -> None:
    lengths = {p: p.read_text("utf-8").count("\n") for p in FILES if p.name != "__init__.py"}
    assert max(lengths.values()) <= 300, max(lengths, key=lengths.__getitem__)
    assert statistics.median(lengths.values()) <= 130
    functions = [
        (node.end_lineno - node.lineno + 1, f"{p.name}:{node.name}")
        for p in FILES
        for node in ast.walk(ast.parse(p.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert max(functions)[0] <= 50, max(functions)
    assert statistics.median(length for length, _ in functions) < 12
    for story in ("daemon.py", "run_job.py"):
        assert lengths[WORKER / story] <= 200


def test_broad_excepts_stand_in_the_table_of_boundaries() -> None:
    table = (ROOT / "worker" / "README.md").read_text("utf-8")
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or getattr(node.type, "id", "") in BROAD):
                assert f"`worker/{path.relative_to(WORKER)}`" in table, f"{path}:{node.lineno}"
