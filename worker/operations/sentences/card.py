"""Sentences for people about events of the card, and of pictures that take too long on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worker.operations.facts import Facts, seconds_of, word
from worker.progress_words import exact_duration
from worker.translation import gettext


def _slow(facts: Facts) -> str:
    took, usual = (exact_duration(seconds_of(facts, name)) for name in ("seconds", "usual_s"))
    job, file = word(facts, "job"), word(facts, "file")
    if facts.get("cause") == "files":
        return gettext(
            "{job}: beside {file} {duration} passed in which no picture was made, and one usually takes {usual} in all:"
            " look at the share, and at what else this computer does.", job=job, file=file, duration=took, usual=usual,
        )  # fmt: skip
    return gettext(
        "{job}: {file} took {duration}, and one usually takes {usual}: look at what else the card does, and how hot it"
        " is.", job=job, file=file, duration=took, usual=usual,
    )  # fmt: skip


def _hot(facts: Facts) -> str:
    return gettext(
        "The card has not cooled down for {duration}, although this worker makes nothing on it: it is at"
        " {temperature_c} °C, and `max_temperature_c` is {ceiling_c}.",
        duration=exact_duration(seconds_of(facts, "waited_s")),
        temperature_c=word(facts, "temperature_c"),
        ceiling_c=word(facts, "ceiling_c"),
    )


def _unread(facts: Facts) -> str:
    return gettext(
        "The card cannot be read ({reason}): `nice` and `max_temperature_c` have no effect here.",
        reason=word(facts, "reason"),
    )


CARD: Mapping[str, Callable[[Facts], str]] = {
    "card.hot": _hot,
    "card.unread": _unread,
    "picture.slow": _slow,
}
"""By event."""
