"""Check: what the article behind this program asks of a memory-safe pipeline, and what is done about it here."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.doctor.requirements import REQUIREMENTS
from worker.errors import DeviceUnavailable
from worker.translation import gettext


def check(machine: Machine) -> Iterator[Finding]:
    """A line for each requirement, once torch can be used."""
    if isinstance(machine.device, DeviceUnavailable):
        return
    for requirement in REQUIREMENTS:
        text = gettext("{asked}: {done}", asked=requirement.asked, done=requirement.done)
        yield Finding(mark="ok", what="article", text=text)
