"""Grouping of problems: the same cause in 900 places is one warning with a count and three examples.

Knows when two problems have one cause. Errors are grouped where they are many: each place of a few is to be mended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from worker.problem import EXAMPLES, Problem
from worker.translation import Text, gettext

_POSITION = re.compile(r"\[[0-9]+\]|(?<= )\([A-Z]+[0-9]+\)$")
"""Of a list's entry or a cell, in the name of a place."""

MOST_SAID = 5
"""How many problems of one rule, kind of place and wording are told apart by the words that differ: `--ar`, `--no`."""

Cause = tuple[str, str, str, tuple[str, ...]]
"""Rule, file, kind of place, and what is said."""


def grouped(warnings: Iterable[Problem]) -> list[Problem]:
    """One warning for each cause, where the first of its kind stood.

    Those that say the same are one. Those that say the same but for a word or a cell are one where they are many.

    Args:
        warnings: in the order of their files; each may stand for several places already.
    """
    return grouped_if_many(_by(warnings, lambda one: _cause(one, (str(one.message), str(one.remedy)))))


def grouped_if_many(problems: Iterable[Problem]) -> list[Problem]:
    """One problem for those that say the same but for a word or a cell, where they are more than MOST_SAID.

    Args:
        problems: errors only, or warnings only.
    """
    return _by(
        problems, lambda one: _cause(one, (*_templates(one.message), *_templates(one.remedy))), least=MOST_SAID + 1
    )


def _by(warnings: Iterable[Problem], cause: Callable[[Problem], Cause], *, least: int = 2) -> list[Problem]:
    """Warnings of which at least so many have one cause become one, in the place of the first."""
    found: dict[Cause, list[Problem]] = {}
    for warning in (given := [*warnings]):
        found.setdefault(cause(warning), []).append(warning)
    made: list[Problem] = []
    for warning in given:
        alike = found.get(cause(warning), [])
        if len(alike) >= least:
            made.append(_one(found.pop(cause(warning))))
        elif alike:
            made.append(warning)
    return made


def _cause(warning: Problem, said: tuple[str, ...]) -> Cause:
    return warning.rule, warning.file, _POSITION.sub("[]", warning.where), said


def _templates(message: object) -> Iterator[str]:
    """The templates of a text and of those that fill it; what fills them otherwise may differ from place to place."""
    if isinstance(message, Text):
        yield message.template
        for value in message.values.values():
            yield from _templates(value) if isinstance(value, Text) else ()
    else:
        yield str(message)


def _one(alike: Sequence[Problem]) -> Problem:
    examples = [example for warning in alike for example in _examples(warning)]
    return replace(
        alike[0], count=sum(warning.count for warning in alike), examples=tuple(dict.fromkeys(examples))[:EXAMPLES]
    )


def _examples(warning: Problem) -> Sequence[str]:
    if warning.examples:
        return warning.examples
    return (gettext("line {line}", line=warning.line),) if warning.line else (warning.where or warning.file,)
