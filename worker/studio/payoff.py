"""Whether compiling pays: a pure decision over the work that has come since the start.

Knows what compiling costs and what it saves. Must not know torch, or how anything is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

PICTURE = 1024 * 1024 * 8
"""Pixels times forwards of a usual picture: 1024x1024, 8 steps, no guidance."""
COLD = 60
"""Such pictures from which compiling pays: it costs 35 s once and saves 0.55 s each (measured, H100); on a slower card
it saves more."""
WARM = 20
"""Likewise where an earlier run's compiled code lies on the disk: it costs 4 to 10 s then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payoff:
    """The work until now.

    Who has lost as much time without compiling as compiling takes had better compile: that never costs more than twice
    what knowing the whole night ahead would. And once compiled, every later job has it for nothing.
    """

    pictures: int
    """From which on it pays."""
    pixel_steps: int = 0
    """Of all jobs since the start, the one at hand included."""

    def with_job(self, pixel_steps: int) -> Payoff:
        """After one more job."""
        return replace(self, pixel_steps=self.pixel_steps + pixel_steps)

    @property
    def is_reached(self) -> bool:
        """Compiling pays."""
        return self.pixel_steps >= self.pictures * PICTURE

    def __str__(self) -> str:
        """For a person."""
        return (
            f"work of {self.pixel_steps / PICTURE:.0f} pictures (1024x1024, 8 steps) since the start; "
            f"compiling pays from {self.pictures}"
        )
