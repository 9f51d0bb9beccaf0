"""Runs a program within a time limit: in a session of its own, without input, its last output kept, all of it ended.

Source: waitid(2): a process that has ended keeps its number until it is waited for, so that its group can be ended
without hitting another's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

KEPT_BYTES = 4096
"""Of its output, the last ones."""
LOOK_S = 0.05
"""Between two looks whether it has ended."""
ENDS_S = 5.0
"""Between asking it to end and killing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of it."""

    exit_code: int | None
    """Negative where a signal ended it; None where it was ended here, or did not begin."""
    output: str
    """The last of what it wrote, on both streams."""
    seconds: float
    error: str = ""
    """Why it did not begin."""
    was_stopped: bool = False
    """It was ended because the caller wanted to stop, and not by its time limit."""


def run_program(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    limit_s: float,
    should_stop: Callable[[], bool],
) -> Ran:
    """Run it to its end, or end it.

    Args:
        command: the program and its words.
        environment: all of it.
        limit_s: seconds after which it is asked to end, and killed `ENDS_S` later.
        should_stop: likewise, at once.
    """
    begun_s = time.monotonic()
    read, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    kept = bytearray()
    try:
        try:
            os.set_blocking(write, True)  # its own end
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=write, stderr=write, env=dict(environment),
                start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:  # ValueError: a NUL
            why = getattr(error, "strerror", None) or str(error)
            return Ran(exit_code=None, output="", seconds=0.0, error=why)
        finally:
            os.close(write)
        was_stopped, is_over = _outlast(process, read, kept, ends_s=begun_s + limit_s, should_stop=should_stop)
        _end(process)
        _take(read, kept)
    finally:
        os.close(read)
    return Ran(
        exit_code=process.returncode if is_over else None,
        output=kept.decode(errors="replace").strip(),
        seconds=round(time.monotonic() - begun_s, 2),
        was_stopped=was_stopped,
    )


def _outlast(
    process: subprocess.Popen[bytes], read: int, kept: bytearray, *, ends_s: float, should_stop: Callable[[], bool]
) -> tuple[bool, bool]:
    """Whether the caller wanted to stop; whether the program has ended by itself."""
    asked_s, was_stopped = None, False
    while not _has_ended(process):
        _take(read, kept)
        now_s = time.monotonic()
        if asked_s is None and (now_s >= ends_s or should_stop()):
            asked_s, was_stopped = now_s, now_s < ends_s
            _signal(process, signal.SIGTERM)
        elif asked_s is not None and now_s >= asked_s + ENDS_S:
            return was_stopped, False
        time.sleep(LOOK_S)
    return was_stopped, asked_s is None


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of its group, which has its number as long as nobody has waited for it."""
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _take(read: int, kept: bytearray) -> None:
    """What it has written by now, of which the end is kept; one that writes without end is read no further here."""
    for _ in range(256):
        try:
            piece = os.read(read, 65_536)
        except BlockingIOError:
            return
        if not piece:
            return
        kept += piece
        del kept[:-KEPT_BYTES]
