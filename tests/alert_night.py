"""A night's log on a clock that a test moves, and the messages that come of it."""

from __future__ import annotations

from pathlib import Path

from worker.operations.alerts.desk import Desk
from worker.operations.alerts.memory import load, save
from worker.operations.alerts.post import Post
from worker.operations.alerts.watch import Watch
from worker.operations.alerts.wording import Letter, Wording

WORDING = Wording(worker="pc", outbox="/out", failed="/fail")
SETTLED = {"job": "mugs", "folder": "mugs", "status": "complete", "pictures": 8, "seconds": 24.0}


class Night:
    """A worker's log on a clock that a test moves, and the messages that come of it."""

    def __init__(self, memory: Path | None = None) -> None:
        self.now_s, self.memory = 0.0, memory
        self.letters: list[tuple[float, Letter]] = []
        self.restart()

    def restart(self) -> None:
        """Die without a word, and begin anew with what was written down."""
        self.watch = Watch(Desk(), WORDING.say, WORDING.translate)
        if self.memory is not None:
            load(self.memory, self.watch, Post(1), now_s=self.now_s, wall_s=1e9 + self.now_s)

    def log(self, event: str, **facts: object) -> None:
        self.watch.hear(event, facts, self.now_s)
        self._save()

    def idle(self) -> None:
        self.watch.idle(self.now_s)

    def pass_s(self, seconds: float) -> None:
        """Let time pass, with every message when it is due."""
        ends_s = self.now_s + seconds
        while (due_s := self.watch.due_s()) is not None and due_s <= ends_s:
            self.now_s = max(self.now_s, due_s)
            if (digest := self.watch.take(self.now_s)) is not None:
                self.letters.append((self.now_s, WORDING.letter(digest)))
            self._save()
        self.now_s = ends_s

    def _save(self) -> None:
        if self.memory is not None:
            save(self.memory, self.watch, Post(1), now_s=self.now_s, wall_s=1e9 + self.now_s)

    @property
    def titles(self) -> list[str]:
        return [letter.title for _, letter in self.letters]
