"""Check: which settings are not defaults, and where each came from."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine


def check(machine: Machine) -> Iterator[Finding]:
    """A line for each setting that somebody set."""
    for name, value in machine.settings:
        if machine.origins[name] != "default":
            yield Finding(mark="ok", what="setting", text=f"{name} = {value}  ({machine.origins[name]})")
