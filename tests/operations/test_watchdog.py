"""`WATCHDOG=1` is said while the worker gets on, and by nobody once it hangs."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs
from twins import PaintingRenderer
from waiting_for import wait_for

from worker.compose.bootstrap import bootstrap
from worker.compose.overview.writer import STALLED_S, OverviewWriter, writing
from worker.compose.run_worker import heart
from worker.errors import FoldersAway
from worker.spool.alive import beating
from worker.spool.alive.heartbeats import Heartbeats


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setattr(beating, "EVERY_S", 0.02)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(0.3)
        yield made


def is_alive(manager: socket.socket) -> bool:
    """Whether a sign of life comes once all that were sent until now are read."""
    manager.setblocking(False)
    with read_out(manager):
        manager.settimeout(0.3)
        try:
            return b"WATCHDOG=1" in manager.recv(1000)
        except TimeoutError:
            return False


@contextmanager
def read_out(manager: socket.socket):
    try:
        while True:
            manager.recv(1000)
    except BlockingIOError:
        yield


def test_a_heartbeat_that_hangs_in_a_dead_share_says_nothing_more(tmp_path: Path, manager, monkeypatch) -> None:
    """The one thread that says it is the one that writes the heartbeat: while it hangs, nobody does."""
    house, hangs, met, real = House(tmp_path), threading.Event(), threading.Event(), Heartbeats.beat
    hangs.set()

    def beat(self: Heartbeats, **given: bool) -> None:
        if not hangs.wait(0):
            met.set()
            hangs.wait(30)
        real(self, **given)

    monkeypatch.setattr(Heartbeats, "beat", beat)
    worker = bootstrap(
        house.settings(), renderer=lambda _: PaintingRenderer(), wakeup=house, tables=house.tables,
        driver=heart,
    )  # fmt: skip
    with worker.spool.ownership.lock():
        assert is_alive(manager)
        hangs.clear()
        wait_for(met.is_set, 20)
        assert not is_alive(manager)
        hangs.set()
        assert wait_for(lambda: is_alive(manager), 20)


def test_a_page_that_hangs_is_told_once(tmp_path: Path) -> None:
    now, goes_on, begun = [0.0], threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        goes_on.wait(30)
        raise FoldersAway("the share is away")

    writer = OverviewWriter(hang, monotonic=lambda: now[0])
    with capture_logs() as logs, writing(writer):
        wait_for(begun.is_set, 20)
        now[0] += STALLED_S - 1
        writer.watch()
        assert logs == []
        now[0] += 2
        writer.watch()
        writer.watch()
        goes_on.set()
    assert [one["event"] for one in logs] == ["overview.stalled"]
