"""How an order went: what was in work when it ended, how it ended, and whose fault that may be.

Knows who is to blame when a process fails: what it was making, and never a picture whose prompt was merely encoded
beside others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from worker.records import PictureResult, Progress
from worker.studio.process.messages import Answer, Finished, Stumble
from worker.studio.retry.breaker import Failure
from worker.studio.retry.history import RestartRequest
from worker.studio.retry.ladders import Stage
from worker.translation import gettext


@dataclass(slots=True)
class OrderState:
    """What is known of an order."""

    in_work: tuple[str, ...] = ()
    """Files of the pictures that the child was making or encoding when it was last heard."""
    stage: Stage = "encode"
    """Which it was at, as far as its steps tell."""
    has_spoken: bool = False
    has_made: bool = False
    is_finished: bool = False
    is_stopped: bool = False
    """The worker was asked to stop, and what was in work took too long."""
    restart: RestartRequest | None = None
    stumble: Stumble | None = None
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
                self.stage = self._stage(answer)
                if answer.plan or answer.step:
                    self._begun.update(self.in_work)
            case PictureResult():
                self.in_work = tuple(file for file in self.in_work if file != answer.request.file)
                self.has_made = True
            case RestartRequest():
                self.restart, self.why = answer, answer.why
            case Stumble():
                self.stumble = answer
                self.why = gettext("The renderer failed: {why}.", why=answer.why.rstrip("."))
            case Finished():
                self.is_finished = True

    def _stage(self, progress: Progress) -> Stage:
        if progress.step >= progress.steps:
            return "decode"
        # a step 0 without a plan is another try where the picture was begun before
        is_begun = progress.step or (not progress.plan and progress.request.file in self._begun)
        return "denoise" if is_begun else "encode"

    @property
    def blamed(self) -> tuple[str, ...]:
        """Files of the pictures whose fault the failure may be: each was begun, or encoded alone."""
        alone = len(self.in_work) == 1
        return tuple(file for file in self.in_work if alone or file in self._begun)

    def failure(self, *, call: int) -> Failure:
        """What ended the order, if it was no request to be replaced.

        Args:
            call: number of the call of `render` in the run.
        """
        told = self.stumble
        return Failure(
            stage=(told.stage if told else None) or self.stage,
            # without its numbers: process ids, seconds and addresses are never alike
            kind=f"{told.kind} {told.name}" if told else re.sub("[0-9]+", "", self.why),
            files=self.in_work,
            call=call,
            why=self.why,
            is_host_shortage=told.kind == "host shortage" if told else "(signal 9)" in self.why,
        )
