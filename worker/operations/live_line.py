"""The live line at the bottom of a terminal: what a worker is doing now, never wider than the terminal.

Knows columns and words; `terminal` draws it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from worker.line_width import cut, most_columns
from worker.progress_words import bar, exact_duration, rough_duration
from worker.translation import Language, gettext, ngettext, printable, translated

LEAST_NAME = 8
"""Columns of a job's name that stay, where there is room for them at all."""
WIDE_BAR, NARROW_BAR = 24, 10
"""Characters of the bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a worker is doing."""

    state: str = ""
    """One word of its record; empty before it has any."""
    job: str = ""
    done: int = 0
    """Pictures of the job that are settled."""
    total: int = 0
    step: int = 0
    steps: int = 0
    left_s: float | None = None
    """Of the job; None where that is not known."""
    queue: int = 0
    """Jobs to come."""
    words: str = ""
    """What else is to be said: why it waits, or what it is loading."""
    for_s: float = 0.0
    """How long it has been in this state."""


def live_line(view: View, *, width: int, inbox: str = "", language: Language = "en") -> str:
    """One line of at most so many columns, the most important first; empty where nothing is to be said.

    Args:
        view: of now.
        width: in columns.
        inbox: its path.
        language: of the words.
    """
    if view.state == "rendering":
        lines = list(_rendering(view, language, name=cut(printable(view.job), max(LEAST_NAME, width // 3))))
        fitting = (line for line in lines if most_columns(line) <= width)
        return next(fitting, cut(lines[-1], width))
    return cut(" ".join(translated(_other(view, inbox), language).split()), width)


def _rendering(view: View, language: Language, *, name: str) -> Iterator[str]:
    """From the fullest to the shortest."""
    count = f"{view.done}/{view.total}"
    step = gettext("step {step}/{steps}", step=view.step, steps=view.steps) if view.steps else ""
    left = gettext("about {duration} left", duration=rough_duration(view.left_s)) if view.left_s is not None else ""
    queue = ngettext("{count} job waits", "{count} jobs wait", view.queue) if view.queue else ""
    wide, narrow = (bar(view.done, view.total, characters=size) for size in (WIDE_BAR, NARROW_BAR))
    for parts in (
        (name, wide, count, step, left, queue),
        (name, narrow, count, step, left, queue),
        (name, wide, count, left, queue),
        (name, narrow, count, left, queue),
        (name, narrow, count, left),
        (name, count, left),
        (name, narrow, count),
        (name, count),
        (count,),
    ):
        yield "  ".join(translated(part, language) for part in parts if part)


def _other(view: View, inbox: str) -> str:
    match view.state:
        case "starting":
            words = view.words or gettext("Starting ...")
            return gettext("{words} {duration}", words=words, duration=exact_duration(view.for_s))
        case "paused":
            return gettext("Paused: {reason}", reason=view.words)
        case "idle" if view.queue:
            return ngettext("{count} job waits in {inbox}", "{count} jobs wait in {inbox}", view.queue, inbox=inbox)
        case "idle":
            return gettext("Waiting for jobs in {inbox}", inbox=inbox)
        case _:
            return ""
