"""The screen of a running worker: a terminal with sentences and a live line, or the log alone where nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import TextIO, cast

import structlog

from worker.compose.bootstrap import Worker
from worker.operations import events
from worker.operations.stopping import StopFlag
from worker.settings import Settings
from worker.streams import LossyStream
from worker.translation import Language

log = structlog.get_logger()

ANSWERED_S = 1.0
"""A worker that stops at once leaves so much time for its answer to be written."""
Hear = Callable[..., object]
"""Hears each state of the worker: see `operations.terminal.Terminal.hear`."""


@contextmanager
def screen(settings: Settings, stop: StopFlag, *, drain: bool, language: Language) -> Iterator[Hear]:
    """Show what the worker does while the context lasts; what hears its states.

    Args:
        settings: of the worker; the log is configured as they say.
        stop: is answered at once, whatever the worker is in.
        drain: it ends once the inbox is empty.
        language: of what is said on a terminal.
    """
    stream, answering = events.lossy(), _answer(stop)
    try:
        with _shown(settings, stop, stream, drain=drain, language=language) as hear:
            yield hear
    finally:
        if stop():
            answering.join(ANSWERED_S)


@contextmanager
def _shown(
    settings: Settings, stop: StopFlag, stream: LossyStream, *, drain: bool, language: Language
) -> Iterator[Hear]:
    """The terminal, where there is one."""
    if settings.log != "auto" or not stream.isatty():
        yield lambda _state, **_facts: None
        return
    from worker.operations.terminal import Terminal  # rich takes its time, and most workers have no terminal

    folders = {name: str(getattr(settings, name).absolute()) for name in ("inbox", "outbox", "failed")}
    shown = Terminal(stream, folders=folders, is_draining=drain, should_stop=stop, language=language)
    events.configure(settings.log, cast(TextIO, stream), language=language, show=shown.show)
    with shown:
        yield shown.hear


def follow(worker: Worker, hear: Hear) -> None:
    """Let the screen hear a worker's states, with the jobs to come.

    Args:
        worker: whose states.
        hear: of `screen`.
    """

    def hear_state(state: str, **facts: object) -> None:
        hear(state, **{"queue": worker.spool.inbox.queued()} | facts)

    worker.recorder.add_listener(hear_state)


def _answer(stop: StopFlag) -> Thread:
    """Say at once that a stop was heard: the picture in work may take long, and a share may not answer at all."""
    heard = SimpleQueue[None]()

    def tell() -> None:
        heard.get()
        log.info("stop.asked")

    answering = Thread(target=tell, name="stop", daemon=True)
    answering.start()
    stop.add_bell(lambda: heard.put(None))
    return answering
