"""What lies beside a job that could not be done: error.txt for a person, error.json for a program."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import indent

from worker.delivery.sidecar import json_bytes
from worker.problem import Problem
from worker.translation import Language, gettext, translated

SCHEMA = 1

_MEND = gettext(
    "Mend the job and drop it into the inbox again: under the same name or another one.\n"
    "Your job lies in this folder, exactly as you dropped it; nothing of it was changed."
)

_AGAIN = gettext(
    "Drop the job into the inbox again to try once more; it lies in this folder, exactly as you dropped it.\n"
    "If it fails for the same reason again, show this file to the person who runs the worker."
)


def error_text(name: str, problems: Sequence[Problem], *, reason: str, language: Language = "en") -> bytes:
    """The bytes of error.txt; lines end in CR LF, for old Windows editors.

    Args:
        name: the job's.
        problems: each with its place; may be empty.
        reason: one sentence.
        language: of the text.
    """
    say = partial(translated, language=language)
    title = say(gettext("The job `{name}` was not done.", name=name))
    parts = [f"{title}\n", _section(say(gettext("Why")), say(reason))]
    if problems:
        heading = say(gettext("What is wrong ({count})", count=len(problems)))
        listed = (_numbered(number, problem, language=language) for number, problem in enumerate(problems, start=1))
        parts.append(_section(heading, "\n\n".join(listed)))
    parts.append(_section(say(gettext("What to do")), say(_MEND if problems else _AGAIN)))
    text = "\n".join(parts)
    return "\r\n".join(text.splitlines()).encode() + b"\r\n"


def error_json(name: str, problems: Sequence[Problem], *, reason: str, language: Language = "en") -> bytes:
    """The bytes of error.json; `line` and `column` are 1-based, 0 where a problem is of the whole file.

    Args:
        name: the job's.
        problems: each with its place; may be empty.
        reason: one sentence.
        language: of the sentences in it; keys and rules are the same in every language.
    """
    listed = [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "where": problem.where,
            "message": problem.message,
        }
        for problem in problems
    ]
    return json_bytes({"schema": SCHEMA, "name": name, "reason": reason, "problems": listed}, language=language)


def _section(heading: str, body: str) -> str:
    return f"{heading}\n{indent(body, '  ')}\n"


def _numbered(number: int, problem: Problem, *, language: Language) -> str:
    place = problem.file
    if problem.line:
        place = gettext("{file}, line {line}, column {column}", file=place, line=problem.line, column=problem.column)
    if problem.where:
        place = gettext("{place}, at {where}", place=place, where=problem.where)
    message = translated(problem.message, language)
    return f"{number}. {translated(place, language)}\n{indent(message, '   ')}"
