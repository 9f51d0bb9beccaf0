"""A worker's process on this machine: asked to stop and waited for; one that systemd keeps is systemd's to stop.

Knows processes and units. That the process is the worker, whoever calls has proved, and proves once more.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
SYSTEMCTL = "systemctl"
ASKED_S = 10.0
"""For a word of systemd about a unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A service of systemd."""

    name: str
    is_user: bool
    """Of a person's own service manager."""

    def command(self, *words: str) -> list[str]:
        """A call of systemctl about it."""
        return [SYSTEMCTL, *(["--user"] if self.is_user else []), *words, self.name]


def unit_in(cgroup: str) -> Unit | None:
    """The service in whose control group a process is; None outside of any, as in a terminal.

    Args:
        cgroup: `/proc/PID/cgroup`.
    """
    paths = [line.split(":", 2)[2] for line in cgroup.splitlines() if line.count(":") >= 2]
    for path in paths:
        parts = path.split("/")
        if parts[-1].endswith(".service") and not parts[-1].startswith("user@"):
            return Unit(name=parts[-1], is_user=any(part.startswith("user@") for part in parts[:-1]))
    return None


def unit_of(pid: int) -> Unit | None:
    """The service whose main process that is: of one that another service has started, it is not to be stopped.

    Args:
        pid: number of the process.
    """
    try:
        unit = unit_in((PROC / str(pid) / "cgroup").read_text(errors="replace"))
        if unit is None:
            return None
        said = subprocess.run(
            unit.command("show", "--property=MainPID", "--value"),
            capture_output=True, text=True, timeout=ASKED_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return unit if said.stdout.strip() == str(pid) else None


def stop_unit(unit: Unit) -> bool:
    """Let systemd stop it; returns once it has stopped.

    Returns:
        False where this user may not.
    """
    try:
        return subprocess.run(unit.command("--no-ask-password", "stop"), check=False).returncode == 0
    except OSError:
        return False


def stop_process(pid: int, *, is_still: Callable[[], bool]) -> bool:
    """Ask a process to stop, and wait for its end, however long it takes.

    Args:
        pid: its number.
        is_still: whether that number is still the worker's; asked once the process is held fast.

    Returns:
        False where it had ended before it was asked.

    Raises:
        PermissionError: it is another account's.
    """
    try:
        held = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    with closing(os.fdopen(held, "rb", buffering=0)):
        if not is_still():
            return False
        signal.pidfd_send_signal(held, signal.SIGTERM)
        waits = select.poll()
        waits.register(held, select.POLLIN)
        waits.poll()
    return True
