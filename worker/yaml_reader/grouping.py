"""Grouping of warnings: the same cause in 900 places is one warning with a count and three examples.

Knows when two warnings have one cause. Errors are never grouped: each of their places is to be mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from worker.problem import Problem
from worker.translation import Text, gettext

EXAMPLES = 3
"""How many places of a cause are named."""

_POSITION = re.compile(r"\[[0-9]+\]")

Cause = tuple[str, str, str, tuple[str, ...]]
"""Rule, file, kind of place, templates of the message."""


def grouped(warnings: Iterable[Problem]) -> list[Problem]:
    """One warning for each cause, where the first of its kind stood.

    Args:
        warnings: in the order of their files; each may stand for several places already.
    """
    found: dict[Cause, list[Problem]] = {}
    for warning in warnings:
        found.setdefault(_cause(warning), []).append(warning)
    return [_one(alike) for alike in found.values()]


def _cause(warning: Problem) -> Cause:
    kind = _POSITION.sub("[]", warning.where)
    return warning.rule, warning.file, kind, tuple(_templates(warning.message))


def _templates(message: object) -> Iterator[str]:
    """The templates of a text and of those that fill it; what fills them otherwise may differ from place to place."""
    if isinstance(message, Text):
        yield message.template
        for value in message.values.values():
            yield from _templates(value) if isinstance(value, Text) else ()
    else:
        yield str(message)


def _one(alike: Sequence[Problem]) -> Problem:
    if len(alike) == 1:
        return alike[0]
    examples = [example for warning in alike for example in _examples(warning)]
    return replace(
        alike[0], count=sum(warning.count for warning in alike), examples=tuple(dict.fromkeys(examples))[:EXAMPLES]
    )


def _examples(warning: Problem) -> Sequence[str]:
    if warning.examples:
        return warning.examples
    return (gettext("line {line}", line=warning.line),) if warning.line else (warning.where or warning.file,)
