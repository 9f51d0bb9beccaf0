"""Sentences about notifications, and about an end that nobody could tell of then; `sentences` has all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worker.moments import day_and_hour, moment_of
from worker.operations.facts import Facts, number, word
from worker.translation import gettext, ngettext, sentences


def _unclean_stop(facts: Facts) -> str:
    moment = day_and_hour(moment_of(str(facts.get("heard_at", ""))))
    if facts.get("job"):
        told = gettext("It was last heard of {moment}, in work on {job}.", moment=moment, job=word(facts, "job"))
    else:
        told = gettext("It was last heard of {moment}.", moment=moment)
    ended = gettext("The former run of this worker ended without a word: it was killed, or the power went.")
    return sentences((ended, told, gettext("It goes on where it was.")))


def _unusable(facts: Facts) -> str:
    place, reason = word(facts, "place"), word(facts, "reason")
    return gettext("Nobody can be told this way ({place}): {reason}", place=place, reason=reason)


def _failed(facts: Facts) -> str:
    place, reason = word(facts, "place"), word(facts, "reason")
    return gettext("A message could not be sent ({place}): {reason} It is tried again.", place=place, reason=reason)


def _dropped(facts: Facts) -> str:
    return ngettext(
        "{count} message could not be sent ({place}) and is not tried again.",
        "{count} messages could not be sent ({place}) and are not tried again.",
        number(facts, "messages"),
        place=word(facts, "place"),
    )


NOTIFY: Mapping[str, Callable[[Facts], str | None]] = {
    "worker.unclean_stop": _unclean_stop,
    "notify.unusable": _unusable,
    "notify.failed": _failed,
    "notify.dropped": _dropped,
    "notify.sent": lambda _: None,
}
"""By event."""
