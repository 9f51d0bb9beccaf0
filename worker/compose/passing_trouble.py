"""Passing trouble: what a worker waits for before it can work, and who is told meanwhile.

Knows which errors pass by themselves: a share, a model or a local disk that is away, an id that is being handed over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from worker.daemon.told_once import ToldOnce
from worker.daemon.waiting import SLICE_S
from worker.errors import FoldersAway, FoldersFailing, ModelAway, StopAsked, WorkerIdBusy
from worker.operations.systemd import notify_waiting
from worker.translation import Language

log = structlog.get_logger()

Value = TypeVar("Value")


class PassingTrouble:
    """Repeats what fails until it passes, for as long as that is of use."""

    def __init__(
        self,
        *,
        should_stop: Callable[[], bool],
        pause: Callable[[float], object],
        monotonic: Callable[[], float],
        again_s: float,
        most_s: float | None,
        language: Language = "en",
    ) -> None:
        """Keep the parts.

        Args:
            should_stop: whether the worker is asked to stop.
            pause: waits so many seconds, or until a stop is asked for.
            monotonic: seconds.
            again_s: between two tries.
            most_s: one trouble may last so long; None: for ever. Folders that are not there are waited for only then.
            language: of what the service manager is told.
        """
        self._should_stop = should_stop
        self._pause = pause
        self._monotonic = monotonic
        self._again_s = again_s
        self._most_s = most_s
        self._language = language
        self._told = ToldOnce()
        self.on_wait: Callable[[str], object] = lambda _reason: None
        """Called with the reason before each wait."""
        self.on_passed: Callable[[], object] = lambda: None
        """Called once that is over."""

    def speak(self, language: Language) -> None:
        """From now on tell the service manager in this language."""
        self._language = language

    def outlast(self, step: Callable[[], Value]) -> Value:
        """Do a step once what it needs is there.

        Args:
            step: can be repeated.

        Raises:
            StopAsked: the worker was asked to stop meanwhile.
            FoldersAway, ModelAway, WorkerIdBusy: it lasts too long.
        """
        begun_s = self._monotonic()
        while not self._should_stop():
            try:
                made = step()
            except (FoldersAway, ModelAway, WorkerIdBusy) as error:
                if self._is_too_long(error, self._monotonic() - begun_s):
                    raise
                trouble = error
            else:
                if self._told.is_over():
                    log.info("trouble.passed", seconds=round(self._monotonic() - begun_s, 1))
                    self.on_passed()
                return made
            self._tell(trouble)
            self._wait(str(trouble), self._again_s)
        raise StopAsked

    def _is_too_long(self, trouble: FoldersAway | ModelAway | WorkerIdBusy, seconds: float) -> bool:
        if self._most_s is None:
            return False
        is_missing = isinstance(trouble, FoldersAway) and not isinstance(trouble, FoldersFailing)
        return is_missing or seconds >= self._most_s

    def _tell(self, trouble: FoldersAway | ModelAway | WorkerIdBusy) -> None:
        if not self._told.is_new(str(trouble)):
            return
        match trouble:
            case FoldersAway():
                log.warning("share.away", error=str(trouble), again_s=self._again_s)
            case ModelAway():
                log.warning("model.away", error=str(trouble), again_s=self._again_s)
            case WorkerIdBusy():
                log.warning("start.delayed", error=str(trouble), again_s=self._again_s)

    def rest(self, seconds: float, reason: str) -> None:
        """Wait for so long, whatever passes meanwhile.

        Args:
            seconds: to wait.
            reason: for a person.

        Raises:
            StopAsked: the worker was asked to stop meanwhile.
        """
        self._wait(reason, seconds)
        if self._should_stop():
            raise StopAsked
        self.on_passed()

    def _wait(self, reason: str, left_s: float) -> None:
        while left_s > 0 and not self._should_stop():
            self.on_wait(reason)
            notify_waiting(reason, language=self._language)
            self._pause(min(left_s, SLICE_S))
            left_s -= SLICE_S
