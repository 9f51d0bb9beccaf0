"""The break-even of compiling: from how much work on it pays.

Knows what compiling costs and saves on a card.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.translation import gettext

PICTURE = 1024 * 1024 * 8
"""Pixels times forwards of a usual picture: 1024x1024, 8 steps, no guidance."""
COLD = 60
"""Such pictures from which compiling pays: it costs 35 s once and saves 0.55 s each (measured, H100); on a slower card
it saves more."""
WARM = 20
"""Likewise where an earlier run's compiled code lies on the disk: it costs 4 to 10 s then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """Where compiling begins to pay.

    Who has lost as much time without compiling as compiling takes had better compile: that never costs more than twice
    what knowing the whole night ahead would.
    """

    pictures: int
    """From which on it pays."""

    def is_reached(self, pixel_steps: int) -> bool:
        """Compiling pays.

        Args:
            pixel_steps: all the work since the start, the job at hand included.
        """
        return pixel_steps >= self.pictures * PICTURE

    def why(self, pixel_steps: int) -> str:
        """For a person."""
        return gettext(
            "work of {done} pictures (1024x1024, 8 steps) since the start; compiling pays from {pictures}",
            done=pixel_steps // PICTURE,
            pictures=self.pictures,
        )
