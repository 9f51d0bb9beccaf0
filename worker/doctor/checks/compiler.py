"""Check: whether torch's compiler finds what it needs of the system: a C compiler and Python's headers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.errors import DeviceUnavailable
from worker.translation import gettext


def check(machine: Machine) -> Iterator[Finding]:
    """Told on a card only, and not where code is never compiled."""
    report = machine.device
    if isinstance(report, DeviceUnavailable) or report.gpu is None or machine.settings.compile == "never":
        return
    # it asks for these two; source: triton's build of its launcher
    programs = (shutil.which(name, path=machine.search_path) for name in ("gcc", "clang"))
    compiler, header = next(filter(None, programs), None), machine.include / "Python.h"
    if compiler and header.is_file():
        text = gettext("{compiler} and Python's headers are there.", compiler=compiler)
        yield Finding(mark="ok", what="compiler", text=text)
    elif compiler:
        yield _missing(gettext("no {header}", header=header))
    elif header.is_file():
        yield _missing(gettext("no C compiler"))
    else:
        yield _missing(gettext("no C compiler and no {header}", header=header))


def _missing(what: str) -> Finding:
    text = gettext(
        "{missing}: pictures will be made without compiled code, at 1.7 times the time (measured, "
        "H100). Install them with `apt install gcc python3-dev`, or set `compile: never`.",
        missing=what,
    )
    return Finding(mark="warn", what="compiler", text=text)
