"""SIGTERM and SIGINT become a flag that the loop asks."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType


class StopFlag:
    """True once a stop was asked for. A second signal ends the process at once; the folders say how to go on."""

    def __init__(self) -> None:
        self._asked = Event()

    def install(self) -> None:
        """Take over SIGTERM and SIGINT of this process; to be called in the main thread."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signal module's form
        self._asked.set()
        signal.signal(number, signal.SIG_DFL)

    def __call__(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked.is_set()

    def wait(self, timeout_s: float) -> None:
        """Return after `timeout_s`, or as soon as a stop is asked for."""
        self._asked.wait(timeout_s)
