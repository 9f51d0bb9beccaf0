"""Jinja2 filters of the pages: numbers, durations, moments and references, as people read them."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from worker.progress_words import exact_duration, rough_duration
from worker.records import Try
from worker.translation import Text, gettext, printable
from worker.try_words import OUTCOME_WORDS, rung_words

LONGEST = 300
"""Characters of a name or a reason on a page of many."""


def link(file: str) -> str:
    """A relative reference to a file beside the page; `./` keeps a colon in it from looking like a scheme.

    A byte of the name that is no UTF-8 stays that byte.
    """
    return f"./{quote(file.encode(errors='surrogateescape'))}"


def name(file: str) -> str:
    """The same behind the reference of a folder."""
    return quote(file)


def shown(text: str) -> str:
    """A name or a reason that anybody may have written, on one line and not without end."""
    if isinstance(text, Text):
        return text
    line = printable(text[: LONGEST + 1])
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def number(count: int) -> str:
    """`12,345`."""
    return f"{count:,}"


def moment(iso: str) -> Text:
    """A time to the minute; the record's times are UTC."""
    return gettext("{time} UTC", time=datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M"))


def duration(seconds: float) -> Text:
    """`0.6 s`, `48 s`, `12 min 5 s`, `7 h 05 min`."""
    if seconds < 10:
        return gettext("{seconds} s", seconds=format(seconds, ".1f"))
    return exact_duration(seconds)


def rough(seconds: float) -> Text:
    """Of a forecast, as `rough_duration`."""
    return rough_duration(seconds)


def summary(one_try: Try) -> Text:
    """`first: black, 0.6 s`."""
    return gettext(
        "{rung}: {outcome}, {duration}",
        rung=rung_words(one_try.rung),
        outcome=OUTCOME_WORDS[one_try.outcome],
        duration=duration(one_try.seconds),
    )
