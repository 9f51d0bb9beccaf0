"""Check: which settings are not defaults, and where each came from."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.translation import gettext


def check(machine: Machine) -> Iterator[Finding]:
    """A line for each setting that somebody set."""
    for name, value in machine.settings:
        origin = machine.origins[name]
        if origin != "default":
            text = gettext("{setting} = {value}  ({origin})", setting=name, value=value, origin=origin)
            yield Finding(mark="ok", what="setting", text=text)
