"""A watch over a card that tells, second by second, what a test says of it: `card_ports.CardWatch` without a driver."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from worker.card_readings import CardProgram, CardReading, Timed

OURS = CardProgram(pid=1, name="python", used_percent=90, is_ours=True)
KEPT_S = 30


def used_by(*programs: tuple[int, str, int], **figures: object) -> CardReading:
    """Our own renderer and these: process, name, percent."""
    others = tuple(CardProgram(pid=pid, name=name, used_percent=percent) for pid, name, percent in programs)
    return CardReading(programs=(OURS, *others), **figures)  # type: ignore[arg-type]


FREE = used_by(temperature_c=60.0)


class ScriptedWatch:
    """Readings at each full second of a clock."""

    def __init__(self, now_s: Callable[[], float], *script: tuple[float, CardReading | None]) -> None:
        """Say when what is told begins.

        Args:
            now_s: the clock.
            script: from when on, and the reading; None while nothing comes.
        """
        self.now_s = now_s
        self.script = list(script)
        self.problem = ""
        self.follows: list[str | None] = []
        self.is_closed = False
        self._taken_s = -1.0

    def follow(self, uuid: str | None) -> None:
        self.follows.append(uuid)

    def _at(self, at_s: float) -> CardReading | None:
        return next((reading for from_s, reading in reversed(self.script) if from_s <= at_s), None)

    def recent(self) -> Sequence[Timed]:
        last = int(self.now_s())
        seconds = range(max(0, last - KEPT_S), last + 1)
        found = [(float(at_s), self._at(at_s)) for at_s in seconds]
        kept = [Timed(at_s=at_s, reading=reading) for at_s, reading in found if reading is not None]
        return kept if kept and kept[-1].at_s == last else ()

    def take_hottest_c(self) -> float | None:
        begin, self._taken_s = self._taken_s, self.now_s()
        seen = (self._at(at_s) for at_s in range(int(begin) + 1, int(self._taken_s) + 1))
        return max((one.temperature_c for one in seen if one is not None and one.temperature_c), default=None)

    def close(self) -> None:
        self.is_closed = True
