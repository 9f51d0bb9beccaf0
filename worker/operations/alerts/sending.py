"""Sending letters through a process of its own, which is ended when it takes too long: nothing of it can hang a worker.

Knows addresses, and hands them over on standard input only.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from worker.operations.alerts.apprise_child import MISSING, REFUSED
from worker.operations.alerts.network import has_network
from worker.translation import Text, gettext

PACKAGE_PATH = str(Path(__file__).parents[3])
"""Where this package lies: the process must find the same one."""
WITHIN_S = 30.0
"""A letter that has not gone by then does not go this time."""
KILLED_S = 5.0
SLICE_S = 0.2
FAMILIES = "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"
"""With `PrivateNetwork=no`, what gives a unit of ours its network back."""
MOST_BYTES = 1024 * 1024
"""Of answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A letter to one address; without a title it is only asked whether the address serves."""

    url: str
    title: str | None = None
    body: str = ""
    severity: str = "info"


def send(
    letters: Sequence[Addressed], *, within_s: float = WITHIN_S, is_over: Callable[[], bool] = lambda: False
) -> dict[int, Text]:
    """Send them, all addresses at once.

    Args:
        letters: any number; those to one address go in their order.
        within_s: seconds for all of them together.
        is_over: asked again and again: whether to give up at once.

    Returns:
        By its number in `letters`, from 0: why one was not sent. Empty where all were.
    """
    if not letters:
        return {}
    order = [{"url": one.url, "title": one.title, "body": one.body, "severity": one.severity} for one in letters]
    said = _answers({"within_s": within_s, "letters": order}, within_s=within_s, is_over=is_over)
    silent = gettext("no answer within {seconds} s", seconds=f"{within_s:g}")
    reasons = {number: said.get(number, silent) for number in range(len(letters))}
    return {number: _in_words(reason) for number, reason in reasons.items() if reason}


def _in_words(reason: str) -> Text:
    if reason == MISSING:
        return gettext("Apprise is not installed: {command}", command='pip install "zimage-worker[notify]"')
    if reason == REFUSED:
        return gettext("Apprise does not know this service, or something is missing in the address: look at its page.")
    if os.environ.get("INVOCATION_ID") and not has_network():  # Source: systemd.exec(5)
        return gettext(
            "There is no network here. The unit of systemd takes it away: `zimage-worker service install` once more, or"
            " `PrivateNetwork=no` and `{families}` in a drop-in.", families=FAMILIES,
        )  # fmt: skip
    return reason if isinstance(reason, Text) else gettext("{reason}", reason=reason)


def _answers(order: Mapping[str, object], *, within_s: float, is_over: Callable[[], bool]) -> dict[int, str]:
    """What the process said in time; it is gone afterwards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZIMAGE_WORKER_")}
    environment |= {"PYTHONPATH": PACKAGE_PATH, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-P", "-m", "worker.operations.alerts.apprise_child"]
    ends_s = time.monotonic() + within_s
    try:
        child = _started(command, environment, json.dumps(order).encode())
    except OSError as error:
        reason = gettext("its process could not be started ({why})", why=error.strerror or str(error))
        letters = order["letters"]
        return dict.fromkeys(range(len(letters) if isinstance(letters, list) else 0), reason)
    try:
        assert child.stdout is not None
        return _read(child.stdout.fileno(), lambda: time.monotonic() < ends_s and not is_over())
    finally:
        with suppress(OSError):  # it is gone, or has ended its group
            os.killpg(child.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):  # a disk may hold it
            child.wait(KILLED_S)
        assert child.stdout is not None
        child.stdout.close()


def _started(command: Sequence[str], environment: Mapping[str, str], order: bytes) -> subprocess.Popen[bytes]:
    """The process, with its order in memory: no pipe can fill up, and nothing lies on a disk.

    Raises:
        OSError: it cannot be started.
    """
    with os.fdopen(os.memfd_create("order"), "r+b") as told:
        told.write(order)
        told.seek(0)
        return subprocess.Popen(
            command, env=environment, cwd="/", stdin=told, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip


def _read(pipe: int, may_wait: Callable[[], bool]) -> dict[int, str]:
    said, data = dict[int, str](), b""
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while may_wait() and len(data) < MOST_BYTES:
            if not ready.select(SLICE_S):
                continue
            piece = os.read(pipe, 65_536)
            if not piece:
                break
            data += piece
    for line in data.split(b"\n"):
        with suppress(ValueError):
            number, reason = json.loads(line)
            said[int(number)] = str(reason)
    return said
