"""The watch over a silent child: how long it has said nothing, and whether that is too long.

Knows one wait for one answer.
"""

from __future__ import annotations

from worker.studio.process.silence import Allowed
from worker.studio.process.spawn import Child

AWAKE_S = 2.0
"""A look takes a second; where more went by, this process did not run either: the machine or its container stood."""


class Watch:
    """Counts the silence before one answer."""

    def __init__(self, child: Child, allowed: Allowed, *, amid_s: float) -> None:
        """Begin to count.

        Args:
            child: that is listened to.
            allowed: how long it may be silent.
            amid_s: how long in the middle of a message.
        """
        self._child = child
        self._allowed = allowed
        self._amid_s = amid_s
        self._moved = child.moved
        self._signs = child.vital_signs()
        self._silent_s = self._idle_s = 0.0

    def went_by(self, seconds: float) -> None:
        """No answer came for another moment.

        Args:
            seconds: since this watch began, or since this was last called.

        Raises:
            RendererDied: that was too long: the child hung, and was killed.
        """
        self._silent_s += min(seconds, AWAKE_S)
        self._idle_s += min(seconds, AWAKE_S)
        if self._child.moved != self._moved:
            self._moved, self._silent_s, self._idle_s = self._child.moved, 0.0, 0.0
        if self._silent_s >= self._allowed.silent_s:
            raise self._child.hung(self._silent_s)
        if self._child.is_amid_message and self._silent_s >= self._amid_s:
            raise self._child.hung(self._silent_s)
        if self._allowed.idle_s is not None:
            self._look_for_life(self._allowed.idle_s)

    def _look_for_life(self, most_s: float) -> None:
        signs = self._child.vital_signs()
        if signs.shows_life_since(self._signs):
            self._signs, self._idle_s = signs, 0.0
        elif self._idle_s >= most_s:
            raise self._child.hung(self._idle_s)
