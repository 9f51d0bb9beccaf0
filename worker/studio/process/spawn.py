"""Spawning the rendering process: how it is started, heard and ended, and how its death reads.

Knows subprocesses and pipes; what is said on the pipe stands in `messages`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing import Pipe
from threading import Thread
from typing import IO, cast

import structlog

from worker.errors import RendererDied
from worker.studio.card.environment import PACKAGE_ROOT, child_environment
from worker.studio.process.messages import Answer, Order
from worker.studio.process.pipe_end import PipeEnd, Unreadable
from worker.studio.process.vital_signs import VitalSigns, vital_signs
from worker.translation import gettext

ENDING_S = 5.0
"""A child that was hung up on gets so long to end before it is killed."""
KILLED_S = 10.0
"""A child that was killed gets so long to be gone: it gives gigabytes back. One that a driver holds never goes."""
SLICE_S = 0.5
"""Between two looks whether it has ended."""
LAST_LINES = 20
"""Lines of the child's output that are kept to explain a death."""
LAST_WORDS = 300
"""Characters of the very last line that go into the error's text, and so into manifests."""

log = structlog.get_logger()


class Child:
    """One rendering process, from its start to its end."""

    def __init__(self, *, on_wait: Callable[[], object] = lambda: None) -> None:
        """Start it; it waits for a Load.

        Args:
            on_wait: called again and again while its end is waited for.
        """
        self._on_wait = on_wait
        self._is_left = False
        ours, theirs = Pipe()
        self._pipe = PipeEnd(ours)
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
        """Say something: it goes out while answers are received."""
        self._pipe.put(order)

    def receive(self, *, within_s: float) -> Answer | None:
        """The next answer, or None when none is whole within that time.

        Raises:
            RendererDied: the process ended, or cannot be understood and was killed.
        """
        try:
            answer = self._pipe.exchange(within_s)
            if answer is None and not self.is_alive():  # what it started may hold the pipe open
                moved = self._pipe.moved
                answer = self._pipe.exchange(0)
                if answer is None and self._pipe.moved == moved:
                    raise EOFError
        except Unreadable as error:
            self.kill()
            raise RendererDied(
                gettext("What the renderer's process said cannot be read ({why}): it was killed.", why=str(error))
            ) from None
        except (EOFError, OSError):
            raise self.death() from None
        return cast("Answer | None", answer)

    @property
    def moved(self) -> int:
        """Bytes that went over the pipe, either way, so far."""
        return self._pipe.moved

    @property
    def is_amid_message(self) -> bool:
        """Whether a message is on its way, in either direction, and not whole."""
        return self._pipe.is_amid

    def vital_signs(self) -> VitalSigns:
        """What the process has done so far."""
        return vital_signs(self.pid)

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
        """Hang up, and make sure that the process is gone; one that cannot even be killed is left. Idempotent."""
        self._pipe.close()
        if self._is_left:
            return
        if not self._has_ended(ENDING_S):
            self._process.kill()
            self._is_left = not self._has_ended(KILLED_S)
        if self._is_left:
            log.error("renderer.left", pid=self.pid, note="it does not end when killed: its driver or disk holds it")
        else:
            self._listener.join(ENDING_S)

    def _has_ended(self, within_s: float) -> bool:
        ends_s = time.monotonic() + within_s
        while True:
            try:
                self._process.wait(SLICE_S)
            except subprocess.TimeoutExpired:
                self._on_wait()
                if time.monotonic() >= ends_s:
                    return False
            else:
                return True


def _listen(stream: IO[bytes], words: deque[str]) -> None:
    with stream:
        for line in stream:
            words.append(line.decode("utf-8", errors="replace").rstrip())


def why_died(returncode: int | None, words: Sequence[str]) -> str:
    """What a person reads when the renderer is gone.

    Args:
        returncode: as subprocess gives it: negative for a signal; None where it does not end.
        words: last lines of the child's output; the very last names a Python error.
    """
    if returncode is None:
        return gettext("The renderer's process hung up, and does not end when killed: its driver or disk holds it.")
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
