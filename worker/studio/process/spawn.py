"""Spawning the rendering process: how it is started, heard and ended, and how its death reads.

Knows subprocesses and pipes; what is said on the pipe stands in `messages`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from multiprocessing import Pipe
from threading import Thread
from typing import IO, cast

from worker.errors import RendererDied
from worker.studio.card.environment import PACKAGE_ROOT, child_environment
from worker.studio.process.messages import Answer, Order
from worker.translation import gettext

ENDING_S = 5.0
"""A child that was hung up on gets so long to end before it is killed."""
LAST_LINES = 20
"""Lines of the child's output that are kept to explain a death."""
LAST_WORDS = 300
"""Characters of the very last line that go into the error's text, and so into manifests."""


class Child:
    """One rendering process, from its start to its end."""

    def __init__(self) -> None:
        """Start it; it waits for a Load."""
        self._pipe, theirs = Pipe()
        with theirs:
            command = [
                sys.executable,
                "-m",
                "worker.studio.process.child",
                f"--pipe={theirs.fileno()}",
                f"--parent={os.getpid()}",
            ]
            self._process = subprocess.Popen(
                command,
                env=child_environment(os.environ, package_root=str(PACKAGE_ROOT)),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the daemon, which interrupts the child in good order
            )
        self._words: deque[str] = deque(maxlen=LAST_LINES)
        assert self._process.stdout is not None
        self._listener = Thread(target=_listen, args=(self._process.stdout, self._words), daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def send(self, order: Order) -> None:
        """Say something.

        Raises:
            RendererDied: nobody listens.
        """
        try:
            self._pipe.send(order)
        except OSError:
            raise self.death() from None

    def receive(self, *, within_s: float) -> Answer | None:
        """The next answer, or None when there is none within that time.

        Raises:
            RendererDied: the process ended.
        """
        try:
            return cast(Answer, self._pipe.recv()) if self._pipe.poll(within_s) else None
        except (EOFError, OSError):
            raise self.death() from None

    def death(self) -> RendererDied:
        """The error that explains the end, once the process has ended; the child's last lines are its notes."""
        self.end()
        error = RendererDied(why_died(self._process.returncode, tuple(self._words)))
        for line in self._words:
            error.add_note(line)
        return error

    def hung(self, silent_s: float) -> RendererDied:
        """Kill a process that says nothing any more; the error that explains it."""
        self.kill()
        return RendererDied(
            gettext(
                "The renderer's process said nothing for {silent_s} s and was killed: it hung.",
                silent_s=f"{silent_s:.0f}",
            )
        )

    def kill(self) -> None:
        """End it at once: it has nothing that anybody waits for."""
        self._process.kill()
        self.end()

    def end(self) -> None:
        """Hang up, and make sure that the process is gone; idempotent."""
        self._pipe.close()
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(ENDING_S)


def _listen(stream: IO[bytes], words: deque[str]) -> None:
    with stream:
        for line in stream:
            words.append(line.decode("utf-8", errors="replace").rstrip())


def why_died(returncode: int, words: Sequence[str]) -> str:
    """What a person reads when the renderer is gone.

    Args:
        returncode: as subprocess gives it: negative for a signal.
        words: last lines of the child's output; the very last names a Python error.
    """
    if returncode == -signal.SIGKILL:
        return gettext(
            "The renderer's process was killed (signal 9): often by the kernel when the machine's memory ran out; "
            "see `dmesg`."
        )
    if returncode < 0:
        return gettext("The renderer's process crashed ({signal}).", signal=signal.Signals(-returncode).name)
    if not words:
        return gettext("The renderer's process ended by itself (exit code {code}).", code=returncode)
    return gettext(
        "The renderer's process ended by itself (exit code {code}): {why}.",
        code=returncode,
        why=words[-1][:LAST_WORDS],
    )
