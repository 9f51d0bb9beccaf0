"""The watch: events of the log become alerts on the desk, once each; a trouble that lasts is told, and its end too.

Pure decisions over seconds that are handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from worker.operations.alerts.desk import Alert, Desk, Digest
from worker.operations.alerts.rows import ENDED, OVER, ROWS, kind_of
from worker.operations.facts import Facts, word
from worker.operations.tally import Tally
from worker.progress_words import exact_duration

NIGHT = "#night"
"""Key of the line that sums up what was done since the last one."""
WORKS_AGAIN = ("job.settled", "picture.made")
"""After these what made a worker end is over, and new when it comes again."""

Say = Callable[[str, Facts], str]
"""A sentence about an event, in its reader's language."""


@dataclass(slots=True, kw_only=True)
class Outage:
    """A trouble that lasts."""

    text: str
    begun_s: float
    is_told: bool = False
    is_heard: bool = True
    """By this process: one that a former one began is told once it is heard of again."""


@dataclass(slots=True)
class Watch:
    """What is going on, as far as people are told of it."""

    desk: Desk
    say: Say
    translate: Callable[[str], str]
    """Says a text of the catalogue in its reader's language."""
    outages: dict[str, Outage] = field(default_factory=dict)
    """By the event with which each began; some of `ROWS`."""
    tally: Tally = field(default_factory=Tally)

    def hear(self, event: str, facts: Facts, now_s: float) -> None:
        """Take in an event.

        Args:
            event: its name.
            facts: its own.
            now_s: seconds of a clock that nobody sets.
        """
        self.tally.hear(event, facts, now_s=now_s)
        if event in ("job.claimed", "job.resumed"):
            self.desk.take_back(NIGHT)
        if event in WORKS_AGAIN:
            self.desk.told.pop("ended", None)
        self._end(event, now_s)
        row = ROWS.get(event)
        kind = kind_of(row, facts) if row else None
        if row is None or kind is None:
            return
        text = self.say(event, facts)
        if row.lasts_s:
            outage = self.outages.setdefault(event, Outage(text=text, begun_s=now_s))
            outage.text, outage.is_heard = text, True
            return
        about = "" if row.about is None else "\0".join([event, *(str(word(facts, name))[:200] for name in row.about)])
        if row.is_once and (about in self.desk.told or about in self.desk.lines):
            return
        self.desk.tell(Alert(kind=kind, text=text, is_urgent=row.is_urgent, key=about), now_s)

    def _end(self, event: str, now_s: float) -> None:
        for begun in [begun for begun in self.outages if event in ROWS[begun].over]:
            outage = self.outages.pop(begun)
            kind = kind_of(ROWS[begun], {})
            if outage.is_told and kind is not None:
                words = OVER.filled(duration=exact_duration(now_s - outage.begun_s), what=outage.text)
                text, key = self.translate(words), f"{begun}\0over"
                self.desk.tell(Alert(kind=kind, text=text, is_urgent=True, is_over=True, key=key), now_s)

    def idle(self, now_s: float) -> None:
        """The queue is empty: if anything was done, that is summed up.

        Args:
            now_s: as for `hear`.
        """
        if self.tally.jobs:
            self.desk.take_back(NIGHT)
            self.desk.tell(Alert(kind="night_done", text=self.translate(self.tally.said()), key=NIGHT), now_s)

    def ended(self, reason: str, now_s: float) -> None:
        """The worker ends because of an error.

        Args:
            reason: for a person.
            now_s: as for `hear`.
        """
        text = self.translate(ENDED.filled(reason=reason))
        self.desk.tell(Alert(kind="worker_broken", text=text, is_urgent=True, key="ended"), now_s)

    def due_s(self, *, is_ending: bool = False) -> float | None:
        """When there is something to do next; None where nothing is.

        Args:
            is_ending: as for the desk.
        """
        waits = (one.begun_s + ROWS[event].lasts_s for event, one in self._unripe())
        due = [one for one in (*waits, self.desk.due_s(is_ending=is_ending)) if one is not None]
        return min(due, default=None)

    def ripen(self, now_s: float) -> None:
        """Tell of what has lasted long enough by now.

        Args:
            now_s: as for `hear`.
        """
        for event, outage in self._unripe():
            row = ROWS[event]
            kind = kind_of(row, {})
            if kind is not None and now_s - outage.begun_s >= row.lasts_s:
                outage.is_told = True
                self.desk.tell(Alert(kind=kind, text=outage.text, is_urgent=row.is_urgent, key=event), now_s)

    def _unripe(self) -> list[tuple[str, Outage]]:
        return [(event, one) for event, one in self.outages.items() if one.is_heard and not one.is_told]

    def take(self, now_s: float, *, is_ending: bool = False) -> Digest | None:
        """The message that is due, if one is.

        Args:
            now_s: as for `hear`.
            is_ending: nothing waits for others any more.
        """
        self.ripen(now_s)
        digest = self.desk.take(now_s, is_ending=is_ending)
        if digest is not None and any(line.kind == "night_done" for line in digest.lines):
            self.tally = Tally()
        return digest
