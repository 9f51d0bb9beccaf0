"""Orders: what the renderer's process is asked to make next, after failures too, and which pictures are given up.

Knows one call of `render`: what is missing, what each picture has been through, and which are suspected of a failure.
What failures mean is decided in `retry.breaker`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from worker.errors import RendererBroken
from worker.records import PictureResult, Request
from worker.studio.process.messages import Render
from worker.studio.process.order_state import OrderState
from worker.studio.retry.breaker import Breaker, Decision, Failure, Others, decide
from worker.studio.retry.history import History, after_death, give_up, is_hopeless
from worker.translation import enumerated, gettext, ngettext

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Suspect:
    """A picture that was in work at a failure."""

    failure: Failure
    """The last one."""
    made_before: int
    """How many pictures had been made at the first one."""


class Orders:
    """One call of `render`, order by order."""

    def __init__(self, requests: Sequence[Request], breaker: Breaker, *, call: int) -> None:
        """Begin with nothing made.

        Args:
            requests: each with a file name of its own.
            breaker: of the run.
            call: number of this call in the run.
        """
        self.breaker = breaker
        self._missing = {request.file: request for request in requests}
        self._histories: dict[str, History] = {}
        self._suspects: dict[str, Suspect] = {}
        self._made = 0
        self.call = call

    @property
    def is_done(self) -> bool:
        """Every picture has its result."""
        return not self._missing

    def next(self) -> Render:
        """The next order: all that is missing, or one picture where it must be found out whose fault a failure was."""
        decisions = {file: self._decision(file) for file in self._suspects}
        again = [file for file, one in decisions.items() if one == "again"]
        if not decisions:
            files = list(self._missing)
        elif again:
            files = [min(again, key=self._failures)]
        else:  # another first
            files = [file for file in self._missing if file not in self._suspects][:1]
        histories = tuple(self._histories[file] for file in files if file in self._histories)
        requests = tuple(self._missing[file] for file in files)
        return Render(requests=requests, histories=histories, mode=self.breaker.mode)

    def settle(self, result: PictureResult) -> None:
        """Take down a picture's result."""
        file = result.request.file
        del self._missing[file]
        history, suspect = self._histories.pop(file, None), self._suspects.pop(file, None)
        before = history.tries[-1] if history is not None and history.tries else None
        if before is not None and before.outcome != "error":
            self.breaker = self.breaker.after_ladder(before.outcome, is_made=result.picture is not None)
        elif result.picture is None and result.tries and result.tries[-1].outcome in self.breaker.mode.vain_restarts:
            self.breaker = self.breaker.after_ladder(result.tries[-1].outcome, is_made=False)
        if result.picture is not None:
            self._made += 1
            was, self.breaker = self.breaker.mode, self.breaker.after_good(is_suspect=suspect is not None)
            if self.breaker.mode != was:
                log.info("run.changed", careful=False, reason="pictures were good for long enough")

    def end(self, state: OrderState) -> None:
        """Draw the conclusions from an order that did not finish.

        Args:
            state: how it ended.

        Raises:
            RendererBroken: the run is over.
        """
        if state.restart is not None:
            self._histories |= {history.file: history for history in (state.restart.history, *state.restart.others)}
            return
        failure = state.failure(call=self.call)
        was = self.breaker.mode
        for file in [file for file in failure.files if file in self._missing]:
            if file not in state.blamed:  # whose prompt it was shows once each is encoded alone
                self._histories.setdefault(file, History(file=file, tries=()))
                continue
            self._histories[file] = after_death(self._histories.get(file), file, why=failure.why)
            known = self._suspects.get(file)
            self._suspects[file] = Suspect(failure, known.made_before if known else self._made)
        if len(failure.files) == 1 and self._is_own_fault(failure.files[0]):
            self.breaker = self.breaker.after_own_fault(failure)
        else:
            self.breaker = self.breaker.after_failure(failure)
        if self.breaker.is_over:
            raise RendererBroken(_why_over(self.breaker), has_made=self.breaker.has_made)
        if self.breaker.mode != was:
            log.warning(
                "run.changed", careful=self.breaker.mode.is_careful, stage=failure.stage, reason=failure.why,
                streamed=self.breaker.mode.is_streamed, other_attention=self.breaker.mode.has_other_attention,
            )  # fmt: skip

    def given_up(self) -> Iterator[PictureResult]:
        """Yield the results of pictures that fail by themselves."""
        for file in [file for file in self._suspects if self._decision(file) == "give up"]:
            del self._suspects[file]
            yield give_up(self._missing.pop(file), self._histories.pop(file))

    def keeps_process(self, state: OrderState) -> bool:
        """Whether the process that stumbled may go on: others did no better, and it makes other pictures."""
        told = state.stumble
        if told is None or told.ends_process or state.is_death:
            return False
        return self.breaker.is_known_own_fault(state.failure(call=self.call))

    def _is_own_fault(self, file: str) -> bool:
        suspect = self._suspects.get(file)
        return suspect is not None and self._made > suspect.made_before and is_hopeless(self._histories[file])

    def _decision(self, file: str) -> Decision:
        suspect, history = self._suspects[file], self._histories[file]
        others: Others = "none"
        if self._made > suspect.made_before:
            others = "made since"
        elif any(other not in self._suspects for other in self._missing):
            others = "waiting"
        return decide(
            self.breaker,
            suspect.failure,
            tries=self._failures(file),
            has_had_process=is_hopeless(history),
            others=others,
        )

    def _failures(self, file: str) -> int:
        return sum(one_try.outcome == "error" for one_try in self._histories[file].tries)


def _why_over(breaker: Breaker) -> str:
    last = breaker.series[-1]
    files = list(dict.fromkeys(file for failure in breaker.series for file in failure.files))
    careful = gettext(", also without compiled code and one picture at a time") if breaker.mode.is_careful else ""
    return gettext(
        "{failures} without a good picture between them ({files}){careful}; the last one in `{stage}`: {why} Look at "
        "the card (`nvidia-smi`, `journalctl -k`) and at the model (`zimage-worker doctor`), and end other programs on "
        "the card.",
        careful=careful,
        failures=ngettext("The renderer failed {count} time", "The renderer failed {count} times", len(breaker.series)),
        files=enumerated(files[:5]),
        stage=last.stage,
        why=last.why,
    )
