"""The child process: loads the model and renders what the pipe asks for, until the pipe is closed.

Knows the conversation in `messages` from the child's side. An error that is not foreseen ends the process: the parent
reports it with its last words and starts a fresh one.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import os
import signal
import sys
from contextlib import closing
from importlib.metadata import version
from multiprocessing.connection import Connection
from types import NoneType
from typing import TYPE_CHECKING, NoReturn

import structlog

from worker.errors import DeviceUnavailable, ModelInvalid
from worker.studio.card.environment import COMPILER_CACHE
from worker.studio.process.messages import Finished, Interrupt, Loaded, Logged, Refusal, Render
from worker.studio.process.send_queue import SendQueue
from worker.studio.render.load_request import Load
from worker.studio.retry.history import RestartRequest

if TYPE_CHECKING:
    from worker.studio.render.renderer import StudioRenderer

PLAIN = (str, int, float, bool, NoneType)
"""What an event may say as it is; anything else might not get through the pipe."""
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
            # an Interrupt that crossed with Finished has nothing left to stop


def _render(pipe: Connection, send_queue: SendQueue, studio: StudioRenderer, order: Render) -> bool:
    """False when this process must be replaced."""
    heard: list[Interrupt] = []

    def is_interrupted() -> bool:
        if not heard and pipe.poll():
            heard.append(pipe.recv())
        return bool(heard)

    resumed = {history.file for history in order.histories}
    results = studio.render(
        order.requests, on_progress=send_queue.say, is_interrupted=is_interrupted, histories=order.histories
    )
    for result in results:
        send_queue.say(result)
        if isinstance(result, RestartRequest):
            return False
        if result.request.file in resumed:
            send_queue.flush()  # must not be taken for what kills this process next
    send_queue.say(Finished())
    return True


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
