"""Which devices the unit lets the worker open, under a booted systemd; the cards' drivers are stood in for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from systemd.installed import UNIT
from systemd.machine import Machine

pytestmark = pytest.mark.share

HERE = "/opt/source/tests/systemd"
CARDS = {"nvidia": 195, "nvidia-uvm": 235, "drm": 226, "kfd": 234}
OTHERS = {"camera": 81, "tape": 9}


@pytest.fixture(scope="module")
def devices(machine: Machine) -> Iterator[Machine]:
    """Drivers of these names, each with a device that opens for whoever may."""
    machine.said("modprobe cuse")
    for name, major in (CARDS | OTHERS).items():
        machine.said(f"systemd-run --unit=device-{name} python3 {HERE}/char_device.py {name} {major}")
        machine.until(f"grep -q '^ *{major} {name}$' /proc/devices && [ -c /dev/{name} ] && chmod 666 /dev/{name}")
    yield machine
    machine.said("systemctl stop 'device-*'")


def opened(machine: Machine, device: str) -> bool:
    """Whether a program opens it that stands in the worker's place in the worker's own unit."""
    machine.said(
        f"mkdir -p /run/systemd/system/{UNIT}-look.service.d;"
        f"sed -e 's#^ExecStart=.*#ExecStart=/bin/bash -c \"exec 3<>{device}\"#; s#^Type=.*#Type=oneshot#; /^Restart=/d'"
        f" /etc/systemd/system/{UNIT}.service >/run/systemd/system/{UNIT}-look.service; systemctl daemon-reload"
    )
    return machine.run(f"systemctl start {UNIT}-look").code == 0


@pytest.mark.parametrize("name", CARDS)
def test_cards_are_opened(name: str, devices: Machine) -> None:
    assert opened(devices, f"/dev/{name}")


def test_a_second_card_is_opened_as_well(devices: Machine) -> None:
    """Number 1 of the driver: nobody serves it, so the kernel says that it is not there, not that it is forbidden."""
    devices.said("mknod -m 666 /dev/nvidia1 c 195 1")
    assert not opened(devices, "/dev/nvidia1")
    told = devices.said(f"journalctl -u {UNIT}-look -o cat -n 8 --no-pager")
    assert "No such device" in told
    assert "not permitted" not in told.splitlines()[-4:]


@pytest.mark.parametrize("name", OTHERS)
def test_other_devices_are_not(name: str, devices: Machine) -> None:
    assert devices.run(f"exec 3<>/dev/{name}").code == 0, "it opens outside of the unit"
    assert not opened(devices, f"/dev/{name}")
    assert "Operation not permitted" in devices.said(f"journalctl -u {UNIT}-look -o cat -n 8 --no-pager")


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/urandom"])
def test_harmless_ones_are(device: str, devices: Machine) -> None:
    assert opened(devices, device)
