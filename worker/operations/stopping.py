"""SIGTERM, SIGINT and SIGHUP become a flag that the loop asks, and that every wait listens to."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType


class StopFlag:
    """True once a stop was asked for. A second signal ends the process at once; the folders say how to go on.

    A closed terminal hangs up twice, through its shell and by itself, and a session that ends sends SIGTERM with
    SIGHUP behind it: SIGHUP asks like the others, and is never the second.
    """

    def __init__(self) -> None:
        self._is_asked = False
        self._bell: SimpleQueue[None] = SimpleQueue()  # a handler may put into it; an Event may block there
        self._rings: list[Callable[[], object]] = [lambda: self._bell.put(None)]

    def install(self) -> None:
        """Take over the signals of this process, in its main thread; what `nohup` ignores stays ignored."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_signal)

    def add_bell(self, bell: Callable[[], object]) -> None:
        """Ring this too once a stop is asked for; at once where it was.

        Args:
            bell: ends somebody's wait; may be called in a signal's handler.
        """
        self._rings.append(bell)
        if self._is_asked:
            bell()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signal module's form
        self._is_asked = True
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for ring in self._rings:
            ring()

    def __call__(self) -> bool:
        """Whether a stop was asked for."""
        return self._is_asked

    def wait(self, timeout_s: float) -> None:
        """Return after `timeout_s`, or as soon as a stop is asked for; for one thread at a time."""
        if not self._is_asked:
            with suppress(Empty):
                self._bell.get(timeout=timeout_s)
