"""Waiting for something that another process does: files that appear, processes that end.

The only place where tests sleep; `tests/rules/test_no_sleeps.py` holds it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], *, within_s: float, every_s: float = 0.05) -> T:
    """Ask a condition again and again until it holds.

    Args:
        condition: Asked every `every_s` seconds; what it returns counts by its truth.
        within_s: Seconds after which it is given up, at least one look before.
        every_s: Seconds between two looks.

    Returns:
        The first true value of the condition.

    Raises:
        AssertionError: it was not true in time; with what it returned last.
    """
    end_s = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < end_s, f"not within {within_s:g} s; the last look gave {found!r}"
        time.sleep(every_s)
    return found
