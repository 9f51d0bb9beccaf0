"""The log: structlog events, one line each, for a person at a terminal or a program."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import PurePath
from typing import Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from worker.streams import LossyStream
from worker.translation import Language, printable, translated

LogFormat = Literal["auto", "console", "json"]

log = structlog.get_logger()


def configure(log_format: LogFormat, stream: TextIO | None = None, *, language: Language = "en") -> None:
    """Send all events to `stream`: aligned columns on a terminal, else one JSON object a line.

    No event ends a worker: what the stream cannot take is lost, and told as soon as it takes something again.

    Args:
        log_format: `auto` looks whether the stream is a terminal.
        stream: where the lines go; standard error as it is now, when not given.
        language: of the sentences in lines for a person; those for programs stay English, as names and keys do.
    """
    target = sys.stderr if stream is None else stream
    lossy = target if isinstance(target, LossyStream) else LossyStream(target)
    is_console = log_format == "console" or (log_format == "auto" and lossy.isatty())
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=lossy.isatty(), pad_event_to=18)
        if is_console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            _tell_of_losses(lossy),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_console else "iso", utc=not is_console),
            structlog.processors.format_exc_info,
            _in_language(language if is_console else "en"),
            _make_printable,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, lossy)),  # a line in one piece
        cache_logger_on_first_use=False,
    )


def _tell_of_losses(stream: LossyStream) -> structlog.typing.Processor:
    def tell(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        lost, stream.lost = stream.lost, 0
        if lost:
            log.warning("log.dropped", lines=lost)
            if stream.lost:  # this line too
                stream.lost = lost
        return event

    return tell


def _in_language(language: Language) -> structlog.typing.Processor:
    def say(_logger: object, _method: str, event: EventDict) -> EventDict:
        return {key: translated(value, language) if isinstance(value, str) else value for key, value in event.items()}

    return say


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
