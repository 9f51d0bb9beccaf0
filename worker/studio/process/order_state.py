"""How an order went: what was in work when it ended, and what the next process must know of it.

Knows who is to blame when a process dies: what it was making, and never a picture whose prompt was merely encoded
beside others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from worker.records import PictureResult, Progress
from worker.studio.process.messages import Answer, Finished
from worker.studio.retry.history import History, RestartRequest, after_death


@dataclass(slots=True)
class OrderState:
    """What is known of an order."""

    in_work: tuple[str, ...] = ()
    """Files of the pictures that the child was making or encoding when it was last heard."""
    has_spoken: bool = False
    is_finished: bool = False
    restart: RestartRequest | None = None
    is_death: bool = False
    why: str = ""
    _begun: set[str] = field(default_factory=set)
    """Files of the pictures of which more than the prompt was begun."""

    def hear(self, answer: Answer) -> None:
        """Follow what the child says."""
        self.has_spoken = True
        match answer:
            case Progress():
                self.in_work = answer.files or (answer.request.file,)
                if answer.plan or answer.step:
                    self._begun.update(self.in_work)
            case PictureResult():
                self.in_work = tuple(file for file in self.in_work if file != answer.request.file)
            case RestartRequest():
                self.restart, self.why = answer, answer.why
            case Finished():
                self.is_finished = True

    def histories(self, known: Mapping[str, History]) -> Iterator[History]:
        """What a new process must know of the pictures in work: each of them is made alone there."""
        if self.restart is not None:
            yield from (self.restart.history, *self.restart.others)
        elif self.is_death:
            for file in self.in_work:
                former = known.get(file)
                if file in self._begun or len(self.in_work) == 1:
                    yield after_death(former, file, why=self.why)
                else:  # encoded beside others: whose prompt it was shows once each is encoded alone
                    yield former or History(file=file, tries=())
