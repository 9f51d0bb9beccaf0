"""The desk: alerts are gathered here until they are sent, so that there is never a flood of messages.

Pure decisions over seconds that are handed in. What is urgent goes at once, the rest in one message after a while;
what comes again of the same waits longer each time; and no hour has more messages than it may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from worker.alert_kinds import KINDS, Kind

SOON_S = 3.0
"""What is urgent waits so long for what comes with it."""
QUIET_S = 60.0
"""After so long without another alert, what was gathered is told."""
HOUR_S = 3_600.0
AGAIN_S = (HOUR_S, 4 * HOUR_S, 12 * HOUR_S)
"""What comes again of the same is told no earlier than so long after the first, the second, and any later time."""
FORGOTTEN_S = 24 * HOUR_S
"""What has not come again for so long is new."""
MOST_LINES = 30
"""Of one message; of more alerts there is only the count."""
NIGHT: Kind = "night_done"
MOST_KEYS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to tell."""

    kind: Kind
    text: str
    """A sentence in its reader's language."""
    is_urgent: bool = False
    is_over: bool = False
    """It tells that such a trouble is over."""
    key: str = ""
    """What is of the same key is the same again; empty, or beginning with #, for what cannot come again."""


@dataclass(slots=True, kw_only=True)
class Line:
    """One alert, or the same one several times."""

    kind: Kind
    text: str
    count: int = 1
    is_over: bool = False
    due_s: float | None = None
    """None: whenever the others are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one message tells."""

    lines: tuple[Line, ...]
    """The gravest first."""
    counts: Mapping[Kind, int]
    """How often each kind was told of, those without a line among them; in the order of `KINDS`."""
    overs: int = 0
    """Troubles of which it tells that they are over: they are not among the counts."""


@dataclass(slots=True)
class Desk:
    """What is to be told, and what was told when."""

    wanted: Collection[Kind] = KINDS
    batch_s: float = 600.0
    most_an_hour: int = 12
    sent_s: list[float] = field(default_factory=list)
    """When messages of the last hour were made."""
    told: dict[str, tuple[float, int]] = field(default_factory=dict)
    """By key: when it was told last, and how often."""
    lines: dict[str, Line] = field(default_factory=dict)
    """By key, or a number where it has none."""
    more: Counter[Kind] = field(default_factory=Counter)
    """Alerts for which there was no line left."""
    first_s: float | None = None
    """When the first of those that wait for others came."""
    last_s: float = 0.0
    number: int = 0

    def tell(self, alert: Alert, now_s: float) -> None:
        """Take an alert in.

        Args:
            alert: may be one that is not wanted.
            now_s: seconds of a clock that nobody sets.
        """
        if alert.kind not in self.wanted:
            return
        self.number += 1
        key = alert.key or f"#{self.number}"
        if (line := self.lines.get(key)) is not None:
            line.text, line.count = alert.text, line.count + 1
            return
        due_s = self._due_of(alert, now_s)
        if due_s is None:
            self.first_s, self.last_s = now_s if self.first_s is None else self.first_s, now_s
        if self._has_room(alert.kind):
            self.lines[key] = Line(kind=alert.kind, text=alert.text, is_over=alert.is_over, due_s=due_s)
        else:
            self.more[alert.kind] += 1

    def take_back(self, key: str) -> None:
        """What was not sent yet under a key is not true any more."""
        self.lines.pop(key, None)
        if not self.more and all(line.due_s is not None for line in self.lines.values()):
            self.first_s = None

    def _due_of(self, alert: Alert, now_s: float) -> float | None:
        told_s, times = self.told.get(alert.key, (0.0, 0)) if alert.key else (0.0, 0)
        if times and now_s - told_s < FORGOTTEN_S:
            return max(now_s, told_s + AGAIN_S[min(times, len(AGAIN_S)) - 1])
        self.told.pop(alert.key, None)
        return now_s + SOON_S if alert.is_urgent else None

    def _has_room(self, kind: Kind) -> bool:
        """A graver one takes the place of the slightest, and so does the sum of the night."""
        if len(self.lines) < MOST_LINES:
            return True
        others = {key: KINDS.index(line.kind) for key, line in self.lines.items() if line.kind != NIGHT}
        slightest = max(others, key=others.__getitem__, default="")
        if kind != NIGHT and KINDS.index(kind) >= others.get(slightest, -1):
            return False
        gone = self.lines.pop(slightest)
        self.more[gone.kind] += gone.count
        return True

    def due_s(self, *, is_ending: bool = False) -> float | None:
        """When the next message is to be made; None while there is nothing to tell.

        Args:
            is_ending: nothing waits for others any more; what comes again of the same still does.
        """
        due = [line.due_s for line in self.lines.values() if line.due_s is not None]
        if self.first_s is not None and (self.more or any(line.due_s is None for line in self.lines.values())):
            quiet_s = self.last_s + min(QUIET_S, self.batch_s)
            due.append(self.first_s if is_ending else min(self.first_s + self.batch_s, quiet_s))
        if not due:
            return None
        full_s = self.sent_s[-self.most_an_hour] + HOUR_S if len(self.sent_s) >= self.most_an_hour else min(due)
        return max(min(due), full_s)

    def take(self, now_s: float, *, is_ending: bool = False) -> Digest | None:
        """The message that is due, if one is; with it goes all that is gathered.

        Args:
            now_s: as for `tell`.
            is_ending: as for `due_s`.
        """
        due_s = self.due_s(is_ending=is_ending)
        if due_s is None or now_s < due_s - (SOON_S if is_ending else 0.0):
            return None
        last_hour = [one for one in self.sent_s if now_s - one < HOUR_S]
        self.sent_s = [*last_hour[-self.most_an_hour :], now_s]
        for key in [key for key in self.lines if not key.startswith("#")]:
            self.told[key] = now_s, self.told.get(key, (0.0, 0))[1] + 1
        self.told = dict(sorted(self.told.items(), key=lambda one: one[1])[-MOST_KEYS:])
        counts = self.more + Counter(dict.fromkeys(KINDS, 0))
        for line in self.lines.values():
            counts[line.kind] += 0 if line.is_over else line.count
        digest = Digest(
            lines=tuple(sorted(self.lines.values(), key=lambda line: KINDS.index(line.kind))),
            counts={kind: counts[kind] for kind in KINDS if counts[kind]},
            overs=sum(line.is_over for line in self.lines.values()),
        )
        self.lines, self.more, self.first_s = {}, Counter(), None
        return digest
