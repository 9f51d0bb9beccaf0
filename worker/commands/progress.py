"""How far long work has come: one line that changes on a terminal, else a line each tenth."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from worker.commands.printing import in_words
from worker.progress_words import exact_duration
from worker.translation import gettext

GB = 1e9
"""Bytes, as disks and downloads count."""
SHOWN_S = 0.2
"""Between two changes of the line."""
QUIET_S = 1.0
"""Work that takes no longer shows nothing."""


class ProgressLine:
    """Bytes, rate and time left of one work."""

    def __init__(self, *, out: TextIO | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin.

        Args:
            out: where it is shown; standard error, when not given.
            monotonic: seconds.
        """
        self._out = out or sys.stderr
        self._monotonic = monotonic
        self._is_terminal = self._out.isatty()
        self._begun: tuple[float, int] | None = None
        """When the first byte came, and how many had been done before."""
        self._shown_s = -SHOWN_S
        self._tenth = 0
        self._is_open = False

    def __call__(self, done: int, total: int) -> None:
        """Show it where it is time.

        Args:
            done: bytes.
            total: of how many.
        """
        now_s = self._monotonic()
        if self._begun is None:
            self._begun = (now_s, done)
        tenth = 10 * done // max(total, 1)
        if now_s - self._begun[0] < QUIET_S:
            return
        if self._is_terminal and (now_s - self._shown_s >= SHOWN_S or done >= total):
            self._out.write(f"\r{in_words(self._line(now_s, done, total))}\x1b[K")
            self._shown_s, self._is_open = now_s, True
        elif not self._is_terminal and tenth > self._tenth:
            self._out.write(f"{in_words(self._line(now_s, done, total))}\n")
            self._tenth = tenth
        else:
            return
        self._out.flush()

    def _line(self, now_s: float, done: int, total: int) -> str:
        assert self._begun is not None
        begun_s, before = self._begun
        rate = (done - before) / max(now_s - begun_s, 1e-3)
        left_s = (total - done) / rate if rate else 0.0
        return gettext(
            "{percent} %, {done} of {total} GB, {rate} MB/s, {left} left",
            percent=f"{100 * done // max(total, 1):3}",
            done=f"{done / GB:.2f}",
            total=f"{total / GB:.2f}",
            rate=f"{rate / 1e6:.0f}",
            left=exact_duration(left_s),
        )

    def close(self) -> None:
        """End the line."""
        if self._is_open:
            self._out.write("\n")
            self._is_open = False
