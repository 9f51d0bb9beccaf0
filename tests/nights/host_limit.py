"""A limit on the host's memory for a worker, and what it takes of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
NAME = "zimage-night"
EVERY_S = 0.25
KIB_PER_GB = 1e9 / 1024


@dataclass(frozen=True)
class HostLimit:
    """A control group that was made, or why there is none."""

    told: str
    folder: Path | None = None

    @property
    def enter(self) -> Callable[[], None] | None:
        """For a child before it becomes the worker."""
        if self.folder is None:
            return None
        procs = self.folder / "cgroup.procs"
        return lambda: procs.write_text(str(os.getpid())) and None

    def seen(self) -> str:
        """What the kernel counted."""
        if self.folder is None:
            return ""
        names = ("memory.peak", "memory.max_usage_in_bytes", "memory.events", "memory.failcnt", "memory.swap.current")
        return ", ".join(
            f"{name}: {(self.folder / name).read_text().strip()}".replace("\n", " ")
            for name in names
            if (self.folder / name).exists()
        )

    def end(self) -> None:
        if self.folder is not None:
            with suppress(OSError):  # a process is just ending in it
                self.folder.rmdir()


def host_limit(gb: float) -> HostLimit:
    """In either version of control groups; where none may be made, it is only watched."""
    limit, refused = str(int(gb * 1e9)), []
    second = (GROUPS, "cgroup.controllers", {"memory.max": limit, "memory.swap.max": "0"})
    first = (GROUPS / "memory", "memory.limit_in_bytes", {"memory.limit_in_bytes": limit, "memory.swappiness": "0"})
    for mount, sign, wanted in (second, first):
        if not (mount / sign).exists():
            refused.append(f"{mount}: no such groups")
            continue
        try:
            return HostLimit(told=f"control group {mount / NAME}, {gb} GB", folder=_made(mount, wanted))
        except OSError as error:
            refused.append(f"{mount}: {error}")
            with suppress(OSError):
                (mount / NAME).rmdir()
    return HostLimit(told=f"no control group can be made ({'; '.join(refused)}): told to the worker, and watched")


def _made(mount: Path, wanted: dict[str, str]) -> Path:
    folder, control = mount / NAME, mount / "cgroup.subtree_control"
    if control.exists() and "memory" not in control.read_text():
        control.write_text("+memory")
    folder.mkdir(exist_ok=True)
    must, *may = wanted.items()
    (folder / must[0]).write_text(must[1])
    for name, value in may:
        with suppress(OSError):
            (folder / name).write_text(value)
    return folder


@dataclass
class HostWatch:
    """Largest sums over a process and all below it, in GB; and how little the machine had left."""

    pid: int
    own_gb: float = 0.0
    """Memory that nobody else can have: anonymous and shared, locked pages among it."""
    locked_gb: float = 0.0
    file_gb: float = 0.0
    """Pages of files that lie in it just now; the system takes them back when it needs them."""
    swapped_gb: float = 0.0
    machine_before_gb: float = 0.0
    machine_least_gb: float = field(default=1e9)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> HostWatch:
        self.machine_before_gb = available_gb()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(EVERY_S):
            fields = [status(pid) for pid in tree(self.pid)]

            def total(*names: str, fields=fields) -> float:
                return sum(one.get(name, 0) for one in fields for name in names) / KIB_PER_GB

            self.own_gb = max(self.own_gb, total("RssAnon", "RssShmem"))
            self.locked_gb = max(self.locked_gb, total("VmPin", "VmLck"))
            self.file_gb = max(self.file_gb, total("RssFile"))
            self.swapped_gb = max(self.swapped_gb, total("VmSwap"))
            self.machine_least_gb = min(self.machine_least_gb, available_gb())

    def __str__(self) -> str:
        return (
            f"own {self.own_gb:.1f} GB at most (counted as locked {self.locked_gb:.1f}), pages of files "
            f"{self.file_gb:.1f}, swapped {self.swapped_gb:.1f}; the machine's available memory fell by "
            f"{self.machine_before_gb - self.machine_least_gb:.1f} GB"
        )


def status(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:  # it has ended
        return {}
    words = [line.replace(":", " ").split() for line in lines if line.startswith(("Rss", "Vm"))]
    return {parts[0]: int(parts[1]) for parts in words}


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    below = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below += [int(child) for child in path.read_text().split()]
        except OSError:
            continue
    return [pid, *(one for child in below for one in tree(child))]


def available_gb() -> float:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / KIB_PER_GB
