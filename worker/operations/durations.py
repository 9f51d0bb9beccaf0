"""Durations as people say them: exact ones of what is over, rough ones of what is to come."""

from __future__ import annotations

from worker.translation import Text, gettext


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
