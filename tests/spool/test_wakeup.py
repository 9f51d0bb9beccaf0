from __future__ import annotations

import errno
import os
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from worker.disk.folder_probe import probe
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


def test_what_a_worker_writes_there_itself_does_not_end_the_wait(yard) -> None:
    with closing(watching(yard)) as wakeup:
        probe(yard.folders.inbox)
        assert waited_s(wakeup, 0.1) > 0.09
        (yard.folders.inbox / ".mug.yaml.tmp").write_text("prompt: mug\n")
        (yard.folders.inbox / ".mug.yaml.tmp").rename(yard.folders.inbox / "mug.yaml")
        assert waited_s(wakeup, 5.0) < 1.0


@pytest.mark.slow
def test_however_often_the_inbox_changes_it_is_not_looked_into_without_a_pause(yard) -> None:
    with closing(watching(yard)) as wakeup:
        wakeup.ring()
        assert waited_s(wakeup, 5.0) < 0.2
        begun_s = time.monotonic()
        for _ in range(3):
            wakeup.ring()
            assert wakeup.wait(5.0)
        assert 0.7 < time.monotonic() - begun_s < 2.0


def open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def inotify_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "Inotify" in type(thread).__name__]


def test_without_an_inotify_instance_or_an_open_file_left_the_inbox_is_scanned_and_that_is_told_once(
    yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    inbox: Path = yard.folders.inbox
    monkeypatch.setattr(os, "pipe", none_left)
    with capture_logs() as logs, closing(watching(yard)) as wakeup:
        for name in ("a", "b"):  # mounted anew, in a night that runs
            assert 0.04 < waited_s(wakeup, 0.05) < 1.0
            inbox.rename(inbox.with_name(name))
            inbox.mkdir()
        wakeup.wait(0.01)
    assert [entry["event"] for entry in logs] == ["wakeup.missing"]


def test_a_watch_that_cannot_begin_leaves_no_thread_and_no_file_behind(yard) -> None:
    before = open_files()
    inbox: Path = yard.folders.inbox

    def vanishes(_: Path) -> str:
        inbox.rmdir()
        return "ext4"

    with closing(InboxWakeup(inbox, kind_of_system=vanishes)):
        assert not inotify_threads()
        assert open_files() == before
