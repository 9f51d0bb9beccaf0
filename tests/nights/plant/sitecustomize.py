"""Plants faults into a worker's processes, by variables of the environment; nothing without them.

`PLANT_REFUSED_PINNING`: the driver refuses to lock memory, as it does for a range that is locked already. A limit on
locked memory does not bind root, who runs the tests on a card. `PLANT_HOST_GB`: the host has so much memory and no
more, where no control group can be made.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from pathlib import Path


def refuse_pinning(pinning) -> None:
    lock = pinning._lock

    def refused(memory, device, cudart) -> None:
        place = memory.ctypes.data
        is_held = int(cudart.cudaHostRegister(place, memory.nbytes, 0)) == 0
        try:
            lock(memory, device, cudart)
        finally:
            if is_held:
                cudart.cudaHostUnregister(place)

    def none_of_torch(_values):
        raise RuntimeError("CUDA error: out of memory (planted: no host memory can be locked)")

    pinning._lock, pinning._torch_pinned = refused, none_of_torch


def limit_host(module) -> None:
    from worker.studio.plan.host_memory import HostRoom

    limit_mib = float(os.environ["PLANT_HOST_GB"]) * 1e9 / 1024**2

    def host_room(**_places) -> HostRoom:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        held_mib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon")) / 1024
        return HostRoom(available_mib=max(0.0, limit_mib - held_mib), total_mib=limit_mib, bound="cgroup")

    module.host_room = host_room


PLANTS = {}
if "PLANT_REFUSED_PINNING" in os.environ:
    PLANTS["worker.studio.card.pinning"] = refuse_pinning
if "PLANT_HOST_GB" in os.environ:
    PLANTS["worker.studio.card.host_room"] = limit_host


class Planter(importlib.abc.MetaPathFinder):
    """Changes a module once it has been imported."""

    def find_spec(self, name, path, target=None):
        if name not in PLANTS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module

        def planted(module) -> None:
            execute(module)
            PLANTS[name](module)

        spec.loader.exec_module = planted
        return spec


if PLANTS:
    sys.meta_path.insert(0, Planter())
