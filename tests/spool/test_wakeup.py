from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from worker.spool import InboxWakeup


def waited_s(wakeup: InboxWakeup, timeout_s: float) -> float:
    begun_s = time.monotonic()
    wakeup.wait(timeout_s)
    return time.monotonic() - begun_s


def watching(yard, kind: str = "ext4") -> InboxWakeup:
    return InboxWakeup(yard.folders.inbox, kind_of_system=lambda _: kind)


def test_a_new_file_ends_the_wait_within_a_second(yard) -> None:
    with closing(watching(yard)) as wakeup:
        yard.drop("mug.yaml")
        assert waited_s(wakeup, 5.0) < 1.0


@pytest.mark.parametrize("when", ["before", "while"])
def test_an_inbox_that_is_away_only_makes_it_wait(yard, when: str) -> None:
    if when == "before":
        yard.folders.inbox.rmdir()
    with closing(watching(yard)) as wakeup:
        if when == "while":
            yard.folders.inbox.rmdir()
            wakeup.wait(0.05)
        assert 0.04 < waited_s(wakeup, 0.05) < 1.0
    wakeup.close()


def test_reading_the_inbox_does_not_end_the_wait(yard) -> None:
    path = yard.drop("mug.yaml")
    with closing(watching(yard)) as wakeup:
        path.read_bytes()
        list(yard.folders.inbox.iterdir())
        assert waited_s(wakeup, 0.05) > 0.04


def test_on_a_share_nothing_is_listened_to(yard) -> None:
    with closing(watching(yard, "nfs4")) as wakeup:
        yard.drop("mug.yaml")
        assert waited_s(wakeup, 0.05) > 0.04
        assert not [thread for thread in threading.enumerate() if "Inotify" in type(thread).__name__]


def test_a_folder_mounted_anew_is_watched_anew(yard) -> None:
    inbox = yard.folders.inbox
    with closing(watching(yard)) as wakeup, capture_logs() as logs:
        inbox.rename(inbox.with_name("elsewhere"))
        wakeup.wait(0.01)
        inbox.mkdir()
        wakeup.wait(0.01)
        wakeup.wait(0.05)
        (inbox / "mug.yaml").write_text("prompt: mug\n")
        assert waited_s(wakeup, 5.0) < 1.0
    assert [entry["event"] for entry in logs] == ["wakeup.replaced"]


def test_a_dead_observer_is_noticed_and_replaced(yard) -> None:
    with closing(watching(yard)) as wakeup:
        observer = next(thread for thread in threading.enumerate() if "Observer" in type(thread).__name__)
        observer.stop()
        observer.join()
        wakeup.wait(0.01)
        yard.drop("mug.yaml")
        assert waited_s(wakeup, 5.0) < 1.0
