"""A person's own service, under a booted systemd: it outlives logout and reboot, or works once a night."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from systemd.installed import PROGRAM, UNIT, Service
from systemd.machine import Machine

pytestmark = pytest.mark.share

HOME = "/home/anna"
SPOOL = f"{HOME}/pictures"


class Anna:
    """A person with an account; each script is a login of its own, and a logout."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.said(f"id anna 2>/dev/null || useradd --create-home --shell /bin/bash anna; rm -rf {SPOOL}")
        machine.said(f"runuser -u anna -- {PROGRAM} init {SPOOL}")

    def said(self, script: str, *, within_s: float = 240) -> str:
        session = f"systemd-run --quiet --pipe --wait -p PAMName=login -p User=anna -p WorkingDirectory={HOME}"
        return self.machine.said(f"{session} bash -c '{script}'", within_s=within_s)

    def drop(self, name: str, count: int) -> None:
        text = f"prompt: a mug\\ncount: {count}\\n"
        self.machine.said(f"runuser -u anna -- bash -c \"printf '{text}' >{SPOOL}/inbox/{name}.yaml\"")

    def until_done(self, name: str, *, within_s: float = 240) -> None:
        self.machine.until(f"[ -e {SPOOL}/outbox/{name}/manifest.json ]", within_s=within_s)


@pytest.fixture
def anna(machine: Machine) -> Iterator[Anna]:
    """Alone on the machine: its memory is small."""
    machine.said(f"systemctl stop {UNIT}", within_s=200)
    anna = Anna(machine)
    yield anna
    anna.said(f"{PROGRAM} service remove --user")
    assert anna.said(f"ls {HOME}/.config/systemd/user").split() in ([], ["default.target.wants"])


def test_it_goes_on_after_logout_and_comes_back_after_a_reboot(anna: Anna) -> None:
    told = anna.said(f"{PROGRAM} service install --user -c {SPOOL}/worker.yaml")
    print(told)
    assert "sudo loginctl enable-linger anna" in told, "the machine has no polkit, so nobody may by himself"
    anna.machine.said("loginctl enable-linger anna")
    assert anna.machine.said("loginctl show-user anna -P Linger") == "yes"
    anna.machine.until("! loginctl list-sessions --no-legend | grep -q anna")
    anna.drop("mugs", 2)
    anna.until_done("mugs")
    anna.drop("cups", 6)
    anna.machine.until(f"ls {SPOOL}/outbox/cups.*.partial/*.png")
    anna.machine.reboot()
    anna.until_done("cups")
    assert anna.machine.said("loginctl list-sessions --no-legend | grep -c anna || true") == "0"
    print(anna.said(f"{PROGRAM} service status --user"))


def test_it_works_once_a_night_and_ends(anna: Anna) -> None:
    anna.drop("mugs", 2)
    when = anna.machine.said("date -d '+75 seconds' +%H:%M")
    print(anna.said(f"{PROGRAM} service install --user -c {SPOOL}/worker.yaml --drain-at {when}"))
    assert anna.machine.said(f"ls {SPOOL}/outbox | grep -c mugs || true") == "0"
    anna.until_done("mugs", within_s=300)
    night = f"systemctl --user show {UNIT}-night.service"
    anna.machine.until(f"systemctl --user -M anna@ show {UNIT}-night.service -P ActiveState | grep inactive")
    assert anna.said(f"{night} -P Result") == "success"
    print(anna.said(f"{PROGRAM} service status --user"))


def test_the_machines_own_service_says_how_it_is_and_is_removed_without_a_trace(machine: Machine) -> None:
    service = Service(machine)
    service.start()
    print(machine.said(f"{PROGRAM} service status"))
    print(machine.said(f"{PROGRAM} service remove", within_s=200))
    assert machine.run(f"systemctl cat {UNIT}").code != 0
    assert machine.said(f"ls {service.spool}/inbox -d")
    machine.said(f"{PROGRAM} service install -c /etc/zimage-worker/worker.yaml", within_s=240)
    assert service.show("ActiveState") == "active"
