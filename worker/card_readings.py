"""Readings of a card: how hot it is, how busy, and whose programs are on it.

Knows plain values, and whether other programs use the card by several readings; who takes them stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

USED_PERCENT = 15
"""Of a second in which a program's kernels ran: a desktop with a browser stays below, a game or a render does not."""
BELOW_CEILING_C = 5
"""Under a ceiling for its temperature, before anybody goes on: one degree below it would be reached at once again."""
READINGS_TO_BEGIN = 2
"""In a row that show use, before anybody waits: a window that opens is no use."""
QUIET_S = 10.0
"""Without use, before the card counts as free: programs compute in bursts."""
TRAILS_S = 1.5
"""For so long a reading may still show what was computed before it (NVML's averages are of up to a second)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProgram:
    """A program that holds memory of the card or has computed on it."""

    pid: int
    name: str = ""
    """Of its executable; empty where the system does not tell."""
    memory_mib: float | None = None
    used_percent: int | None = None
    """Of the last second, 0 to 100; None where the driver does not tell."""
    is_ours: bool = False
    """A worker's rendering process, of this worker or another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReading:
    """What the driver said at one moment; None for what it does not tell of this card."""

    temperature_c: float | None = None
    slowdown_c: float | None = None
    """At which the card slows itself down."""
    used_percent: int | None = None
    """The card as a whole, by whomever, 0 to 100."""
    power_w: float | None = None
    programs: tuple[CardProgram, ...] = ()

    @property
    def tells_users(self) -> bool:
        """Whether use is told by program, and our own is among them: in a container numbers are another's."""
        return any(one.is_ours for one in self.programs) and any(one.used_percent is not None for one in self.programs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A reading and when it came."""

    at_s: float
    """Of the clock that all of them share."""
    reading: CardReading


def reading_of(told: Mapping[str, object]) -> CardReading:
    """A reading from what `dataclasses.asdict` made of one.

    Args:
        told: by field.

    Raises:
        TypeError: it is none.
    """
    programs = told.get("programs")
    listed = programs if isinstance(programs, list | tuple) else ()
    return CardReading(**{**told, "programs": tuple(CardProgram(**one) for one in listed)})  # type: ignore[arg-type]


def users(reading: CardReading) -> tuple[CardProgram, ...]:
    """Other programs that use the card, as far as the driver tells; the busiest first.

    Args:
        reading: of the card.
    """
    found = [one for one in reading.programs if not one.is_ours and (one.used_percent or 0) >= USED_PERCENT]
    return tuple(sorted(found, key=lambda one: (-(one.used_percent or 0), one.pid)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How others use the card."""

    is_used: bool
    programs: tuple[CardProgram, ...] = ()
    """Who; none where the driver does not tell."""


def use_by_others(
    readings: Sequence[Timed], *, now_s: float, is_waiting: bool, idle_since_s: float | None
) -> Use | None:
    """Whether other programs use the card; None where these readings do not tell.

    Args:
        readings: the newest last.
        now_s: of their clock.
        is_waiting: somebody waits already: use in any reading of the last `QUIET_S` counts; else it takes two in a row.
        idle_since_s: since when our own renderer has made nothing; None while it may be making something. Where the
            driver does not say who uses the card, only readings that show nothing of ours tell.
    """
    told = [one.reading.tells_users for one in readings[-1:]]
    if told != [True]:
        own_end_s = None if idle_since_s is None else idle_since_s + TRAILS_S
        readings = [one for one in readings if own_end_s is not None and one.at_s >= own_end_s]
    seen = [(one.at_s, _use(one.reading)) for one in readings]
    known = [(at_s, use) for at_s, use in seen if use is not None]
    if is_waiting:
        busy = [use for at_s, use in known if use.is_used and now_s - at_s <= QUIET_S]
        if busy or (known and now_s - known[0][0] >= QUIET_S):
            return busy[-1] if busy else Use(is_used=False)
        return None
    last = [use for _, use in known[-READINGS_TO_BEGIN:]]
    if len(last) < READINGS_TO_BEGIN:
        return None
    return last[-1] if all(use.is_used for use in last) else Use(is_used=False)


def _use(reading: CardReading) -> Use | None:
    if reading.tells_users:
        who = users(reading)
        return Use(is_used=bool(who), programs=who)
    return None if reading.used_percent is None else Use(is_used=reading.used_percent >= USED_PERCENT)
