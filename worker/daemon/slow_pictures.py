"""Slow pictures: which one takes so much longer than usual that a person should hear of it, once a job and cause.

Pure: knows what pictures of the kind took until now, and what was told.
"""

from __future__ import annotations

from typing import Literal

Cause = Literal["making", "files"]
"""The card took so long, or what comes between two pictures: files, the share, this computer."""

FACTOR = 3.0
"""Times the usual."""
LEAST_MORE_S = 5.0
"""Beyond the usual: on a fast card a moment's hiccup is three times it."""
OVER_FACTOR = 1.5
"""Times the usual at most, and it has passed: then another job may tell of it again."""


class SlowPictures:
    """What was told of one worker's pictures."""

    def __init__(self) -> None:
        """All are as fast as usual."""
        self._lasting: set[Cause] = set()
        self._told: set[Cause] = set()
        """Of the job in hand."""
        self._job = ""

    def is_news(self, job: str, cause: Cause, *, seconds: float, usual_s: float | None) -> bool:
        """Whether to tell of a picture.

        Args:
            job: whose it is, by an id.
            cause: of these seconds.
            seconds: that it took.
            usual_s: that pictures of its kind took until now; None where too few are known.
        """
        if job != self._job:
            self._job, self._told = job, set()
        if usual_s is None:
            return False
        if seconds <= OVER_FACTOR * usual_s:
            self._lasting.discard(cause)
        is_slow = seconds >= max(FACTOR * usual_s, usual_s + LEAST_MORE_S)
        is_news = is_slow and cause not in self._lasting and cause not in self._told
        if is_slow:
            self._lasting.add(cause)
            self._told.add(cause)
        return is_news
