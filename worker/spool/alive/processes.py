"""Processes of this machine: whether the one that wrote something down still lives, for any account that asks.

A lock tells that too, but only to whoever can reach the same lock folder; a service and its people often cannot.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
STARTED_AT = 19
"""Field of `/proc/PID/stat`, counted behind the name in brackets (source: proc(5), `starttime`)."""


def process_mark() -> str:
    """Number, start and namespace of this process; empty where the system does not tell."""
    try:
        return f"{os.getpid()} {_started(os.getpid())} {os.readlink(PROC / 'self/ns/pid')}"
    except (OSError, IndexError, UnicodeError):
        return ""


def is_running(mark: str) -> bool | None:
    """Whether a process still lives; None where that cannot be known here.

    Args:
        mark: what `process_mark` gave it, since the start of this machine.
    """
    number, _, rest = mark.partition(" ")
    started, _, namespace = rest.partition(" ")
    try:
        if not number.isascii() or not number.isdecimal() or os.readlink(PROC / "self/ns/pid") != namespace:
            return None
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another account's, and there
        pass
    except OSError:
        return None
    with suppress(OSError, IndexError, UnicodeError):  # hidden from this user: then its number alone tells
        return _started(int(number)) == started
    return True


def _started(number: int) -> str:
    return (PROC / str(number) / "stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()[STARTED_AT]
