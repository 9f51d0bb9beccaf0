"""Check: what this computer's own memory must hold beside a card, and whether it can."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine, failure
from worker.errors import DeviceUnavailable
from worker.studio.plan.host_memory import host_need
from worker.studio.plan.memory import MPX, Work, make_plan


def check(machine: Machine) -> Iterator[Finding]:
    """A line on a card with a whole model; a warning where the night would be slow or swap."""
    report, weights = machine.device, machine.weights
    if isinstance(report, DeviceUnavailable) or report.free_mib is None or weights is None:
        return
    need = host_need(make_plan(report.free_mib, weights, Work(pixels=MPX)), weights)
    room = machine.host_room()
    if need.can_never_fit(room):
        yield failure("host", DeviceUnavailable(need.refusal(room)))
        return
    for text in need.lines(room):
        yield Finding(mark="ok" if need.is_fast(room) else "warn", what="host", text=text)
