"""Telling systemd how the service is doing (sd_notify).

Source: sd_notify(3).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping

from worker.progress_words import rough_duration
from worker.translation import Language, Text, enumerated, gettext, translated

STATES: Mapping[str, Text] = {
    "starting": gettext("starting"),
    "idle": gettext("idle"),
    "rendering": gettext("rendering"),
    "paused": gettext("paused"),
    "stopped": gettext("stopped"),
}
"""A worker's states as people say them."""
EXTEND_S = 120
"""How long systemd may wait for the next word of a worker that is still starting; each word asks for so much more."""


def notify(*assignments: str) -> None:
    """Send `READY=1`, `STATUS=...`, `STOPPING=1`, one or more; does nothing where no service manager listens.

    A lost notification must not cost a night, so a failing socket is ignored.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # Linux's abstract namespace
        address = "\0" + address[1:]
    message = "\n".join(" ".join(assignment.splitlines()) for assignment in assignments)
    try:
        with socket.socket(
            socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        ) as connection:
            connection.sendto(message.encode(errors="replace"), address)
    except (OSError, ValueError):  # ValueError: a name with a NUL in it
        return


def notify_alive() -> None:
    """Say that the worker gets on, for `WatchdogSec=`: who calls this knows that a step was done not long ago."""
    notify("WATCHDOG=1")


def notify_starting() -> None:
    """Say that the start gets on, and ask for time: a slow disk or a share that is away outlasts `TimeoutStartSec=`."""
    notify("WATCHDOG=1", f"EXTEND_TIMEOUT_USEC={EXTEND_S * 1_000_000}")


def notify_waiting(reason: str, *, language: Language = "en") -> None:
    """Say so for `systemctl status`; it is a sign of life too, and it counts as started: the boot goes on without it.

    Args:
        reason: why nothing can be done yet.
        language: of who reads it.
    """
    words = translated(gettext("waiting: {reason}", reason=reason), language)
    notify("READY=1", "WATCHDOG=1", f"STATUS={words}")


def notify_state(state: str, *, job: str | None = None, language: Language = "en", **facts: object) -> None:
    """Say what the worker does, for `systemctl status`; it is a sign of life too.

    Args:
        state: one word of a worker's record.
        job: in work.
        language: of who reads it.
        facts: of that state: why it waits, how far the job is, what a person should know.
    """
    words: str = STATES.get(state, state)
    if job:
        words = gettext("{state} {job}", state=words, job=job)
    if how := (_progress(facts) if state == "rendering" else str(facts.get("reason", ""))):
        words = gettext("{state}: {reason}", state=words, reason=how)
    if note := facts.get("note"):
        words = gettext("{state}; {note}", state=words, note=note)
    notify("WATCHDOG=1", f"STATUS={translated(words, language)}")


def _progress(facts: Mapping[str, object]) -> str:
    """`12 of 80, MUG-03_01.png, about 41 min left`, as far as it is known."""
    done, total, file, left_s = (facts.get(name) for name in ("done", "total", "file", "left_s"))
    told: list[str] = [gettext("{done} of {total}", done=done, total=total)] if total else []
    if file:
        told.append(str(file))
    if isinstance(left_s, int | float):
        told.append(gettext("about {duration} left", duration=rough_duration(left_s)))
    return enumerated(told)


def notify_reloading() -> None:
    """Say that the settings are read again: until the next `notify_ready`."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def notify_ready() -> None:
    """Say that the worker works: after its start, and after its settings were read again."""
    notify("READY=1")
