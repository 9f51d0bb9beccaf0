"""The log: structlog events, one line each, for a person at a terminal or a program."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import PurePath
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from worker.translation import printable

LogFormat = Literal["auto", "console", "json"]


def configure(log_format: LogFormat, stream: TextIO = sys.stderr) -> None:
    """Send all events to `stream`: aligned columns on a terminal, else one JSON object a line.

    Args:
        log_format: `auto` looks whether the stream is a terminal.
        stream: where the lines go.
    """
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # what the log's encoding cannot say ends nobody's night
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
            _make_printable,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def _make_printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Spell out what names may hold, so that no line of the log is anybody else's; a traceback keeps its lines."""
    return {key: _lines(value) if key == "exception" else _printable(value) for key, value in event.items()}


def _printable(value: object) -> object:
    match value:
        case str() | PurePath():
            return printable(str(value))
        case Mapping():
            return {printable(str(key)): _printable(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_printable(inner) for inner in value]
        case _:
            return value


def _lines(traceback: object) -> str:
    return "\n".join(map(printable, str(traceback).split("\n")))
