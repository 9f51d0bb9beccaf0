"""Vital signs of a process: whether it computes or reads, as the kernel counts it.

Knows Linux' /proc.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CPU_S = 0.1
"""Computing for less does not count: a thread that merely looks at a clock now and then computes a little, too."""
READ_BYTES = 1 << 20
"""Likewise of what it reads."""
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """What a process and its threads have done so far."""

    cpu_s: float
    read_bytes: int
    """From disks and shares, files that are mapped into memory included."""

    def shows_life_since(self, former: VitalSigns) -> bool:
        """Whether it has done something since then.

        Args:
            former: of the same process.
        """
        return self.cpu_s - former.cpu_s >= CPU_S or self.read_bytes - former.read_bytes >= READ_BYTES


def vital_signs(pid: int) -> VitalSigns:
    """Of a process; zero of what the kernel does not tell, as of one that is gone.

    Source: proc_pid_stat(5), fields 14 to 17; proc_pid_io(5).
    """
    process = Path("/proc") / str(pid)
    cpu_s, read_bytes = 0.0, 0
    try:
        after_name = (process / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
        cpu_s = sum(map(int, after_name[11:15])) * TICK_S
        counted = dict(line.split(": ") for line in (process / "io").read_text("ascii").splitlines())
        read_bytes = int(counted["read_bytes"]) + int(counted["rchar"])
    except (OSError, ValueError, KeyError):
        pass
    return VitalSigns(cpu_s, read_bytes)
