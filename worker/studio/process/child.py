"""The child process: loads the model and renders what the pipe asks for, until the pipe is closed.

Knows the conversation in `messages` from the child's side. An error that is not foreseen is told to the parent, which
decides whether a fresh process goes on; one that breaks the card's context ends this one.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from multiprocessing.connection import Connection
from types import NoneType
from typing import TYPE_CHECKING, NoReturn

import structlog

from worker.errors import DeviceUnavailable, ModelInvalid
from worker.records import PictureResult
from worker.studio.card.environment import COMPILER_CACHE
from worker.studio.card.error_kinds import kind_of_error
from worker.studio.process.messages import Enough, Finished, Interrupt, Loaded, Logged, Refusal, Render, Stumble
from worker.studio.process.send_queue import SendQueue
from worker.studio.render.load_request import Load
from worker.studio.retry.history import RestartRequest
from worker.studio.retry.ladders import Stage

if TYPE_CHECKING:
    from worker.studio.render.renderer import StudioRenderer

PLAIN = (str, int, float, bool, NoneType)
"""What an event may say as it is; anything else might not get through the pipe."""
STAGES: dict[str, Stage] = {
    "worker.studio.stages.encode": "encode",
    "worker.studio.stages.embeddings": "encode",
    "worker.studio.stages.denoise": "denoise",
    "worker.studio.stages.decode": "decode",
}
"""By module: an error that passes through it was raised in that stage."""
LAST_WORDS = 300
"""Characters of an error's first line that are told."""
PR_SET_PDEATHSIG = 1
"""Source: prctl(2)."""


def serve(pipe: Connection, studio: StudioRenderer) -> None:
    """Render what is asked for.

    Args:
        pipe: to the parent.
        studio: of the loaded model.

    Raises:
        EOFError: the parent closed the pipe, or is gone.
    """
    is_able = True
    with closing(SendQueue(pipe)) as send_queue:
        _log_through(send_queue)
        while is_able:
            order = pipe.recv()
            if isinstance(order, Render):
                is_able = _render(pipe, send_queue, studio, order)
            # an Interrupt or Enough that crossed with Finished has nothing left to stop


def _render(pipe: Connection, send_queue: SendQueue, studio: StudioRenderer, order: Render) -> bool:
    """False when this process must be replaced."""
    heard: set[Interrupt | Enough] = set()

    def is_interrupted() -> bool:
        while Interrupt() not in heard and pipe.poll():
            heard.add(pipe.recv())
        return Interrupt() in heard

    def may_begin() -> bool:
        return not is_interrupted() and not heard

    resumed = {history.file for history in order.histories}
    results = studio.render(
        order.requests,
        on_progress=send_queue.say,
        is_interrupted=is_interrupted,
        may_begin=may_begin,
        histories=order.histories,
        mode=order.mode,
    )
    for result in _until_it_stumbles(results):
        send_queue.say(result)
        if isinstance(result, RestartRequest):
            return False
        if isinstance(result, Stumble):
            send_queue.flush()
            return not result.ends_process
        if result.request.file in resumed:
            send_queue.flush()  # must not be taken for what kills this process next
    send_queue.say(Finished())
    return True


def _until_it_stumbles(
    results: Iterator[PictureResult | RestartRequest],
) -> Iterator[PictureResult | RestartRequest | Stumble]:
    """What rendering gives; an error that no ladder answers comes last, as a value that holds no tensor."""
    try:
        yield from results
        return
    except (EOFError, BrokenPipeError):  # the parent is gone
        raise
    except Exception as error:  # noqa: BLE001 - whatever making pictures raises is told, and answered by the parent
        traceback.print_exc()  # into the last words, should this process end of it
        traceback.clear_frames(error.__traceback__)
        told = stumble(error)
    yield told


def stumble(error: Exception) -> Stumble:
    """What the parent hears of an error.

    Args:
        error: with its traceback.
    """
    name = type(error).__name__
    first_line = str(error).strip().partition("\n")[0][:LAST_WORDS]
    passed = (frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(error.__traceback__))
    return Stumble(
        kind=kind_of_error(error),
        name=name,
        why=f"{name}: {first_line}" if first_line else name,
        stage=next((STAGES[module] for module in passed if module in STAGES), None),
    )


def _log_through(send_queue: SendQueue) -> None:
    """Let the parent write this process's events: of what it prints, only the last lines before a death are read."""

    def forward(_logger: object, level: str, facts: structlog.typing.EventDict) -> NoReturn:
        event = str(facts.pop("event"))
        plain = {name: fact if isinstance(fact, PLAIN) else repr(fact) for name, fact in facts.items()}
        send_queue.say(Logged(level=level, event=event, facts=plain))
        raise structlog.DropEvent

    structlog.configure(processors=[structlog.processors.format_exc_info, forward])


def _follow_the_parent(parent: int) -> None:
    """Die with the daemon, whatever kills it; leave signals to the daemon, who ends this process in good order."""
    # Linux counts the end of the thread that started the child; the daemon starts it from its main thread
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        sys.exit(0)
    # systemd sends SIGTERM to every process of the unit at once; the daemon alone decides what it means
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    faulthandler.enable()


def main() -> None:
    """Serve on the pipe that the parent left open."""
    parser = argparse.ArgumentParser(prog="worker.studio.process.child")
    parser.add_argument("--pipe", type=int, required=True, help="file descriptor of the pipe")
    parser.add_argument("--parent", type=int, required=True, help="process id of the parent")
    arguments = parser.parse_args()
    _follow_the_parent(arguments.parent)
    pipe: Connection = Connection(arguments.pipe)
    try:
        load: Load = pipe.recv()
        if load.cache_dir is not None:
            os.environ.setdefault(COMPILER_CACHE, str(load.cache_dir / f"torch-{version('torch')}"))
        # not at the top: importing torch takes seconds, and a signal or the parent's death must not be missed meanwhile
        from worker.studio.render.opening import open_studio

        try:
            studio, info = open_studio(load)
        except (ModelInvalid, DeviceUnavailable) as error:
            pipe.send(Refusal(error=error))
            return
        pipe.send(Loaded(info=info))
        serve(pipe, studio)
    except (EOFError, BrokenPipeError):
        return  # the parent hung up


if __name__ == "__main__":
    main()
