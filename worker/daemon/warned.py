"""Warned jobs: what people are told of a job that is to be rendered although something in it may not be meant.

The same before and while it is rendered, so that its receipt is written once.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.problem import Problem
from worker.spool_ports import WARNING_MARK
from worker.translation import Text, gettext, joined, ngettext


def warned(warnings: Sequence[Problem]) -> Text | None:
    """What stands in the receipt of a job that waits or is being rendered; None without a warning.

    Args:
        warnings: of the job, one for each cause.
    """
    if not warnings:
        return None
    title = ngettext(
        "it waits for its turn, or is being rendered as it is written. There is {count} warning: mend the job if it is"
        " not meant so; else there is nothing to do.",
        "it waits for its turn, or is being rendered as it is written. There are {count} warnings: mend the job if it"
        " is not meant so; else there is nothing to do.",
        len(warnings),
    )
    return _listed(title, warnings, mark=WARNING_MARK)


def with_warnings(why: Text, warnings: Sequence[Problem]) -> Text:
    """Why a job will be refused, with the warnings beside it.

    Args:
        why: its errors.
        warnings: of the same job; may be none.
    """
    return _listed(why, warnings, mark="- ") if warnings else why


def _listed(title: Text, warnings: Sequence[Problem], *, mark: str) -> Text:
    said = (gettext("{place}: {message}", place=one.place, message=one.said) for one in warnings)
    lines = joined(said, f"\n{mark}")
    return gettext("{title}\n{mark}{lines}", title=title, mark=mark, lines=lines)
