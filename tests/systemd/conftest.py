"""One machine for all tests of a run, and the service on it, anew and idle for each."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from systemd.image import make
from systemd.installed import SETTINGS, SPOOL, UNIT, Service
from systemd.machine import Machine

IMAGES = Path(os.environ.get("SYSTEMD_IMAGES", "/tmp/zimage-worker-systemd"))
KEPT = os.environ.get("SYSTEMD_LOGS", "")
"""Where the machine's own log is kept, as evidence."""


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if not shutil.which("linux.uml") or not shutil.which("mmdebstrap"):
        pytest.skip("User-Mode Linux or mmdebstrap is not installed")
    machine = Machine(make(IMAGES), tmp_path_factory.mktemp("machine"))
    try:
        machine.boot()
        print(Service(machine).install())
        yield machine
        keep_log(machine)
    finally:
        machine.cut()
        subprocess.run(["rm", "-rf", str(machine.folder)], check=True)


def keep_log(machine: Machine) -> None:
    """The machine's own log, where somebody wants it."""
    if KEPT and machine.is_on():
        text = machine.run("journalctl -o short-iso-precise --no-pager | gzip >/run/control/journal.gz", within_s=300)
        assert text.code == 0
        shutil.copy(machine.folder / "control/journal.gz", KEPT)


CLEAN = f"""
cd {SPOOL} || exit 1
changed=$(cmp -s {SETTINGS}.kept {SETTINGS} || echo yes)
[ -z "$changed$(find inbox -name '*.yaml')" ] && systemctl -q is-active {UNIT} || {{
    systemctl kill -s KILL {UNIT}; systemctl stop {UNIT}; systemctl reset-failed {UNIT}
    cp {SETTINGS}.kept {SETTINGS}
    rm -rf inbox/*.yaml inbox/.zimage-worker/claims/*
}} 2>/dev/null
rm -rf outbox/mugs* failed/mugs*
"""
"""A worker that is well and idle goes on: to load the model anew takes half a minute here."""


@pytest.fixture
def service(machine: Machine, request: pytest.FixtureRequest) -> Iterator[Service]:
    """Started and idle; with empty folders once the test is over."""
    service = Service(machine)
    machine.run(f"logger -t test '== {request.node.name} =='; mountpoint -q {SPOOL} || mount {SPOOL}")
    service.start()
    yield service
    machine.run(f"mountpoint -q {SPOOL} || mount {SPOOL}")
    machine.said(CLEAN, within_s=120)
