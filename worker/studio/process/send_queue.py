"""The send queue of the child: the card need not wait until the parent has time for a picture.

Knows that pictures are large and the parent may be writing files.
"""

from __future__ import annotations

import os
import traceback
from multiprocessing.connection import Connection
from queue import Queue
from threading import Lock, Thread

from worker.records import PictureResult
from worker.studio.process.messages import Answer

UNSENT = 1
"""Exit code of a process that cannot send what it has to say, as of one that ends by an error."""
MOST = 32
"""Answers that wait: a few pictures, and the steps between them. Then the card waits."""


class SendQueue:
    """Answers in their order: pictures by a thread of its own, anything else at once unless a picture is before it."""

    def __init__(self, pipe: Connection) -> None:
        """Speak on this pipe, which nobody else does; any thread may say something."""
        self._pipe = pipe
        self._waiting: Queue[Answer | None] = Queue(MOST)
        self._is_heard = True
        self._saying = Lock()
        self._thread = Thread(target=self._send, name="send_queue", daemon=True)
        self._thread.start()

    def say(self, answer: Answer) -> None:
        """Say this after all that was said before.

        Raises:
            BrokenPipeError: the parent is gone.
        """
        if not self._is_heard:
            raise BrokenPipeError
        with self._saying:
            if isinstance(answer, PictureResult) or self._waiting.unfinished_tasks:
                self._waiting.put(answer)
            else:
                self._pipe.send(answer)

    def flush(self) -> None:
        """Wait until everything was taken, or nobody is there to take it."""
        self._waiting.join()

    def close(self) -> None:
        """Likewise, and say no more."""
        self._waiting.put(None)
        self._thread.join()

    def _send(self) -> None:
        try:
            self._send_all()
        except BaseException:  # noqa: BLE001 - too little memory for a copy, or what cannot be pickled
            _end_process()

    def _send_all(self) -> None:
        while (answer := self._waiting.get()) is not None:
            try:
                if self._is_heard:
                    self._pipe.send(answer)
            except OSError:
                self._is_heard = False
            self._waiting.task_done()


def _end_process() -> None:
    """End this process with its error as its last words: the parent starts another, and nobody waits in vain."""
    try:
        traceback.print_exc()
    finally:
        os._exit(UNSENT)
