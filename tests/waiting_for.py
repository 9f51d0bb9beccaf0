"""Waiting for what another process does: files that appear, processes that end.

The one loop of the tests that sleeps; `tests/rules/test_no_sleeps.py` holds it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(
    condition: Callable[[], T], within_s: float, *, every_s: float = 0.02, told: Callable[[], str] = lambda: ""
) -> T:
    """Look again and again until a condition holds.

    Args:
        condition: looked at at least once; what it returns counts by its truth.
        within_s: seconds that it may take.
        every_s: seconds between two looks; more where a look is not cheap.
        told: what to say when it took longer, such as the other process's log.

    Returns:
        The first true value of the condition.

    Raises:
        AssertionError: it took longer.
    """
    ends_s = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < ends_s, f"not within {within_s:g} s: {told() or repr(found)}"
        time.sleep(every_s)
    return found
