"""Waiting for what another process does: the one place of the tests that sleeps, a moment between two looks."""

from __future__ import annotations

import time
from collections.abc import Callable

LOOK_S = 0.02
"""Between two looks."""


def wait_for(condition: Callable[[], object], within_s: float, *, told: Callable[[], str] = lambda: "") -> None:
    """Return as soon as the condition holds.

    Args:
        condition: looked at again and again; cheap.
        within_s: seconds that it may take.
        told: what to say when it took longer, such as the other process's log.

    Raises:
        AssertionError: it took longer.
    """
    ends_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_s, f"not within {within_s} s: {told()}"
        time.sleep(LOOK_S)
