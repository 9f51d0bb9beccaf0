"""Check: what a renderer would run on, with precision and versions."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine, failure
from worker.errors import DeviceUnavailable, ExitCode


def check(machine: Machine) -> Iterator[Finding]:
    """What torch, asked in a child, says of the device."""
    report = machine.device
    if isinstance(report, DeviceUnavailable):
        yield failure("device", report)
        return
    for line in report.lines():
        yield Finding(mark="ok", what="device", text=line)
    if report.problem is not None:
        yield Finding(mark="FAIL", what="device", text=report.problem, exit_code=ExitCode.DEVICE_UNAVAILABLE)
