"""Sentences about a worker's hours: what fits into a window that begins, what was made in one that is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worker.moments import day_and_hour, moment_of
from worker.operations.facts import Facts, number, word
from worker.translation import Text, gettext, ngettext, sentences
from worker.window_outlook import WindowOutlook, what_fits


def _begun(facts: Facts) -> str:
    fit = facts.get("pictures_fit")
    outlook = WindowOutlook(
        is_on=True, begins_at="", ends_at="", then_at="", pictures=number(facts, "pictures_waiting"),
        fit=fit if isinstance(fit, int) else None,
    )  # fmt: skip
    ends, then = _moment(facts, "until"), _moment(facts, "then")
    begun = gettext("The hours have begun.")
    return sentences([begun, what_fits(outlook, ends=ends, then=then)]) if outlook.pictures else begun


def _ended(facts: Facts) -> str:
    made = number(facts, "made")
    told = ngettext(
        "The hours are over: {count} picture was made.", "The hours are over: {count} pictures were made.", made
    )
    left = number(facts, "left")
    return sentences([told, gettext("Left for later: {left}.", left=left)]) if left else told


def _awaited(facts: Facts) -> str:
    return gettext("Outside the hours: rendering begins at {time}.", time=_moment(facts, "begins"))


def _moment(facts: Facts, name: str) -> str:
    return day_and_hour(moment_of(str(word(facts, name))))


WINDOWS: Mapping[str, Text | Callable[[Facts], str | None]] = {
    "window.begun": _begun,
    "window.ended": _ended,
    "window.awaited": _awaited,
}
"""By event."""
