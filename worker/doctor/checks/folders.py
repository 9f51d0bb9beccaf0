"""Check: kind of file system, rename, clock and space of the three folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from worker.disk.folder_probe import probe
from worker.disk.mount_tables import MountTables, kind_of_system
from worker.disk.mounts import REMOTE
from worker.doctor.check import Finding, Machine, failure
from worker.errors import ExitCode, FoldersUnusable
from worker.translation import gettext

CLOCK_SKEW_S = 60.0
"""Beyond this the times in reports mislead; ownership never depends on it."""
LOW_SPACE_BYTES = 2 * 1024**3
"""Some 1,000 pictures of 1024x1024 in PNG."""


def check(machine: Machine) -> Iterator[Finding]:
    """Why the folders cannot serve, or what each is like."""
    if isinstance(machine.folders, FoldersUnusable):
        yield failure("folders", machine.folders)
        return
    for name, folder in machine.folders.items():
        yield from folder_findings(name, folder, machine.mounts)


def folder_findings(name: str, folder: Path, mounts: MountTables) -> Iterator[Finding]:
    """What one folder is like.

    Args:
        name: of the setting.
        folder: tried by a small file, which is gone again afterwards.
        mounts: of this machine.
    """
    where = _where(folder, kind_of_system(folder, mounts))
    try:
        skew_s = probe(folder)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        text = gettext(
            "{where}: cannot write, sync and rename here: {reason}. Check the mount and its rights.",
            where=where,
            reason=error.strerror,
        )
        yield Finding(mark="FAIL", what=name, text=text, exit_code=ExitCode.FOLDERS_UNUSABLE)
        return
    yield Finding(mark="ok", what=name, text=gettext("{where}: writing, syncing and renaming work.", where=where))
    if abs(skew_s) > CLOCK_SKEW_S:
        text = gettext(
            "its clock differs by {seconds} s: times in reports will mislead; turn on NTP on both sides.",
            seconds=f"{skew_s:.0f}",
        )
        yield Finding(mark="warn", what=name, text=text)
    if free < LOW_SPACE_BYTES:
        text = gettext("{size} GiB free: make room before the night.", size=f"{free / 1024**3:.1f}")
        yield Finding(mark="warn", what=name, text=text)


def _where(folder: Path, kind: str) -> str:
    if kind in REMOTE:
        return gettext("{folder} ({kind}, a network drive)", folder=folder, kind=kind)
    return f"{folder} ({kind})"
