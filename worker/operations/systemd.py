"""Telling systemd how the service is doing (sd_notify).

Source: sd_notify(3).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from worker.translation import Language, Text, gettext, translated

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


def notify_state(
    state: str,
    *,
    job: str | None = None,
    reason: object = "",
    language: Language = "en",
    **others: object,  # noqa: ARG001
) -> None:
    """Say what the worker does, for `systemctl status`; it is a sign of life too.

    Args:
        state: one word of a worker's record.
        job: in work.
        reason: why it waits.
        language: of who reads it.
        others: facts of that state; they are not told.
    """
    words: str = STATES.get(state, state)
    if job:
        words = gettext("{state} {job}", state=words, job=job)
    if reason:
        words = gettext("{state}: {reason}", state=words, reason=reason)
    notify("WATCHDOG=1", f"STATUS={translated(words, language)}")
