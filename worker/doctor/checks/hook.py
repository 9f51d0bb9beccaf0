"""Check: whether the program of the setting `hook` is there and can be run by this account."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.translation import gettext


def check(machine: Machine) -> Iterator[Finding]:
    """A line where a hook is set; jobs are made all the same."""
    hook = machine.settings.hook
    if hook is None:
        return
    program = hook.command[0]
    if shutil.which(program, path=machine.search_path) is not None:
        text = gettext(
            "{program} runs after each job, for {seconds} s at most.", program=program, seconds=f"{hook.limit_s:g}"
        )
        yield Finding(mark="ok", what="hook", text=text)
    elif not os.path.lexists(program):
        text = gettext(
            "{program} is not there: mend `hook`; a program beside the settings file is written `./NAME`.",
            program=program,
        )
        yield Finding(mark="warn", what="hook", text=text)
    else:
        text = gettext("{program} cannot be run by this account: `chmod +x` it.", program=program)
        yield Finding(mark="warn", what="hook", text=text)
