"""Check: what fits into the card's free memory, by the memory model."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.doctor.plan_report import plan_lines, usual_works
from worker.errors import DeviceUnavailable


def check(machine: Machine) -> Iterator[Finding]:
    """A line for each usual size, on a card with a whole model."""
    report, weights = machine.device, machine.weights
    if isinstance(report, DeviceUnavailable) or report.free_mib is None or weights is None:
        return
    for line in plan_lines(report.free_mib, weights, usual_works()):
        yield Finding(mark="ok", what="memory", text=line)
