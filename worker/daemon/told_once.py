"""What was told once: a trouble that stays the same needs one line in the log, not one for each try."""

from __future__ import annotations


class ToldOnce:
    """The reason that was told last, until it is over."""

    def __init__(self) -> None:
        self._reason: str | None = None

    def is_new(self, reason: str) -> bool:
        """Whether to tell it: there was none, or another one.

        Args:
            reason: as a person reads it.
        """
        is_new, self._reason = reason != self._reason, reason
        return is_new

    def is_over(self) -> bool:
        """Whether to tell that all is well again: something was told, and this is the first time that it is over."""
        was_told, self._reason = self._reason is not None, None
        return was_told
