"""SIGTERM, SIGINT and SIGHUP become a flag that the loop asks and every wait hears; a service's SIGHUP does not.

A call on a share that hangs lets no signal through until it returns, which may be never: then a thread hears them.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import FrameType

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
UNHEARD_S = 1.0
"""After so long the main thread is in a call that does not return, and somebody else listens."""


class StopFlag:
    """True once a stop was asked for. A second signal ends the process at once; the folders say how to go on.

    A closed terminal hangs up twice, through its shell and by itself, and a session that ends sends SIGTERM with
    SIGHUP behind it: SIGHUP asks like the others, and is never the second.
    """

    def __init__(self) -> None:
        self._is_asked = False
        self._bell: SimpleQueue[None] = SimpleQueue()  # a handler may put into it; an Event may block there
        self._rings: list[Callable[[], object]] = [lambda: self._bell.put(None)]
        self._heard_s: dict[int, float] = {}
        """When the main thread has last heard each signal."""
        self._owed: set[int] = set()
        """Heard for it, and not by it yet."""
        self._hang_up: Callable[[], object] | None = None

    def install(self, *, on_hangup: Callable[[], object] | None = None) -> None:
        """Take over the signals of this process, in its main thread; what `nohup` ignores stays ignored.

        Args:
            on_hangup: what a SIGHUP asks for in the place of a stop; may be called in a signal's handler.
        """
        self._hang_up = on_hangup
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_signal)
        arrived, arrives = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(arrives, warn_on_full_buffer=False)
        Thread(target=self._listen, args=(arrived,), name="signals", daemon=True).start()

    def add_bell(self, bell: Callable[[], object]) -> None:
        """Ring this too once a stop is asked for; at once where it was.

        Args:
            bell: ends somebody's wait; may be called in a signal's handler.
        """
        self._rings.append(bell)
        if self._is_asked:
            bell()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signal module's form
        self._heard_s[number] = time.monotonic()
        if number == signal.SIGHUP and self._hang_up is not None:
            if number not in self._owed:
                self._hang_up()
            self._owed.discard(number)
            return
        is_second = self._is_asked and number not in self._owed and number != signal.SIGHUP
        self._owed.discard(number)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if is_second:
            signal.raise_signal(number)
        self._ask()

    def _ask(self) -> None:
        self._is_asked = True
        for ring in self._rings:
            ring()

    def _listen(self, arrived: int) -> None:
        """Hear for the main thread what it does not hear for a second; the second time this ends the process.

        A signal stays pending while that thread is inside a call on a share; one that another thread of this process
        has received waits for it as a byte.

        Args:
            arrived: descriptor from which the numbers of received signals are read.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # of this thread alone
        former, looked_s = set[int](), time.monotonic()
        while True:
            since_s, looked_s, received = looked_s, time.monotonic(), b""
            with suppress(BlockingIOError):
                received = os.read(arrived, 64)
            time.sleep(UNHEARD_S)
            pending = {int(one) for one in signal.sigpending() & SIGNALS}
            was_asked = self._is_asked  # before it is known what the main thread has heard: it may come back just now
            unheard = [number for number in received if self._heard_s.get(number, -1.0) <= since_s]
            self._owed.update(unheard)
            unheard += [number for number in former & pending if signal.sigtimedwait({number}, 0) is not None]
            former = pending
            for number in unheard:
                if number == signal.SIGHUP and self._hang_up is not None:
                    self._hang_up()
                    continue
                if was_asked and number != signal.SIGHUP:
                    os._exit(128 + number)
                self._ask()

    def __call__(self) -> bool:
        """Whether a stop was asked for."""
        return self._is_asked

    def wait(self, timeout_s: float) -> None:
        """Return after `timeout_s`, or as soon as a stop is asked for; for one thread at a time."""
        if not self._is_asked:
            with suppress(Empty):
                self._bell.get(timeout=timeout_s)
