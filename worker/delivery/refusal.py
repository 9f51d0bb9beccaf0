"""What lies beside a job that could not be done: error.txt for a person, error.json for a program.

Knows problems and how to word them.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent

from worker.delivery.sidecar import json_bytes
from worker.problem import Problem

SCHEMA = 1

_MEND = """\
What to do
  Mend the job and drop it into the inbox again: under the same name or another one.
  Your job lies in this folder, exactly as you dropped it; nothing of it was changed.
"""

_AGAIN = """\
What to do
  Drop the job into the inbox again to try once more; it lies in this folder, exactly as you dropped it.
  If it fails for the same reason again, show this file to the person who runs the worker.
"""


def error_text(name: str, problems: Sequence[Problem], *, reason: str) -> bytes:
    """The bytes of error.txt; lines end in CR LF, for old Windows editors.

    Args:
        name: the job's.
        problems: each with its place; may be empty.
        reason: one sentence.
    """
    parts = [f"The job `{name}` was not done.\n", f"Why\n{indent(reason, '  ')}\n"]
    if problems:
        listed = "\n".join(_numbered(number, problem) for number, problem in enumerate(problems, start=1))
        parts.append(f"What is wrong ({len(problems)})\n{listed}")
    parts.append(_MEND if problems else _AGAIN)
    text = "\n".join(parts)
    return "\r\n".join(text.splitlines()).encode() + b"\r\n"


def error_json(name: str, problems: Sequence[Problem], *, reason: str) -> bytes:
    """The bytes of error.json; `line` and `column` are 1-based, 0 where a problem is of the whole file."""
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
    return json_bytes({"schema": SCHEMA, "name": name, "reason": reason, "problems": listed})


def _numbered(number: int, problem: Problem) -> str:
    place = problem.file
    if problem.line:
        place += f", line {problem.line}, column {problem.column}"
    if problem.where:
        place += f", at {problem.where}"
    return f"  {number}. {place}\n{indent(problem.message, '     ')}\n"
