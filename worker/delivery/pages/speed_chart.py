"""A small chart of seconds a picture, night by night: bars as coordinates, which a template draws as SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from worker.report_records import Speed

WIDTH, HEIGHT = 290, 56
"""Of the drawing, in its own units."""
NIGHTS = 29
"""Four weeks and the night itself."""
BAR = 7.0
LEAST = 1.5
"""Height of a bar that is not nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One night."""

    x: float
    y: float
    height: float
    night: date
    seconds: float
    is_now: bool
    """Whether it is the night that is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All of it."""

    bars: Sequence[Bar]
    before_y: float
    """Of the line at the median of the nights before."""
    width: int = WIDTH
    height: int = HEIGHT
    bar: float = BAR


def chart_of(speed: Speed, *, night: date | None) -> Chart | None:
    """Draw the nights of a kind of pictures; None where there is nothing to compare with.

    Args:
        speed: with its former nights.
        night: that is reported; None for another span of time.
    """
    if night is None or not speed.former or speed.before_s is None:
        return None
    told = [(one.night, one.median_s) for one in speed.former] + [(night, speed.median_s)]
    highest = max(seconds for _, seconds in told) or 1.0
    first = night - timedelta(days=NIGHTS - 1)

    def top(seconds: float) -> float:
        return round(HEIGHT - max(LEAST, seconds / highest * HEIGHT), 2)

    bars = [
        Bar(
            x=round((when - first).days * WIDTH / NIGHTS, 2),
            y=top(seconds),
            height=round(HEIGHT - top(seconds), 2),
            night=when,
            seconds=seconds,
            is_now=when == night,
        )
        for when, seconds in told
        if first <= when <= night
    ]
    return Chart(bars=bars, before_y=top(speed.before_s))
