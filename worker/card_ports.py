"""What the daemon needs to know of the renderer's card, as a narrow protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from worker.card_readings import Timed


class CardWatch(Protocol):
    """Readings of the card on which the renderer is. Nothing here raises or waits, whatever the driver does."""

    problem: str
    """Why there are none, in the driver's words; empty for nothing."""

    def follow(self, uuid: str | None) -> None:
        """Read that card from now on; None for a device that is no NVIDIA card. Idempotent.

        Args:
            uuid: as the renderer tells it.
        """

    def recent(self) -> Sequence[Timed]:
        """Readings of the last half minute, the newest last; none where the newest is not of now."""

    def now_s(self) -> float:
        """The clock of the readings, in seconds."""

    def take_hottest_c(self) -> float | None:
        """The highest temperature since this was last asked, in °C; None where none was read."""

    def close(self) -> None:
        """Read no more; idempotent."""
