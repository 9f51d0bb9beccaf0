"""Every text that people read is a template of the catalogue, and the catalogue has every template."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from worker import errors

ROOT = Path(__file__).parents[2]
WORKER = ROOT / "worker"
FILES = sorted(WORKER.rglob("*.py"))
MECHANISM = WORKER / "translation.py"
POT = WORKER / "locale" / "zimage-worker.pot"

SAID_BY_KEYWORD = {"Problem": "message", "Fault": "message", "Finding": "text"}
RAISED = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
SAID_FIRST = RAISED | {"Misread", "NotAJob", "ShareAway"}
VALIDATORS = (WORKER / "job", WORKER / "yaml_reader", WORKER / "settings")
"""Where the text of a ValueError becomes a problem's message."""
ALLOWED = {
    ("commands/status.py", "JoinedStr"),  # the terminal is cleared before the text
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def said_to_people(path: Path) -> Iterator[tuple[ast.expr, ast.AST]]:
    """Each expression that becomes a text for people, with the function it stands in."""
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]
    for scope in (tree(path), *functions):
        for call in (node for node in ast.walk(scope) if isinstance(node, ast.Call)):
            name, first = name_of(call), call.args[:1]
            yield from ((word.value, scope) for word in call.keywords if word.arg == SAID_BY_KEYWORD.get(name, ""))
            is_validator = name == "ValueError" and any(path.is_relative_to(place) for place in VALIDATORS)
            is_printed = name in ("print", "say") and path.parent.name == "commands"
            if name in SAID_FIRST or is_validator or is_printed:
                yield from ((argument, scope) for argument in first)


def plain(said: ast.expr, scope: ast.AST, *, seen: frozenset[str] = frozenset()) -> Iterator[ast.expr]:
    """The parts of an expression that have no template of their own, or lose it."""
    match said:
        case ast.Constant(value=str(text)) if any(character.isalpha() for character in text):
            yield said
        case ast.JoinedStr() | ast.BinOp():
            yield said
        case ast.Call(func=ast.Attribute(attr="join" | "format" | "format_map" | "replace" | "strip" | "rstrip")):
            yield said
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*plain(body, scope, seen=seen), *plain(orelse, scope, seen=seen))
        case ast.BoolOp(values=values):
            yield from (part for value in values for part in plain(value, scope, seen=seen))
        case ast.Name(id=name) if name not in seen:
            for value in assigned(name, scope):
                yield from plain(value, scope, seen=seen | {name})


def assigned(name: str, scope: ast.AST) -> Iterator[ast.expr]:
    """What a function puts into a variable."""
    for node in ast.walk(scope) if isinstance(scope, ast.FunctionDef) else ():
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (node.value for target in targets if isinstance(target, ast.Name) and target.id == name)


@pytest.mark.slow
def test_what_people_read_is_no_plain_text() -> None:
    told = set()
    for path in FILES:
        place = path.relative_to(WORKER).as_posix()
        found = [part for said, scope in said_to_people(path) for part in plain(said, scope)]
        told |= {
            f"{place}:{one.lineno}: {ast.unparse(one)}" for one in found if (place, type(one).__name__) not in ALLOWED
        }
    assert told == set()


def test_commands_print_through_one_door() -> None:
    """`say` knows the terminal's language; `print` does not."""
    printing = {
        path.name
        for path in (WORKER / "cli.py", *(WORKER / "commands").glob("*.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and name_of(node) == "print"
    }
    assert printing == {"printing.py"}


def templates() -> Iterator[tuple[str, ast.Call]]:
    """Each call of the catalogue, with where it stands."""
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and name_of(node) in ("gettext", "ngettext") and path != MECHANISM:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def literals(call: ast.Call) -> list[str]:
    forms = call.args[:1] if name_of(call) == "gettext" else call.args[:2]
    return [form.value for form in forms if isinstance(form, ast.Constant) and isinstance(form.value, str)]


@pytest.mark.slow
def test_every_template_is_a_literal() -> None:
    assert [place for place, call in templates() if not literals(call)] == []


@pytest.mark.slow
def test_every_placeholder_of_a_template_has_a_value_and_no_format() -> None:
    for place, call in templates():
        given = {word.arg for word in call.keywords} | ({"count"} if name_of(call) == "ngettext" else set())
        for form in literals(call):
            fields = [(name, spec) for _, name, spec, _ in Formatter().parse(form) if name is not None]
            assert {name for name, _ in fields} <= given, f"{place}: {form}"
            assert not any(spec for _, spec in fields), f"{place}: format the number before: {form}"


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make messages` writes."""
    made = tmp_path_factory.mktemp("messages") / "made.pot"
    [recipe] = re.findall(r"^\t\$\(BIN\)/(pybabel extract .*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    words = [str(made) if word == str(POT.relative_to(ROOT)) else word for word in shlex.split(recipe)]
    words = [str(ROOT / word) if word in ("worker", "pyproject.toml") else word for word in words]
    CommandLineInterface().run(words)
    return made


@pytest.mark.slow
def test_babel_finds_every_template(extracted: Path) -> None:
    with extracted.open("rb") as file:
        known = {form for message in read_po(file) if message.id for form in _forms(message.id)}
    assert {form for _, call in templates() for form in literals(call)} <= known


def _forms(message_id: str | tuple[str, ...] | list[str]) -> list[str]:
    return [message_id] if isinstance(message_id, str) else [*message_id]


def test_the_catalogue_in_the_repository_is_current(extracted: Path) -> None:
    assert extracted.read_text("utf-8") == POT.read_text("utf-8"), "write it anew: make messages"
