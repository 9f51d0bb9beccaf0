"""A hint that something in the inbox may have changed.

Knows watchdog. Events get lost, and shares send none: its absence costs seconds, never a job.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from worker.disk.mounts import REMOTE

log = structlog.get_logger()

# watchdog complains to whoever listens when it is stopped in the middle of an event; events are hints here
logging.getLogger("watchdog").addHandler(logging.NullHandler())


LEAST_S = 0.25
"""Between two looks into the inbox, however often it changes: a file being copied is an event for each piece."""


class _Ring(FileSystemEventHandler):
    """Rings for everything that may be about a job or a control file, but for mere reading."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.is_directory and event.event_type == "modified":
            return  # of the inbox itself: it comes with each name in it, a hidden one's too
        names = [os.path.basename(os.fsdecode(path)) for path in (event.src_path, event.dest_path) if path]
        # hidden names are no jobs: what this worker itself writes here, such as the probe of a share, wakes nobody
        if event.event_type not in ("opened", "closed_no_write") and not all(name.startswith(".") for name in names):
            self._ring()


class InboxWakeup:
    """Satisfies `ports.Wakeup`: with events where the kernel sends them, else by waiting.

    What other machines do on a share is never an event here (measured on NFS and SMB), so none are listened to there;
    watchdog's own polling costs a request per file and ends silently when one scan fails (measured), so it is not used.
    """

    def __init__(self, inbox: Path, *, kind_of_system: Callable[[Path], str]) -> None:
        """Begin to watch where that is of use.

        Args:
            inbox: the folder itself is watched, not what lies below.
            kind_of_system: of file system that holds a folder, as the kernel names it.
        """
        self._inbox = inbox
        self._kind_of_system = kind_of_system
        self._bell: SimpleQueue[None] = SimpleQueue()  # rung by a signal's handler too: an Event may block there
        self._never = Event()
        self._woke_s = float("-inf")
        self._is_told = False
        self._observer: BaseObserver | None = None
        self._watched: tuple[int, int] | None = None
        self._watch()

    def wait(self, timeout_s: float) -> bool:
        """Return after `timeout_s`, or earlier when something changed or somebody rang.

        Returns:
            Whether something may have changed.
        """
        if self._observer is not None and not self._is_watching():
            log.info("wakeup.replaced", folder=str(self._inbox))
            self._unwatch()
        if self._observer is None and self._watched != self._identity():
            self._watch()
        is_rung = self._heard(timeout_s)
        if is_rung:
            self._never.wait(max(0.0, LEAST_S - (time.monotonic() - self._woke_s)))
        self._woke_s = time.monotonic()
        return is_rung

    def ring(self) -> None:
        """End the wait; may be called in a signal's handler."""
        if self._bell.empty():
            self._bell.put(None)

    def close(self) -> None:
        """Stop watching; idempotent."""
        self._unwatch()

    def _heard(self, timeout_s: float) -> bool:
        try:
            self._bell.get(timeout=timeout_s)
        except Empty:
            return False
        return True

    def _watch(self) -> None:
        self._watched = self._identity()
        if self._watched is None or self._kind_of_system(self._inbox) in REMOTE:
            return
        observer: BaseObserver | None = None
        try:
            observer = Observer()  # opens an inotify instance, of which there are 128 a user, and two files
            observer.schedule(_Ring(self.ring), str(self._inbox), recursive=False)
            observer.start()
        except (OSError, RuntimeError) as error:  # RuntimeError: no more threads
            if observer is not None:
                observer.stop()  # its instance and its thread would stay
            if not self._is_told:
                log.warning(
                    "wakeup.missing", folder=str(self._inbox), error=str(error), note="the inbox is still scanned"
                )
            self._is_told = True
            return
        self._observer = observer

    def _unwatch(self) -> None:
        observer, self._observer, self._watched = self._observer, None, None
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join()

    def _is_watching(self) -> bool:
        """Its threads live, and the folder is the one they watch: after a new mount they wait for ever (measured)."""
        observer = self._observer
        assert observer is not None
        threads = [observer, *observer.emitters]
        return all(thread.is_alive() for thread in threads) and self._identity() == self._watched

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._inbox)
        except OSError:
            return None
        return status.st_dev, status.st_ino
