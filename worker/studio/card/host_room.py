"""The host's memory as this process finds it: what it may still take, and what limits it.

Knows where Linux says so; reads small files of the kernel's and nothing else.
"""

from __future__ import annotations

import math
import resource
from collections.abc import Iterator, Mapping
from pathlib import Path

from worker.studio.plan.host_memory import Bound, HostRoom
from worker.studio.units import MIB

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
KIB_PER_MIB = 1024
FILE_PAGES = ("inactive_file", "active_file")
"""Of a control group's memory: what the kernel drops before it ends anybody."""
VERSION_1_PREFIX = "total_"


def host_room(*, proc: Path = PROC, cgroups: Path = CGROUPS) -> HostRoom:
    """What this process may take of the host's memory without swapping.

    Args:
        proc: the kernel's folder of processes.
        cgroups: where control groups are mounted, in either version.

    Returns:
        The narrowest of machine, control groups and `ulimit`; what cannot be read limits nothing.
    """
    memory = _fields(proc / "meminfo")
    available, total = (memory.get(name, math.inf) / KIB_PER_MIB for name in ("MemAvailable", "MemTotal"))
    rooms: list[tuple[float, float, Bound]] = [(available, total, "machine")]
    rooms += [(limit - used, limit, "cgroup") for limit, used in _control_groups(proc, cgroups)]
    rooms += [(limit - used, limit, "ulimit") for limit, used in _limits(proc)]
    available, _, bound = min(rooms)
    return HostRoom(
        available_mib=max(0.0, available),
        total_mib=min(room[1] for room in rooms),
        swap_mib=memory.get("SwapTotal", 0) / KIB_PER_MIB,
        bound=bound,
    )


def _fields(file: Path) -> Mapping[str, int]:
    """Lines such as `MemTotal:  24683564 kB` and `active_file 4096`, by name."""
    try:
        lines = file.read_text("ascii", "replace").splitlines()
    except OSError:
        return {}
    words = (line.replace(":", " ").split() for line in lines)
    return {parts[0]: int(parts[1]) for parts in words if len(parts) > 1 and parts[1].isdecimal()}


def _number(file: Path) -> int | None:
    """The only number of a file; None where there is no such file, or it says `max`."""
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _control_groups(proc: Path, cgroups: Path) -> Iterator[tuple[float, float]]:
    """Limit and use in MiB of every control group around this process that has a limit."""
    try:
        lines = (proc / "self" / "cgroup").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0":
            yield from _version_2(cgroups, path)
        elif "memory" in controllers.split(","):
            yield from _version_1(cgroups / "memory", path)


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """The folders of a group and of those around it; of a container's own path only the end may be visible."""
    inside = mount / path.lstrip("/")
    yield from (folder for folder in (inside, *inside.parents) if folder.is_relative_to(mount))


def _version_2(mount: Path, path: str) -> Iterator[tuple[float, float]]:
    for folder in _upwards(mount, path):
        used, pages = _number(folder / "memory.current"), _fields(folder / "memory.stat")
        for name in ("memory.max", "memory.high"):
            limit = _number(folder / name)
            if used is not None and limit is not None:
                yield limit / MIB, (used - sum(pages.get(kind, 0) for kind in FILE_PAGES)) / MIB


def _version_1(mount: Path, path: str) -> Iterator[tuple[float, float]]:
    for folder in _upwards(mount, path):
        used, pages = _number(folder / "memory.usage_in_bytes"), _fields(folder / "memory.stat")
        limit = _number(folder / "memory.limit_in_bytes")
        if used is not None and limit is not None:
            files = sum(pages.get(VERSION_1_PREFIX + kind, 0) for kind in FILE_PAGES)
            yield limit / MIB, (used - files) / MIB


def _limits(proc: Path) -> Iterator[tuple[float, float]]:
    """Limit and use in MiB of this process's address space and data, where `ulimit -v` or `-d` set one."""
    held = _fields(proc / "self" / "status")
    for limit, name in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
        most, _ = resource.getrlimit(limit)
        if most != resource.RLIM_INFINITY:
            yield most / MIB, held.get(name, 0) / KIB_PER_MIB
