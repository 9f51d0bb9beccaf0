"""The send queue of the child: the card need not wait until the parent has time for a picture.

Knows that pictures are large and the parent may be writing files.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from queue import Queue
from threading import Thread

from worker.records import PictureResult
from worker.studio.process.messages import Answer

MOST = 32
"""Answers that wait: a few pictures, and the steps between them. Then the card waits."""


class SendQueue:
    """Answers in their order: pictures by a thread of its own, anything else at once unless a picture is before it."""

    def __init__(self, pipe: Connection) -> None:
        """Speak on this pipe; for one thread's use."""
        self._pipe = pipe
        self._waiting: Queue[Answer | None] = Queue(MOST)
        self._is_heard = True
        self._thread = Thread(target=self._send, name="send_queue", daemon=True)
        self._thread.start()

    def say(self, answer: Answer) -> None:
        """Say this after all that was said before.

        Raises:
            BrokenPipeError: the parent is gone.
        """
        if not self._is_heard:
            raise BrokenPipeError
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
        while (answer := self._waiting.get()) is not None:
            try:
                if self._is_heard:
                    self._pipe.send(answer)
            except OSError:
                self._is_heard = False
            self._waiting.task_done()
