"""Check: what fits into the card's free memory, by the memory model."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.doctor.plan_report import plan_lines, usual_works
from worker.errors import DeviceUnavailable, ModelInvalid
from worker.studio.model_files.sizes import weights_in


def check(machine: Machine) -> Iterator[Finding]:
    """A line for each usual size, on a card with a whole model."""
    report, model = machine.device, machine.model
    if isinstance(report, DeviceUnavailable) or report.free_mib is None:
        return
    if isinstance(model, ModelInvalid) or model.faults:
        return
    for line in plan_lines(report.free_mib, weights_in(model.source), usual_works()):
        yield Finding(mark="ok", what="memory", text=line)
