"""Check: whether the file of figures can be written, on this machine's own disk."""

from __future__ import annotations

import os
from collections.abc import Iterator

from worker.disk.mount_tables import kind_of_system
from worker.disk.mounts import REMOTE
from worker.doctor.check import Finding, Machine
from worker.translation import Text, gettext


def check(machine: Machine) -> Iterator[Finding]:
    """A line where `metrics_file` is set; jobs are made all the same."""
    path = machine.settings.metrics_file
    if path is None:
        return
    folder = path.absolute().parent
    if not folder.is_dir():
        yield _warning(gettext("{folder} is not there: make it, or mend `metrics_file`.", folder=folder))
    elif (kind := kind_of_system(folder, machine.mounts)) in REMOTE:
        text = gettext("{folder} is a network drive ({kind}): name a local folder.", folder=folder, kind=kind)
        yield _warning(text)
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield _warning(gettext("{folder}: this account may not write there: check its rights.", folder=folder))
    else:
        yield Finding(mark="ok", what="metrics", text=gettext("figures for Prometheus go into {path}.", path=path))


def _warning(text: Text) -> Finding:
    return Finding(mark="warn", what="metrics", text=text)
