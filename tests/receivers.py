"""Real receivers of notifications on this machine: a webhook, a mail server, and one that never answers."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller


class Webhook:
    """Takes what `json://` sends; answers with the codes that it is given, then with 200."""

    def __init__(self, *codes: int) -> None:
        self.got: list[dict[str, Any]] = []
        self.codes = [*codes]
        self.requests = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"json://127.0.0.1:{self._server.server_port}/geheim-token"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["content-length"])))
                webhook.requests += 1
                code = webhook.codes.pop(0) if webhook.codes else 200
                if code == 200:
                    webhook.got.append(message)
                self.send_response(code)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    @property
    def titles(self) -> list[str]:
        return [str(one["title"]) for one in self.got]

    def __enter__(self) -> Webhook:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Mailbox:
    def __init__(self) -> None:
        self.got: list[Message] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's form
        self.got.append(message_from_bytes(envelope.content))
        return "250 taken"


@contextmanager
def mail_server() -> Iterator[tuple[str, list[Message]]]:
    """An address, and the messages that have come to it."""
    mailbox = _Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"mailto://127.0.0.1:{port}?from=worker@example.org&to=shop@example.org", mailbox.got
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of one that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"json://127.0.0.1:{server.getsockname()[1]}/geheim-token?cto=300&rto=300"
