"""The figures of a worker for Prometheus: heard from its log and its record, written in threads of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from worker import __version__, spool
from worker.disk.free_room import free_room
from worker.operations import events
from worker.operations.metrics.collector import EVENTS, Figures
from worker.operations.metrics.file import MetricsFile
from worker.operations.record import FolderRecorder
from worker.settings import Settings

EVERY_S = 15.0
"""Between two versions while nothing changes."""
LEAST_S = 1.0
"""And while much does."""
OLD_S = 60.0
"""After this nobody knows any more what is free."""
LAST_S = 3.0
"""So long a worker that ends waits for its last version, at most."""


class Metrics:
    """Of one worker."""

    def __init__(
        self,
        path: Path | None,
        *,
        figures: Figures,
        outbox: Path,
        reserve_mib: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            path: of the file; None for none. May be replaced at any time.
            figures: what is written.
            outbox: on whose disk room is looked for.
            reserve_mib: kept free there; likewise.
            monotonic: seconds.
        """
        self.path = path
        self.figures = figures
        self._outbox = outbox
        self.reserve_mib = reserve_mib
        self._monotonic = monotonic
        self._bell = threading.Event()
        self._over = threading.Event()
        self._looked_s = float("-inf")
        self._file: tuple[Path, MetricsFile] | None = None

    def use(self, settings: Settings) -> None:
        """Write as these settings say from now on.

        Args:
            settings: of the same worker.
        """
        self.path = settings.metrics_file and settings.metrics_file.absolute()
        self.reserve_mib = settings.reserve_mib

    def hear(self, event: str, facts: Mapping[str, object]) -> None:
        """An event of the log; in the thread that logs it, which goes on at once.

        Args:
            event: its name.
            facts: its own.
        """
        if event in EVENTS:
            self.figures.hear(event, facts)
            self._bell.set()

    def stop(self) -> None:
        """Let `go_on` and `look_on` end."""
        self._over.set()
        self._bell.set()

    def write(self, *, is_up: bool = True) -> None:
        """One version; never raises."""
        if self.path is not None:
            if self._file is None or self._file[0] != self.path:
                self._file = self.path, MetricsFile(self.path)
            if self._monotonic() - self._looked_s > OLD_S:
                self.figures.disk(free_bytes=None, reserve_bytes=None)
            self._file[1].write(self.figures.text(is_up=is_up))

    def go_on(self) -> None:
        """Write again and again, until `stop`; then once more, that the worker has ended."""
        while not self._over.is_set():
            self._bell.clear()
            self.write()
            self._over.wait(LEAST_S)
            self._bell.wait(EVERY_S - LEAST_S)
        self.write(is_up=False)

    def look(self) -> None:
        """Ask the outbox's disk, which may take for ever where the share does not answer."""
        room = free_room(self._outbox, reserve_mib=self.reserve_mib)
        if room is None:
            return
        self._looked_s = self._monotonic()
        self.figures.disk(free_bytes=room.free_bytes, reserve_bytes=room.reserve_bytes)


def metrics_of(settings: Settings) -> Metrics:
    """Those of a worker that is just being started.

    Args:
        settings: of the worker.
    """
    figures = Figures(
        worker=settings.worker_id,
        host=spool.host_name(),
        version=__version__,
        device=settings.device,
        wall_s=time.time,
    )
    path = settings.metrics_file and settings.metrics_file.absolute()
    return Metrics(path, figures=figures, outbox=settings.outbox, reserve_mib=settings.reserve_mib)


def follow(metrics: Metrics, recorder: FolderRecorder) -> None:
    """Let it hear a worker's states and records.

    Args:
        metrics: of the worker.
        recorder: of the worker.
    """
    recorder.add_listener(metrics.figures.state)
    recorder.on_record = metrics.figures.record


@contextmanager
def writing(metrics: Metrics) -> Iterator[Metrics]:
    """Write while the context lasts, and once more at its end.

    Args:
        metrics: of this worker.
    """
    is_over = threading.Event()

    def look_on() -> None:
        metrics.look()
        while not is_over.wait(EVERY_S):
            if metrics.path is not None:
                metrics.look()

    writer = threading.Thread(target=metrics.go_on, name="metrics", daemon=True)
    looker = threading.Thread(target=look_on, name="metrics-room", daemon=True)
    writer.start()
    looker.start()
    try:
        with events.heard_by(metrics.hear):
            yield metrics
    finally:
        is_over.set()
        metrics.stop()
        writer.join(LAST_S)  # not for ever: it may hang with its disk
