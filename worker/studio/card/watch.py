"""The watch over a card: a process reads it, a thread here hears the lines, and asking for them never waits.

Knows how that process is started, and when it counts as hung.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread

from worker.card_readings import QUIET_S, CardReading, Timed, reading_of
from worker.studio.card.environment import PACKAGE_ROOT, child_environment

SILENT_S = 20.0
"""Without a line, and the reader hangs: Python starts in under one, and NVML may take some to wake a card."""
STALE_S = 10.0
"""A newest reading that is older says nothing of the card now."""
KEPT_S = 3 * QUIET_S
STARTS = 3
"""Readers in a row that say nothing of use: then it is no use to start another."""
AGAIN_S = 60.0
LINE_BYTES = 65_536


def reader_command(uuid: str) -> list[str]:
    """How the reader of a card is started.

    Args:
        uuid: of the card.
    """
    return [sys.executable, "-m", "worker.studio.card.reader", uuid]


class CardWatch:
    """Satisfies `card_ports.CardWatch`."""

    def __init__(
        self,
        *,
        command: Callable[[str], Sequence[str]] = reader_command,
        silent_s: float = SILENT_S,
        again_s: float = AGAIN_S,
    ) -> None:
        """Nothing is started yet.

        Args:
            command: that reads the card of a UUID.
            silent_s: without a line, after which the reader counts as hung.
            again_s: between two readers.
        """
        self._command = command
        self._silent_s, self._again_s = silent_s, again_s
        self._lock = Lock()
        self._readings: deque[Timed] = deque(maxlen=int(2 * KEPT_S))
        self._hottest_c: float | None = None
        self._uuid: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = Event()
        self.problem = ""

    def follow(self, uuid: str | None) -> None:
        """Read that card from now on; None for a device that is no NVIDIA card. Idempotent."""
        if uuid is None or uuid == self._uuid or self._closed.is_set():
            return
        if self._uuid is None:
            self._uuid = uuid
            Thread(target=self._read, args=(uuid,), name="card-watch", daemon=True).start()

    def recent(self) -> Sequence[Timed]:
        """Readings of the last half minute, the newest last; none where the newest is old."""
        now_s = time.monotonic()
        with self._lock:
            kept = [one for one in self._readings if now_s - one.at_s <= KEPT_S]
        return kept if kept and now_s - kept[-1].at_s <= STALE_S else ()

    def now_s(self) -> float:
        """The clock of the readings."""
        return time.monotonic()

    def take_hottest_c(self) -> float | None:
        """The highest temperature since this was last asked, in °C."""
        with self._lock:
            hottest_c, self._hottest_c = self._hottest_c, None
        return hottest_c

    def close(self) -> None:
        """End the reader; idempotent."""
        self._closed.set()
        if (process := self._process) is not None:
            _end(process)

    def _read(self, uuid: str) -> None:
        vain = 0
        while vain < STARTS and not self._closed.is_set():
            vain = 0 if self._hear_one(uuid) else vain + 1
            if self._closed.wait(self._again_s):
                return

    def _hear_one(self, uuid: str) -> bool:
        """Hear a reader to its end: whether it gave a reading."""
        has_told = False
        try:
            process = self._process = subprocess.Popen(
                self._command(uuid),
                env=child_environment(os.environ, package_root=str(PACKAGE_ROOT)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            self.problem = error.strerror or str(error)
            return False
        try:
            if self._closed.is_set():  # it came while this one was started
                return False
            for line in _lines(process, self._silent_s):
                has_told |= self._hear(line)
        except TimeoutError:
            self.problem = "the driver does not answer"
        finally:
            _end(process)
        return has_told

    def _hear(self, line: bytes) -> bool:
        try:
            told = json.loads(line)
            if not isinstance(told, dict):
                return False
            if "problem" in told:
                self.problem = str(told["problem"])
                return False
            reading = reading_of(told)
        except (ValueError, TypeError):
            return False
        self.problem = ""
        self._keep(reading)
        return True

    def _keep(self, reading: CardReading) -> None:
        with self._lock:
            self._readings.append(Timed(at_s=time.monotonic(), reading=reading))
            if reading.temperature_c is not None:
                self._hottest_c = max(self._hottest_c or reading.temperature_c, reading.temperature_c)


def _lines(process: subprocess.Popen[bytes], silent_s: float) -> Iterator[bytes]:
    """What it prints, line by line.

    Raises:
        TimeoutError: it said nothing for so long.
    """
    assert process.stdout is not None
    pipe, begun = process.stdout.fileno(), b""
    while True:
        if not select.select([pipe], [], [], silent_s)[0]:
            raise TimeoutError
        data = os.read(pipe, LINE_BYTES)
        if not data:
            return
        *lines, begun = (begun + data).split(b"\n")
        begun = begun[-LINE_BYTES:]
        yield from lines


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it; one that hangs in the driver is left behind."""
    with suppress(OSError):
        process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1.0)
