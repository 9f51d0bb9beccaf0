"""The terminal of a running worker: sentences for people, and below them one line that says what it is doing.

Knows what was heard last; which words, `sentences` and `live_line` know. What the terminal does not take is lost, as of
any log: nothing here raises, and nothing waits for a reader.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event, Thread
from types import TracebackType
from typing import NoReturn, Self, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from worker.line_below import LineBelow
from worker.operations.facts import number, seconds_of
from worker.operations.live_line import View, live_line
from worker.operations.sentences import on_the_line, said
from worker.operations.tally import Tally
from worker.streams import LossyStream
from worker.translation import Language, gettext, translated

DRAWN_EVERY_S = 0.5
"""Between two looks whether the line has changed: the time left, the terminal's width."""
PATIENCE_S = 20.0
"""What lies in the inbox may not be ready yet; after so long the summary is told all the same."""
MANY = 100
"""Pictures of a job of which each tenth is told in a sentence of its own, where there is a live line."""
JOB_OVER = (
    "job.settled",
    "proof.published",
    "job.refused",
    "job.given_back",
    "job.kept",
    "claim.lost",
    "job.set_aside",
)
"""Events after which the line tells of that job no more."""
STYLES: Mapping[str, str] = {"warning": "yellow", "error": "red", "critical": "red"}
"""By the level of an event."""


class Terminal:
    """Shows events and states; a context within which the line is drawn by a thread of its own."""

    def __init__(
        self,
        stream: LossyStream,
        *,
        folders: Mapping[str, str],
        is_draining: bool,
        should_stop: Callable[[], bool],
        language: Language,
        monotonic: Callable[[], float] = time.monotonic,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """Keep the parts; nothing is drawn yet.

        Args:
            stream: a terminal.
            folders: paths of `inbox`, `outbox` and `failed`.
            is_draining: the worker ends once the inbox is empty.
            should_stop: whether the worker is asked to stop: then nothing is drawn any more.
            language: of everything.
            monotonic: seconds.
            environment: TERM and NO_COLOR say what the terminal can and its reader wants.
        """
        self._place = LineBelow(cast(TextIO, stream), environment=environment)
        self._facts = {f"{name}_path": path for name, path in folders.items()} | {"is_draining": is_draining}
        self._is_draining = is_draining
        self._should_stop = should_stop
        self._language = language
        self._monotonic = monotonic
        self._view, self._tally = View(), Tally()
        self._left_since_s = self._state_since_s = monotonic()
        self._tenth = 0
        self._has_stopped = False
        self._is_over = Event()
        self._thread = Thread(target=self._keep_drawing, name="terminal", daemon=True)

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._place.is_drawable:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take the line away; a drain that came to its end is summed up."""
        self._is_over.set()
        if self._place.is_drawable:
            self._thread.join(DRAWN_EVERY_S + 2.0)
        self._view = View()
        self._draw()
        if kind is None and self._is_draining and not self._should_stop():
            done = self._tally.said()
            self._say(gettext("Done: {tally}.", tally=done) if done else gettext("The inbox is empty."))

    def show(self, _logger: WrappedLogger, level: str, event: EventDict) -> NoReturn:
        """An event of the log: the last of structlog's processors.

        Args:
            _logger: not asked.
            level: name of the logger's method.
            event: its name and facts.

        Raises:
            DropEvent: always, as it needs no other line.
        """
        name = str(event.get("event"))
        facts = {**self._facts, "is_rendering": self._view.state == "rendering", **event}
        self._tally.hear(name, event, now_s=self._monotonic())
        words = on_the_line(name, facts)
        if name == "stop.asked" or name in JOB_OVER:
            self._view = View() if name in JOB_OVER else self._view
            self._place.draw("")
        if words is not None and self._place.is_drawable and self._view.state == "starting":
            self._view = replace(self._view, words=words)
            self._draw()
        elif (name == "stop.asked" and self._has_stopped) or (name == "worker.resumed" and self._should_stop()):
            pass  # it was quicker than its answer; and a pause that a stop ends does not go on
        elif name == "worker.stopping":
            self._has_stopped = True
            done = self._tally.said()
            self._say(gettext("Stopped: {tally}.", tally=done) if done else gettext("Stopped."))
        elif (sentence := words or said(name, facts)) is not None:
            if name == "model.loading":
                self._view = replace(self._view, words=sentence)
            style = STYLES.get(str(event.get("level", level)), "")
            self._say(sentence, style=style, below=str(event.get("exception", "")))
        raise structlog.DropEvent

    def hear(self, state: str, *, job: str | None = None, **facts: object) -> None:
        """The worker's state, as its record has it.

        Args:
            state: one word.
            job: in work.
            facts: `done`, `total`, `step`, `steps` of a job in work, `left_s` where that is known, `reason` of a wait,
                `queue`: how many jobs are to come.
        """
        was, now_s = self._view, self._monotonic()
        left_s = seconds_of(facts, "left_s") or None
        view = View(
            state=state, job=job or "", left_s=left_s, words=str(facts.get("reason") or ""),
            **{name: number(facts, name) for name in ("done", "total", "step", "steps", "queue")},
        )  # fmt: skip
        if state == was.state == "starting":
            view = replace(view, words=was.words)
        if (view.job, view.left_s) != (was.job, was.left_s):
            self._left_since_s = now_s
        if state != was.state:
            self._state_since_s = now_s
        self._view = view
        if (view.state, view.job) != (was.state, was.job):
            self._draw()
        if (state, job) == ("rendering", was.job or None):
            self._tell_tenth()
        else:
            self._tenth = 0
        if state == "idle":
            self._sum_up(now_s)

    def _tell_tenth(self) -> None:
        """How far a job has come: where nobody sees the line, or its beginning is long past."""
        view = self._view
        tenth = 10 * view.done // max(view.total, 1)
        if tenth <= self._tenth or tenth >= 10:
            return
        self._tenth = tenth
        if view.total >= MANY or not self._place.is_drawable:
            told = gettext("{job}: {done} of {total} pictures", job=view.job, done=view.done, total=view.total)
            self._say(told)

    def _sum_up(self, now_s: float) -> None:
        """Once nothing is to be done, say what was: not in between, as what was just dropped is not ready yet."""
        done, queue = self._tally.said(), self._view.queue
        if self._is_draining or not done or (queue and now_s - self._state_since_s < PATIENCE_S):
            return
        self._tally = Tally()
        if queue:
            self._say(gettext("Done: {tally}. What else lies in the inbox is not ready.", tally=done))
        else:
            self._say(gettext("Queue empty: {tally}.", tally=done))

    def _keep_drawing(self) -> None:
        while not self._is_over.wait(DRAWN_EVERY_S):
            self._draw()

    def _say(self, sentence: str, *, style: str = "", below: str = "") -> None:
        """A sentence above the line, with the time; and what belongs to it."""
        clock = time.strftime("%H:%M:%S  ")
        self._place.say(translated(sentence, self._language), before=clock, style=style, below=below)

    def _draw(self) -> None:
        self._place.draw("" if self._should_stop() else self._line())

    def _line(self) -> str:
        view, now_s = self._view, self._monotonic()
        if view.left_s is not None:
            view = replace(view, left_s=max(view.left_s - (now_s - self._left_since_s), 1.0))
        view = replace(view, for_s=now_s - self._state_since_s)
        width, inbox = self._place.columns() - 1, str(self._facts.get("inbox_path", ""))
        return live_line(view, width=width, inbox=inbox, language=self._language)
