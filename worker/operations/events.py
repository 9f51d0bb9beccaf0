"""The log: structlog events, one line each, for a person at a terminal or a program."""

from __future__ import annotations

import logging
import sys
from typing import Literal, TextIO

import structlog

LogFormat = Literal["auto", "console", "json"]


def configure(log_format: LogFormat, stream: TextIO = sys.stderr) -> None:
    """Send all events to `stream`: aligned columns on a terminal, else one JSON object a line.

    Args:
        log_format: `auto` looks whether the stream is a terminal.
        stream: where the lines go.
    """
    is_console = log_format == "console" or (log_format == "auto" and stream.isatty())
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=18)
        if is_console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_console else "iso", utc=not is_console),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
