"""Progress as people read it on a terminal: a bar, how long something took, and how long it may still take."""

from __future__ import annotations

from worker.translation import Text, gettext

BAR_CHARACTERS = 24
"""Between a bar's brackets, where there is room."""


def bar(done: int, total: int, *, characters: int = BAR_CHARACTERS) -> str:
    """`[######..................]`: in ASCII, as some terminals show line-drawing characters as wide.

    Args:
        done: of `total`.
        total: all; 0 gives an empty bar.
        characters: between the brackets.
    """
    filled = characters * min(done, total) // total if total > 0 else 0
    return f"[{'#' * filled}{'.' * (characters - filled)}]"


def rough_duration(seconds: float) -> Text:
    """`40 s`, `12 min`, `3 h 05 min`: as exact as a forecast deserves."""
    if seconds < 90:
        return gettext("{seconds} s", seconds=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return gettext("{minutes} min", minutes=minutes)
    return gettext("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02}")


def exact_duration(seconds: float) -> Text:
    """`24 s`, `5 min 12 s`, `3 h 05 min`: of what has passed.

    Args:
        seconds: at least 0.
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return gettext("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02}")
    if minutes:
        return gettext("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    return gettext("{seconds} s", seconds=rest)
