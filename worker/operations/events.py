"""The log: structlog events, one line each, for a person at a terminal or a program."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from worker.streams import LossyStream
from worker.translation import Language, printable, translated

LogFormat = Literal["auto", "console", "json"]

log = structlog.get_logger()

Listener = Callable[[str, Mapping[str, object]], object]
"""Hears an event by its name and its facts, in the thread that logs it: it neither raises nor waits."""
_listeners: list[Listener] = []


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """While the context lasts, `listener` hears every event, however and wherever the log is shown.

    Args:
        listener: hands what it wants to know to a thread of its own.
    """
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def lossy(stream: TextIO | None = None) -> LossyStream:
    """A stream that loses what its target cannot take: standard error as it is now, when none is given."""
    target = sys.stderr if stream is None else stream
    return target if isinstance(target, LossyStream) else LossyStream(target)


def configure(
    log_format: LogFormat,
    stream: TextIO | None = None,
    *,
    language: Language = "en",
    show: structlog.typing.Processor | None = None,
) -> None:
    """Send all events to `stream`: aligned columns on a terminal, else one JSON object a line.

    No event ends a worker: what the stream cannot take is lost, and told as soon as it takes something again.

    Args:
        log_format: `auto` looks whether the stream is a terminal.
        stream: where the lines go; standard error as it is now, when not given.
        language: of the sentences in lines for a person; those for programs stay English, as names and keys do.
        show: shows events in another way, and drops them then.
    """
    target = lossy(stream)
    is_console = log_format == "console" or (log_format == "auto" and target.isatty())
    structlog.configure(
        processors=[
            _tell_of_losses(target),
            structlog.processors.add_log_level,
            _tell_listeners,
            structlog.processors.format_exc_info,
            *((show,) if show is not None else _line(target, language if is_console else "en", is_console=is_console)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, target)),  # a line in one piece
        cache_logger_on_first_use=False,
    )


def _line(stream: LossyStream, language: Language, *, is_console: bool) -> tuple[structlog.typing.Processor, ...]:
    """What makes a line of an event."""
    return (
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_console else "iso", utc=not is_console),
        _in_language(language),
        _make_printable,
        structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=18)
        if is_console
        else structlog.processors.JSONRenderer(ensure_ascii=False),
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


def _tell_listeners(_logger: object, _method: str, event: EventDict) -> EventDict:
    name, facts = str(event["event"]), {key: value for key, value in event.items() if key != "event"}
    for listener in [*_listeners]:
        listener(name, facts)
    return event


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
