"""Manners towards a card: when a worker waits as other programs use it, or as it is too hot.

Knows the two settings and what readings of the card say; who waits, and where, stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from worker.card_ports import CardWatch
from worker.card_readings import BELOW_CEILING_C, CardProgram, Timed, Use, use_by_others
from worker.identity import RendererInfo
from worker.translation import Text, enumerated, gettext

log = structlog.get_logger()

STUCK_S = 900.0
"""Without a lower temperature while nothing is made: then waiting alone does not help."""
LOOK_EVERY_S = 60.0
"""Where the driver does not say who uses the card: between two looks, for which our own work stands still."""
LOOK_S = 6.0
"""Of such a look at most."""
TOLD_EVERY_S = 600.0
"""Least time between two versions of why it waits: a degree, or a program more or less, is no news."""
NAMED = 3


@dataclass(slots=True, kw_only=True)
class Heat:
    """Whether a card is too hot: from the ceiling on, until it is some degrees below."""

    ceiling_c: int
    is_waiting: bool = False
    is_stuck: bool = False
    """It does not cool down although nothing is made on it."""
    _coolest: tuple[float, float] = (0.0, 0.0)
    """Of this wait: the lowest temperature, and since when."""

    def is_too_hot(self, readings: Sequence[Timed]) -> bool:
        """Whether no picture is to be begun now.

        Args:
            readings: of the card, the newest last.
        """
        now_c = readings[-1].reading.temperature_c
        return now_c is not None and now_c >= self.ceiling_c - (BELOW_CEILING_C - 1 if self.is_waiting else 0)

    def why(self, readings: Sequence[Timed]) -> Text | None:
        """Why to wait, for a person; None to go on.

        Args:
            readings: likewise, while nothing is made.
        """
        was_waiting, self.is_waiting = self.is_waiting, self.is_too_hot(readings)
        if not self.is_waiting:
            self.is_stuck = False
            return None
        now_c, at_s = readings[-1].reading.temperature_c or 0.0, readings[-1].at_s
        if not was_waiting or now_c < self._coolest[0]:
            self._coolest = now_c, at_s
        was_stuck, self.is_stuck = self.is_stuck, at_s - self._coolest[1] >= STUCK_S
        shown_c, on_c = round(now_c), self.ceiling_c - BELOW_CEILING_C
        if not self.is_stuck:
            return gettext(
                "The card is too hot: {now_c} °C, and `max_temperature_c` is {ceiling_c}. It goes on by itself at"
                " {on_c} °C.", now_c=shown_c, ceiling_c=self.ceiling_c, on_c=on_c,
            )  # fmt: skip
        if not was_stuck:
            log.warning("card.hot", temperature_c=now_c, ceiling_c=self.ceiling_c, waited_s=round(STUCK_S))
        return gettext(
            "The card stays at {now_c} °C although this worker makes nothing on it, and `max_temperature_c` is"
            " {ceiling_c}: look whether its fans turn and who else uses it; if the room is warm or the reading is"
            " wrong, set `max_temperature_c` higher. It goes on by itself at {on_c} °C.",
            now_c=shown_c, ceiling_c=self.ceiling_c, on_c=on_c,
        )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """Whether other programs use a card: some readings in a row that show it, until for some time none does."""

    is_waiting: bool = False
    idle_since_s: float | None = None
    """Since when this worker makes nothing; None while it may."""
    _looked_s: float = field(default=float("-inf"))

    def use(self, readings: Sequence[Timed], *, now_s: float) -> Use | None:
        """Whether they use it now; None where that is not known.

        Args:
            readings: of the card, the newest last.
            now_s: of their clock.
        """
        return use_by_others(readings, now_s=now_s, is_waiting=self.is_waiting, idle_since_s=self.idle_since_s)

    def must_look(self, readings: Sequence[Timed], *, now_s: float) -> bool:
        """Whether to stand still for a look: where the driver does not say who, only then a reading tells.

        Args:
            readings: likewise.
            now_s: likewise.
        """
        newest = readings[-1].reading
        is_blind = not newest.tells_users and newest.used_percent is not None
        return is_blind and now_s - self._looked_s >= LOOK_EVERY_S

    def why(self, readings: Sequence[Timed], *, now_s: float) -> Text | None:
        """Why to wait, for a person; None to go on.

        Args:
            readings: likewise, while nothing is made.
            now_s: likewise.
        """
        if self.idle_since_s is None:
            self.idle_since_s = now_s
        use = self.use(readings, now_s=now_s)
        if use is not None:
            self.is_waiting, self._looked_s = use.is_used, now_s
        if self.is_waiting:
            return _used_text(use.programs if use is not None else ())
        if use is None and self.must_look(readings, now_s=now_s) and now_s - self.idle_since_s < LOOK_S:
            return gettext("Looking for some seconds whether other programs use the card.")
        self._looked_s = now_s
        return None


class CardManners:
    """Of one worker towards its card."""

    def __init__(self, watch: CardWatch, *, nice: bool, ceiling_c: int | None) -> None:
        """Nothing is read yet.

        Args:
            watch: gives readings of the card.
            nice: whether to wait while other programs use it.
            ceiling_c: at which no picture is begun, in °C; None for no such.
        """
        self._watch = watch
        self._neighbours: Neighbours | None = None
        self._heat: Heat | None = None
        self.take(nice=nice, ceiling_c=ceiling_c)
        self._told: tuple[object, Text, float] | None = None
        """Kind of reason, what people read while it waits, and since when."""
        self._was_unread = False

    def take(self, *, nice: bool, ceiling_c: int | None) -> None:
        """From now on by these; what is being waited for goes on where it still counts.

        Args:
            nice: as at the beginning.
            ceiling_c: likewise.
        """
        self._neighbours = (self._neighbours or Neighbours()) if nice else None
        if ceiling_c != (self._heat and self._heat.ceiling_c):
            self._heat = Heat(ceiling_c=ceiling_c) if ceiling_c is not None else None

    def follow(self, info: RendererInfo) -> None:
        """Read the card of this renderer; where it cannot be read and should be, that is told once.

        Args:
            info: of the renderer, as it was started.
        """
        self._watch.follow(info.card_uuid)
        if info.device and info.card_uuid is None:
            self._tell_unread(gettext("{device} is no card of NVIDIA", device=info.device))

    def take_hottest_c(self) -> float | None:
        """The highest temperature since this was last asked, in °C."""
        return self._watch.take_hottest_c()

    def calls(self) -> bool:
        """Whether to begin no other picture: others use the card, it is too hot, or it is time for a look.

        To be asked between pictures; the renderer may be at the next ones.
        """
        readings, now_s = self._readings(), self._watch.now_s()
        if not readings:
            return False
        if self._heat is not None and self._heat.is_too_hot(readings):
            return True
        near = self._neighbours
        if near is None:
            return False
        near.idle_since_s = None
        use = near.use(readings, now_s=now_s)
        return use.is_used if use is not None else near.must_look(readings, now_s=now_s)

    def why(self) -> Text | None:
        """Why to wait now, for a person; None to go on. To be asked again and again while nothing is being made."""
        readings, now_s = self._readings(), self._watch.now_s()
        why = self._why(readings, now_s) if readings else None
        if why is None:
            self._told = None
            if not readings:
                self._forget()
            return None
        kind = why.template
        if self._told is None or self._told[0] != kind or now_s - self._told[2] >= TOLD_EVERY_S:
            self._told = kind, why, now_s
        return self._told[1]

    def _why(self, readings: Sequence[Timed], now_s: float) -> Text | None:
        hot = self._heat.why(readings) if self._heat is not None else None
        used = self._neighbours.why(readings, now_s=now_s) if self._neighbours is not None else None
        return hot or used

    def _forget(self) -> None:
        """What cannot be read holds nobody up."""
        if self._heat is not None:
            self._heat.is_waiting = False
        if self._neighbours is not None:
            self._neighbours.is_waiting = False

    def _readings(self) -> Sequence[Timed]:
        if self._heat is None and self._neighbours is None:
            return ()
        readings = self._watch.recent()
        if not readings and self._watch.problem:
            self._tell_unread(self._watch.problem)
        return readings

    def _tell_unread(self, reason: str) -> None:
        if not self._was_unread and (self._heat is not None or self._neighbours is not None):
            self._was_unread = True
            log.warning("card.unread", reason=reason)


def _used_text(programs: Sequence[CardProgram]) -> Text:
    """Who, and when it goes on."""
    named = [
        gettext("{program} (process {pid})", program=one.name, pid=one.pid)
        if one.name
        else gettext("process {pid}", pid=one.pid)
        for one in programs[:NAMED]
    ]
    if not named:
        return gettext("Other programs use the card. It goes on by itself once they have not for 10 s.")
    return gettext(
        "Other programs use the card: {programs}. It goes on by itself once they have not for 10 s.",
        programs=enumerated(named),
    )
