"""Jobs that are set aside: until when, and how often each was for its own trouble."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

AGAIN_S = 600.0
"""Seconds before what was set aside is tried again."""
MOST = 3
"""How often a job may be set aside for its own trouble before it is refused."""


class SetAside:
    """What rests, by job id; by fingerprint while it still waits in the inbox."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Keep the clock.

        Args:
            monotonic: seconds.
        """
        self._monotonic = monotonic
        self._until_s: dict[str, float] = {}
        self._troubles: Counter[str] = Counter()

    def add(self, key: str, *, is_its_own: bool = True) -> bool:
        """Let it rest.

        Args:
            key: of the job.
            is_its_own: whether the trouble is the job's, and not the share's or this machine's.

        Returns:
            Whether it has now been set aside for its own trouble too often to be tried again.
        """
        self._until_s[key] = self._monotonic() + AGAIN_S
        self._troubles[key] += is_its_own
        return self._troubles[key] >= MOST

    def __contains__(self, key: str) -> bool:
        """Whether it rests now."""
        if key in self._until_s and self._monotonic() >= self._until_s[key]:
            del self._until_s[key]
        return key in self._until_s
