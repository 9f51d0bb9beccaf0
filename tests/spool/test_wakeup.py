from __future__ import annotations

import time
from contextlib import closing

import pytest

from worker.spool import InboxWakeup


def waited_s(wakeup: InboxWakeup, timeout_s: float) -> float:
    begun_s = time.monotonic()
    wakeup.wait(timeout_s)
    return time.monotonic() - begun_s


def test_a_new_file_ends_the_wait_within_a_second(yard) -> None:
    with closing(InboxWakeup(yard.folders.inbox)) as wakeup:
        yard.drop("mug.yaml")
        assert waited_s(wakeup, 5.0) < 1.0


@pytest.mark.parametrize("when", ["before", "while"])
def test_an_inbox_that_is_away_only_makes_it_wait(yard, when: str) -> None:
    if when == "before":
        yard.folders.inbox.rmdir()
    with closing(InboxWakeup(yard.folders.inbox)) as wakeup:
        if when == "while":
            yard.folders.inbox.rmdir()
            wakeup.wait(0.05)
        assert 0.04 < waited_s(wakeup, 0.05) < 1.0
    wakeup.close()


def test_reading_the_inbox_does_not_end_the_wait(yard) -> None:
    path = yard.drop("mug.yaml")
    with closing(InboxWakeup(yard.folders.inbox)) as wakeup:
        path.read_bytes()
        list(yard.folders.inbox.iterdir())
        assert waited_s(wakeup, 0.05) > 0.04
