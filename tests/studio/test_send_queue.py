"""What the child says: a parent that is busy keeps no card waiting, and hears everything in its order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest
import structlog

from worker.records import Picture, PictureResult, Progress
from worker.studio.process.child import _log_through
from worker.studio.process.messages import Finished
from worker.studio.process.send_queue import SendQueue

SIDE = 1024
"""Of a picture that no pipe holds."""


@pytest.fixture
def pipe() -> Iterator[tuple[Connection, Connection]]:
    ours, theirs = Pipe()
    yield ours, theirs
    for end in (ours, theirs):
        end.close()


def result(ask, file: str) -> PictureResult:
    picture = Picture(width_px=SIDE, height_px=SIDE, rgb=bytes(3 * SIDE * SIDE))
    return PictureResult(request=ask(file=file), picture=picture, tries=(), refused=(), error=None)


def test_a_busy_parent_keeps_nobody_waiting_and_hears_all_in_order(ask, pipe) -> None:
    ours, theirs = pipe
    send_queue = SendQueue(ours)
    said = [
        Progress(request=ask(file="a.png"), step=1, steps=1), result(ask, "a.png"),
        Progress(request=ask(file="b.png"), step=1, steps=1), result(ask, "b.png"), Finished(),
    ]  # fmt: skip
    begun_s = time.monotonic()
    for answer in said:
        send_queue.say(answer)
    assert time.monotonic() - begun_s < 1.0, "nobody has read yet"
    heard = [theirs.recv() for _ in said]
    assert heard == said
    send_queue.flush()
    send_queue.close()


def test_what_is_said_when_nothing_waits_has_left_at_once(ask, pipe) -> None:
    """A process that dies of what it begins has said what it began."""
    ours, theirs = pipe
    with closing(SendQueue(ours)) as send_queue:
        send_queue.say(Progress(request=ask(), step=0, steps=2))
        assert theirs.poll(0)


def test_a_parent_that_is_gone_is_noticed_and_ends_no_thread_in_a_wait(ask, pipe) -> None:
    ours, theirs = pipe
    send_queue = SendQueue(ours)
    theirs.close()
    send_queue.say(result(ask, "a.png"))
    send_queue.flush()
    with pytest.raises(BrokenPipeError):
        send_queue.say(Finished())
    send_queue.close()


def test_an_event_gets_through_whatever_it_says_and_in_its_turn(pipe) -> None:
    ours, theirs = pipe
    log = structlog.get_logger()
    with closing(SendQueue(ours)) as send_queue:
        _log_through(send_queue)
        try:
            log.info("thing.done", count=1, odd=threading.Lock())
            try:
                raise ValueError("why")
            except ValueError:
                log.exception("thing.failed")
        finally:
            structlog.reset_defaults()
    done, failed = theirs.recv(), theirs.recv()
    assert (done.level, done.event, done.facts["count"]) == ("info", "thing.done", 1)
    assert "lock" in done.facts["odd"]
    assert "ValueError: why" in failed.facts["exception"]
