"""Docstrings: every parameter of a public function is explained, once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKER = ROOT / "worker"
PORTS = tuple(WORKER / name for name in ("ports.py", "recording_ports.py", "spool_ports.py", "publishing_ports.py"))
FILES = sorted(WORKER.rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Public functions, methods and constructors of public classes, by name as `Class.method`."""
    for node in ast.parse(path.read_text("utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else [node]
        owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for one in inside:
            if isinstance(one, ast.FunctionDef) and (one.name == "__init__" or not one.name.startswith("_")):
                yield f"{owner}{one.name}", one


def parameters(name: str, function: ast.FunctionDef) -> list[str]:
    """Names of a function's parameters, but for `self` and `cls`."""
    given = function.args
    stars = [star for star in (given.vararg, given.kwarg) if star is not None]
    named = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, *stars)]
    is_static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in function.decorator_list)
    return named[1:] if "." in name and not is_static else named


PROMISED = {
    (function.name, *sorted(parameters(name, function))) for path in PORTS for name, function in functions(path)
}
"""Methods of the ports with their parameters: whoever satisfies a port need not explain them again."""


def explained(docstring: str) -> set[str]:
    """Parameters that the Args section of a docstring names."""
    _, _, section = docstring.partition("\nArgs:\n")
    section = re.split(r"^(?=\S)", section, maxsplit=1, flags=re.M)[0]
    return set(re.findall(r"^    (\w+): ", section, re.M))


def test_each_of_several_parameters_is_explained() -> None:
    silent: dict[str, set[str]] = {}
    for path, (name, function) in ((file, one) for file in FILES for one in functions(file)):
        given = parameters(name, function)
        is_promised = path not in PORTS and "." in name and (function.name, *sorted(given)) in PROMISED
        if len(given) >= 2 and not is_promised:
            file = path.relative_to(WORKER).as_posix()
            silent[f"{file}: {name}"] = set(given) - explained(ast.get_docstring(function) or "")
    assert {name: missing for name, missing in silent.items() if missing} == {}
