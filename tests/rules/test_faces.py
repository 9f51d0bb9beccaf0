"""Packages whose names are imported when they are first asked for: programs get what types promise."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

WORKER = Path(__file__).parents[2] / "worker"
FACES = sorted(path for path in WORKER.rglob("__init__.py") if "lazily(" in path.read_text("utf-8"))


@pytest.mark.parametrize("face", FACES, ids=lambda path: path.parent.name)
def test_a_face_gives_every_name_that_its_types_promise(face: Path) -> None:
    package = ".".join(face.parent.relative_to(WORKER.parent).parts)
    for place, name, shown in promised(face):
        assert getattr(import_module(package), shown) is getattr(import_module(place), name)


@pytest.mark.parametrize("face", FACES, ids=lambda path: path.parent.name)
def test_a_face_promises_every_name_that_it_gives(face: Path) -> None:
    package = import_module(".".join(face.parent.relative_to(WORKER.parent).parts))
    assert {shown for _, _, shown in promised(face)} == set(package.__all__)


def promised(face: Path) -> list[tuple[str, str, str]]:
    """The module that a face takes a name from, the name there, and the name that it shows."""
    return [
        (node.module, alias.name, alias.asname or alias.name)
        for node in ast.walk(ast.parse(face.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("worker.")
        and node.module != "worker.lazy_names" and node.module
        for alias in node.names
    ]  # fmt: skip
