"""Jobs that are set aside: until when, and how often each has raised what nobody foresaw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

AGAIN_S = 600.0
"""Seconds before what was set aside is tried again."""
MOST = 3
"""How often a job may raise what nobody foresaw before it is refused; one whose files fail is tried for ever."""


class SetAside:
    """What rests, by job id; by fingerprint while it still waits in the inbox."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Keep the clock.

        Args:
            monotonic: seconds.
        """
        self._monotonic = monotonic
        self._until_s: dict[str, float] = {}
        self._surprises: Counter[str] = Counter()

    def add(self, key: str, *, is_unforeseen: bool = True) -> bool:
        """Let it rest.

        Args:
            key: of the job.
            is_unforeseen: whether it raised what nobody foresaw; an error of its files may pass.

        Returns:
            Whether it has done so too often to be tried again.
        """
        self._until_s[key] = self._monotonic() + AGAIN_S
        self._surprises[key] += is_unforeseen
        return self._surprises[key] >= MOST

    def __contains__(self, key: str) -> bool:
        """Whether it rests now."""
        if key in self._until_s and self._monotonic() >= self._until_s[key]:
            del self._until_s[key]
        return key in self._until_s
