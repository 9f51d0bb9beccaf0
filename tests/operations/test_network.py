"""A process that has no network is told of it where somebody is to be notified."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from worker.operations.alerts.network import has_network

HEAD = "Inter-|   Receive  |  Transmit\n face |bytes    packets|bytes    packets\n"


@pytest.mark.parametrize(
    ("devices", "has"),
    [("    lo:       0       0\n", False), ("    lo: 0 0\n  eth0: 1 2\n", True), ("", False)],
)
def test_a_network_of_its_own_leaves_nothing_but_its_own_device(devices: str, has: bool, tmp_path: Path) -> None:
    listed = tmp_path / "dev"
    listed.write_text(HEAD + devices)
    assert has_network(listed) is has


def test_where_nothing_is_shown_there_is_one(tmp_path: Path) -> None:
    assert has_network(tmp_path / "none")


def test_without_sockets_of_the_internet_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> socket.socket:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refused)
    assert not has_network(tmp_path / "none")
