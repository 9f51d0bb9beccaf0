"""Beating in a thread of its own, so that no copying, reading, hashing or loading keeps a living worker silent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

EVERY_S = 3.0
"""Between two looks whether it is time for a beat; much less than between two beats."""

Driver = Callable[[Callable[[], bool]], AbstractContextManager[None]]
"""Calls what it is given again and again while its context lasts."""


@contextmanager
def in_a_thread(pulse: Callable[[], object]) -> Iterator[None]:
    """Call it every few seconds while the context lasts, whatever the caller does or waits for.

    Args:
        pulse: quick, and never raises; it may hang with a share.
    """
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(EVERY_S):
            pulse()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(EVERY_S)  # not for ever: it may hang with its share


@contextmanager
def by_its_callers(_: Callable[[], object]) -> Iterator[None]:
    """Nobody calls: it beats when its worker says that it goes on, as tests on a clock of their own need it."""
    yield
