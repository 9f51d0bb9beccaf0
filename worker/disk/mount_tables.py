"""Mount tables of this machine: what is mounted where, what should be, and what keeps a folder in step elsewhere.

Read from /proc/self/mountinfo, /etc/fstab and mount units; `mounts` says what they mean.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from worker.disk.beneath import real_path
from worker.disk.mounts import Mount, expected_points, holding, missing_point, parse_mountinfo, sync_tool


@dataclass(frozen=True, slots=True, kw_only=True)
class MountTables:
    """Where a machine says what should be mounted, and what is."""

    mountinfo: Path = Path("/proc/self/mountinfo")
    fstab: Path = Path("/etc/fstab")
    units: tuple[Path, ...] = (Path("/etc/systemd/system"), Path("/run/systemd/generator"))

    def unmounted(self, folder: Path) -> str | None:
        """The mount point above a folder on which nothing is mounted now; None when all is well."""
        mounts = parse_mountinfo(_text(self.mountinfo))
        units = [_text(path) for place in self.units for path in sorted(place.glob("*.mount"))]
        # a link must not hide where the folder really lies
        point = missing_point(real_path(folder), mounts, expected_points(_text(self.fstab), units))
        return str(point) if point is not None else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="surrogateescape")
    except OSError:
        return ""


def kind_of_system(folder: Path, tables: MountTables | None = None) -> str:
    """Of file system that holds a folder, as the kernel names it.

    Args:
        folder: any path that is there.
        tables: of this machine, when not given.
    """
    return mount_of(folder, tables or MountTables()).kind


def mount_of(folder: Path, tables: MountTables) -> Mount:
    """The mount that holds a folder.

    Args:
        folder: any path that is there.
        tables: of this machine.
    """
    return holding(real_path(folder), parse_mountinfo(_text(tables.mountinfo)))


def sync_tool_of(folder: Path, tables: MountTables) -> str | None:
    """What keeps copies of this folder on other machines, or writes it back later; None for nothing known.

    Args:
        folder: any path that is there.
        tables: of this machine.
    """
    real = real_path(folder)
    names = ([entry.name for entry in _entries(place) if entry.name.startswith(".")] for place in (real, *real.parents))
    return sync_tool(names, mount_of(folder, tables).kind)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
