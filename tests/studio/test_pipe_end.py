"""The parent's end of the pipe: it speaks what Python's own connections speak, and never waits longer than asked."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from worker.studio.process.pipe_end import PipeEnd, Unreadable

SIZES = [0, 1, 16_383, 16_384, 16_385, 300_000, 5 << 20]
"""Python sends head and body of longer ones one by one; the last does not fit any pipe."""


@pytest.fixture
def ends() -> Iterator[tuple[PipeEnd, Connection]]:
    ours, theirs = Pipe()
    with closing(PipeEnd(ours)) as end, theirs:
        yield end, theirs


def received(end: PipeEnd, within_s: float = 10.0) -> object:
    ends_s = time.monotonic() + within_s
    while time.monotonic() < ends_s:
        if (message := end.exchange(0.1)) is not None:
            return message
    raise AssertionError("nothing came")


def test_messages_of_every_size_go_both_ways_at_once_and_in_order(ends) -> None:
    end, theirs = ends
    messages = [os.urandom(size) for size in SIZES]

    def echo() -> None:
        for _ in messages:
            theirs.send(theirs.recv())

    echoing = threading.Thread(target=echo)
    echoing.start()
    for message in messages:
        end.put(message)
    assert [received(end) for _ in messages] == messages
    echoing.join()
    assert not end.is_amid
    assert end.moved > 2 * sum(SIZES)


def test_a_length_of_two_gigabytes_and_more_is_understood(ends) -> None:
    end, theirs = ends
    packed = b"N."  # None, pickled: what matters is the head
    os.write(theirs.fileno(), struct.pack("!i", -1) + struct.pack("!Q", len(packed)) + packed)
    theirs.send("after it")
    assert received(end) == "after it"


@pytest.mark.slow
def test_nobody_who_reads_or_speaks_keeps_it_waiting_longer_than_asked(ends) -> None:
    end, theirs = ends
    end.put(bytes(9 << 20))
    theirs.send_bytes(b"")
    os.write(theirs.fileno(), struct.pack("!i", 100) + b"half")
    begun_s = time.monotonic()
    with pytest.raises(Unreadable):
        end.exchange(0.1)
    for _ in range(5):
        assert end.exchange(0.1) is None
    assert time.monotonic() - begun_s < 3
    assert end.is_amid


def test_what_was_said_before_the_end_is_heard_though_nobody_hears_us(ends) -> None:
    end, theirs = ends
    for number in range(3):
        theirs.send(number)
    theirs.close()
    end.put("hello")
    assert [received(end) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(EOFError):
        received(end)


def test_what_cannot_be_pickled_is_its_callers_error_and_nothing_was_sent(ends) -> None:
    end, theirs = ends
    with pytest.raises((AttributeError, TypeError)):
        end.put(lambda: 0)
    end.put("hello")
    end.exchange(0.1)
    assert theirs.recv() == "hello"
