"""What lies beside a job that could not be done: error.txt for a person, error.json for a program."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import indent

from worker.delivery.problem_entry import problem_entry
from worker.delivery.sidecar import json_bytes
from worker.manifest_records import NotDone
from worker.problem import Problem, errors_in, warnings_in
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

_CANCELLED = gettext(
    "Nothing is to be done. To have it made after all, drop the job into the inbox again; it lies in this folder,"
    " exactly as you dropped it. Or say `zimage-worker retry` and the name of this folder."
)


def error_text(
    name: str,
    problems: Sequence[Problem],
    *,
    reason: str,
    language: Language = "en",
    status: NotDone = "failed",
) -> bytes:
    """The bytes of error.txt; lines end in CR LF, for old Windows editors.

    Args:
        name: the job's.
        problems: each with its place; may be empty. Warnings have a section of their own after the errors.
        reason: one sentence.
        language: of the text.
        status: how the job ended.
    """
    say = partial(translated, language=language)
    is_cancelled = status == "cancelled"
    told = gettext("The job `{name}` was cancelled.", name=name)
    title = say(told if is_cancelled else gettext("The job `{name}` was not done.", name=name))
    parts = [f"{title}\n", _section(say(gettext("Why")), say(reason))]
    errors, warnings = errors_in(problems), warnings_in(problems)
    for heading, found in (
        (gettext("What is wrong ({count})", count=len(errors)), errors),
        (gettext("Warnings ({count})", count=len(warnings)), warnings),
    ):
        if found:
            listed = (_numbered(number, problem, language=language) for number, problem in enumerate(found, start=1))
            parts.append(_section(say(heading), "\n\n".join(listed)))
    parts.append(_section(say(gettext("What to do")), say(_CANCELLED if is_cancelled else _MEND if errors else _AGAIN)))
    text = "\n".join(parts)
    return "\r\n".join(text.splitlines()).encode() + b"\r\n"


def error_json(
    name: str,
    problems: Sequence[Problem],
    *,
    reason: str,
    language: Language = "en",
    status: NotDone = "failed",
    dropped_by: str | None = None,
) -> bytes:
    """The bytes of error.json; `line` and `column` are 1-based, 0 where a problem is of the whole file.

    Args:
        name: the job's.
        problems: each with its place; may be empty.
        reason: one sentence.
        language: of the sentences in it; keys and rules are the same in every language.
        status: how the job ended.
        dropped_by: who dropped it, where the file system tells.
    """
    return json_bytes(
        {
            "schema": SCHEMA,
            "name": name,
            "status": status,
            **({} if dropped_by is None else {"dropped_by": dropped_by}),
            "reason": reason,
            "problems": [problem_entry(error) for error in errors_in(problems)],
            "warnings": [problem_entry(warning) for warning in warnings_in(problems)],
        },
        language=language,
    )


def _section(heading: str, body: str) -> str:
    return f"{heading}\n{indent(body, '  ')}\n"


def _numbered(number: int, problem: Problem, *, language: Language) -> str:
    said = indent(translated(problem.said, language), "   ")
    return f"{number}. {translated(problem.place, language)}\n{said}"
