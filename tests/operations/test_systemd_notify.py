from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from house import House
from twins import PaintingRenderer

from worker.operations.systemd import notify, notify_alive, notify_starting, notify_state, notify_waiting


def test_a_message_reaches_the_service_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify("READY=1")
        assert manager.recv(100) == b"READY=1"


def test_without_a_service_manager_or_with_a_dead_one_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("READY=1")


@pytest.mark.parametrize(
    ("say", "heard"),
    [
        (notify_alive, b"WATCHDOG=1"),
        (notify_starting, b"WATCHDOG=1\nEXTEND_TIMEOUT_USEC=120000000"),
        (
            lambda: notify_waiting("full\nREADY=1"),
            b"READY=1\nWATCHDOG=1\nSTATUS=waiting: full\\nREADY=1",
        ),
        (lambda: notify_state("idle"), b"WATCHDOG=1\nSTATUS=idle"),
        (lambda: notify_state("paused", reason="PAUSE"), b"WATCHDOG=1\nSTATUS=paused: PAUSE"),
        (
            lambda: notify_state(
                "rendering", job="mugs", done=12, total=80, file="MUG-03_01.png", left_s=2460.0, step=3
            ),
            b"WATCHDOG=1\nSTATUS=rendering mugs: 12 of 80, MUG-03_01.png, about 41 min left",
        ),
        (
            lambda: notify_state("rendering", job="mugs", done=0, total=3, left_s=None, note="look at worker.yaml"),
            b"WATCHDOG=1\nSTATUS=rendering mugs: 0 of 3; look at worker.yaml",
        ),
        (lambda: notify_state("rendering", job="mugs\udcff"), b"WATCHDOG=1\nSTATUS=rendering mugs\\xff"),
        (lambda: notify_state("rendering", job="mugs", language="zh"), "WATCHDOG=1\nSTATUS=正在画 mugs".encode()),
    ],
)
def test_each_sign_of_life_is_one_message_and_no_name_forges_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Callable[[], None], heard: bytes
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        say()
        assert manager.recv(1000) == heard


def test_whatever_a_worker_does_is_a_sign_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path)
    house.drop("mugs.yaml", "prompt: a mug\ncount: 3\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        said = []
        house.drain(PaintingRenderer(after=lambda _: said.append(manager.recv(1000).partition(b"STATUS=")[2])))
    assert said[0] == b"idle"
    assert said[-1].startswith((b"idle", b"rendering"))
