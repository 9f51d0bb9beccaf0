"""Waiting for submitted jobs: one line that changes on a terminal, else a line at each change; never in silence."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO, cast

from worker.commands.printing import in_words, say
from worker.commands.waited_jobs import WaitedJob, ending, held_up, progress, running_of, waiting_line, whereabouts
from worker.errors import FoldersAway
from worker.line_width import most_columns
from worker.overview_records import Overview
from worker.translation import Text, gettext

if TYPE_CHECKING:
    from worker import compose
    from worker.line_below import LineBelow

LOOK_EVERY_S = 1.0
OVERVIEW_EVERY = 2
"""Looks for ends between two looks at everything."""
GONE_LOOKS = 60
"""A share may take half a minute to show what another machine did."""
BARS = ((100, 24), (80, 10))
"""Columns of a terminal, at least, and characters of the bar on it."""
FEW = 10
"""Jobs of which each is told where it is; of more, only how they end."""


class Named(Protocol):
    """A submitted job, as far as it matters here."""

    @property
    def name(self) -> str:
        """In the inbox."""


class Looks(Protocol):
    """What is seen of the jobs, from the folders; each look may raise OSError or FoldersAway, and be repeated."""

    def ended(self) -> Sequence[tuple[Named, Path]]:
        """Jobs that have ended since the last look, each with its folder."""

    def gone(self, names: Collection[str]) -> frozenset[str]:
        """Which of these jobs neither wait nor are in work."""

    def overview(self) -> Overview:
        """Everything else."""


class Shown:
    """Where it is said: a terminal with a line below, or plain lines."""

    def __init__(self, out: TextIO, *, environment: Mapping[str, str] = os.environ) -> None:
        """Look whether people see it.

        Args:
            out: standard output.
            environment: tells what the terminal can.
        """
        self._out = out
        self._below: LineBelow | None = None
        if out.isatty():
            from worker.line_below import LineBelow  # rich takes its time, and a pipe needs none

            below = LineBelow(out, environment=environment)
            self._below = below if below.is_drawable else None

    @property
    def has_line(self) -> bool:
        """Whether there is a line that changes in place."""
        return self._below is not None

    @property
    def bar_characters(self) -> int:
        """Of a bar that leaves room for where a job is and when it begins: 0 where there is none for a bar."""
        width = self._below.columns() if self._below is not None else 0
        return next((characters for least, characters in BARS if width >= least), 0)

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._below is not None:
            self._below.say(in_words(text))
        else:
            say(text, file=self._out, flush=True)

    def draw(self, parts: Sequence[Text | str]) -> None:
        """The line that changes: as many of its parts as fit, and the next one cut."""
        if self._below is None:
            return
        line, width = "", self._below.columns() - 1
        for part in map(in_words, parts):
            longer = f"{line}  {part}" if line else part
            if line and most_columns(longer) > width and most_columns(line) + 10 > width:
                break
            line = longer
        self._below.draw(line)


class Wait:
    """One wait for several jobs."""

    def __init__(
        self,
        jobs: Sequence[WaitedJob],
        looks: Looks,
        *,
        outcome: Callable[[Path], compose.Outcome],
        inbox: Path,
        start: str,
        shown: Shown | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep the parts.

        Args:
            jobs: that were submitted.
            looks: sees what becomes of them.
            outcome: reads the folder in which one ended; may raise OSError.
            inbox: its path.
            start: the command that starts a worker.
            shown: where it is said; standard output, when not given.
            sleep: for so many seconds.
        """
        self._jobs = jobs
        self._open = {job.name: job for job in jobs}
        self._looks = looks
        self._outcome = outcome
        self._inbox = inbox
        self._start = start
        self._shown = shown or Shown(cast(TextIO, sys.stdout))
        self._sleep = sleep
        self._folders: dict[str, Path] = {}
        """In which jobs have ended that were not told yet."""
        self._unread = Counter[str]()
        self._gone = Counter[str]()
        self._said: dict[str, str] = {}
        """What was said last, by what it is about."""
        self._overview: Overview | None = None

    def until_all_ended(self) -> bool:
        """Wait, and say how each job ended; a share that is away is waited for too.

        Whoever waits for a job waits for its proof, where it has one: for a person nobody waits.

        Returns:
            Whether all are complete, or wait for a person's approval.
        """
        are_complete, number = True, 0
        try:
            while True:
                are_complete &= self._look(with_overview=number % OVERVIEW_EVERY == 0)
                if not self._open:
                    return are_complete
                self._draw()
                self._sleep(LOOK_EVERY_S)
                number += 1
        finally:
            self._shown.draw(())

    def _look(self, *, with_overview: bool) -> bool:
        """Whether whatever ended by now is complete."""
        are_complete = True
        try:
            self._folders |= {one.name: folder for one, folder in self._looks.ended()}
            are_complete = self._tell_ends()
            if with_overview and self._open:
                self._overview = self._looks.overview()
                self._tell_changes(self._overview)
            gone = self._looks.gone(self._open.keys() - self._folders.keys())
            self._say_once("share", None)
        except (OSError, FoldersAway) as error:
            why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            self._say_once("share", gettext("the share is away ({error}); still waiting", error=why))
            return are_complete
        self._gone = Counter({name: self._gone[name] + 1 for name in gone})
        for name in [name for name, count in self._gone.items() if count >= GONE_LOOKS]:
            self._shown.say(gettext("{name}: somebody took it away: it is neither waiting nor in work.", name=name))
            del self._open[name], self._gone[name]
            are_complete = False
        return are_complete

    def _tell_ends(self) -> bool:
        are_complete = True
        for name, folder in [*self._folders.items()]:
            job = self._open[name]
            outcome: compose.Outcome | None
            try:
                outcome = self._outcome(folder)
            except OSError:
                self._unread[name] += 1
                if self._unread[name] < GONE_LOOKS:
                    continue
                outcome = None
            self._shown.say(ending(job.shown, folder, outcome))
            are_complete &= outcome is not None and outcome.state in ("complete", "proof")
            del self._folders[name], self._open[name]
        return are_complete

    def _tell_changes(self, overview: Overview) -> None:
        hindrance = held_up(overview, inbox=self._inbox, start=self._start)
        if hindrance is None and "held up" in self._said:
            self._shown.say(gettext("work goes on"))
        self._say_once("held up", hindrance)
        if self._shown.has_line or len(self._jobs) > FEW:
            return
        for name, job in self._open.items():
            running = running_of(job, overview)
            tenth = 10 * running.made // running.pictures if running is not None and running.pictures else 0
            told = whereabouts(job, overview)
            if running is not None and tenth:
                told = gettext("{job}: {made} of {pictures} pictures", job=job.shown, made=running.made,
                               pictures=running.pictures)  # fmt: skip
            if told is not None:
                self._say_once(name, told, key=f"{running is not None}{tenth}")

    def _say_once(self, about: str, text: Text | None, *, key: str | None = None) -> None:
        """Say it where it is new; None is nothing to say any more."""
        key = str(text) if key is None else key
        if text is None:
            self._said.pop(about, None)
        elif self._said.get(about) != key:
            self._said[about] = key
            self._shown.say(text)

    def _draw(self) -> None:
        if self._overview is None:
            return
        ended = {job.name: job.pictures for job in self._jobs if job.name not in self._open}
        done, total = progress(self._jobs, ended, self._overview)
        hindrance = held_up(self._overview, inbox=self._inbox, start=self._start)
        parts = waiting_line(
            self._open.values(), self._overview, done=done, total=total, hindrance=hindrance,
            characters=self._shown.bar_characters,
        )  # fmt: skip
        self._shown.draw(parts)


def wait_for(wait: Wait) -> bool:
    """Wait for all; of one that is broken off it is said that the jobs go on.

    Args:
        wait: made for the jobs.

    Returns:
        Whether all are complete.

    Raises:
        KeyboardInterrupt: Ctrl-C, once that is said.
    """
    try:
        return wait.until_all_ended()
    except KeyboardInterrupt:
        with suppress(OSError):
            say(gettext("Not waiting any more; the jobs go on. `status` shows them."), flush=True)
        raise
