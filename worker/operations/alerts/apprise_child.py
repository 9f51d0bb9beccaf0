"""The process that sends: `python -m worker.operations.alerts.apprise_child`, started only when there is something.

Reads one order from standard input (JSON; addresses never stand among the arguments) and writes a line for each address
or letter once it knows: `[number, reason]`, with an empty reason for what went well. A name server or a secure
connection that hangs holds up a thread of this process, and its parent ends it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sys
from collections.abc import Iterable, Mapping
from threading import Lock, Thread, get_ident
from typing import Any
from urllib.parse import unquote

MISSING = "missing"
REFUSED = "refused"
"""Reasons that the parent has words for."""
ORDER_BYTES = 4 * 1024 * 1024
REASON = 200
"""Characters."""
BYTES = {"wecombot": 1_900}
"""Of subject and text together, where a service takes fewer than others; Apprise counts characters.

Source: WeCom's page on group robots, 2,048 bytes of UTF-8.
"""


class _Heard(logging.Handler):
    """Keeps the last warning of each thread: why a letter was not sent."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last: dict[int, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.last[record.thread or 0] = record.getMessage()


def without_address(text: str, url: str) -> str:
    """A reason without any part of an address behind its service.

    Args:
        text: that Apprise has logged.
        url: the address.
    """
    behind = url.partition("://")[2]
    parts = {part for whole in (behind, unquote(behind)) for part in re.split(r"[/?&=:@,#\s]+", whole) if len(part) > 2}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "***")
    return " ".join(text.split())[:REASON]


class _Answers:
    """Lines to the parent, one at a time."""

    def __init__(self) -> None:
        self._lock = Lock()

    def say(self, number: int, reason: str) -> None:
        with self._lock:
            print(json.dumps([number, reason]), flush=True)


def main() -> None:
    """Do one order."""
    order = json.loads(sys.stdin.buffer.read(ORDER_BYTES))
    signal.alarm(int(order["within_s"]) + 5)  # where the parent has died
    answers = _Answers()
    letters: list[dict[str, Any]] = order["letters"]
    try:
        import apprise
    except ImportError:
        for number in range(len(letters)):
            answers.say(number, MISSING)
        return
    heard = _Heard()
    logging.getLogger("apprise").addHandler(heard)
    by_url: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, letter in enumerate(letters):
        by_url.setdefault(letter["url"], []).append((number, letter))
    at_work = [
        Thread(target=_send_all, args=(apprise, url, those, answers, heard), daemon=True)
        for url, those in by_url.items()
    ]
    for one in at_work:
        one.start()
    for one in at_work:
        one.join()
    sys.stdout.flush()
    os._exit(0)  # whatever threads Apprise has left


def _send_all(
    apprise: Any,  # noqa: ANN401 - a module that may not be there
    url: str,
    letters: Iterable[tuple[int, Mapping[str, Any]]],
    answers: _Answers,
    heard: _Heard,
) -> None:
    asset = apprise.AppriseAsset(
        app_id="zimage-worker", app_desc="zimage-worker", app_url="", async_mode=False, secure_logging=True,
        image_url_mask=None, image_url_logo=None,
    )  # fmt: skip
    service = apprise.Apprise.instantiate(url, asset=asset)
    for number, letter in letters:
        heard.last.pop(get_ident(), None)
        if service is None:
            answers.say(number, REFUSED)
        elif letter["title"] is None:  # it is only asked whether the address serves
            answers.say(number, "")
        else:
            answers.say(number, _send(apprise, service, url, letter, heard))


def _send(apprise: Any, service: Any, url: str, letter: Mapping[str, Any], heard: _Heard) -> str:  # noqa: ANN401
    """Why it could not be sent; empty where it was."""
    if "overflow=" not in url:
        service.overflow_mode = apprise.OverflowMode.TRUNCATE
    most = BYTES.get(url.partition("://")[0].lower(), ORDER_BYTES) - len(letter["title"].encode())
    try:
        is_sent = service.notify(
            body=letter["body"].encode()[:most].decode(errors="ignore"),
            title=letter["title"],
            notify_type=letter["severity"],
            body_format="text",
        )
    except Exception as error:  # noqa: BLE001 - whatever one service's code raises, the others are told
        return without_address(f"{type(error).__name__}: {error}", url)
    return "" if is_sent else without_address(heard.last.get(get_ident(), ""), url) or "?"


if __name__ == "__main__":
    main()
