"""A hint that something in the inbox may have changed.

Knows watchdog. Events get lost, and shares send none: its absence costs seconds, never a job.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from worker.disk.mounts import REMOTE

log = structlog.get_logger()

# watchdog complains to whoever listens when it is stopped in the middle of an event; events are hints here
logging.getLogger("watchdog").addHandler(logging.NullHandler())


class _Ring(FileSystemEventHandler):
    """Sets the event for everything but the workers' own bookkeeping and mere reading."""

    def __init__(self, bell: Event) -> None:
        self._bell = bell

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write"):
            self._bell.set()


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
        self._bell = Event()
        self._observer: BaseObserver | None = None
        self._watched: tuple[int, int] | None = None
        self._watch()

    def wait(self, timeout_s: float) -> None:
        """Return after `timeout_s`, or earlier when something changed."""
        if self._observer is not None and not self._is_watching():
            log.info("wakeup.replaced", folder=str(self._inbox))
            self._unwatch()
        if self._observer is None and self._watched != self._identity():
            self._watch()
        self._bell.wait(timeout_s)
        self._bell.clear()

    def close(self) -> None:
        """Stop watching; idempotent."""
        self._unwatch()

    def _watch(self) -> None:
        self._watched = self._identity()
        if self._watched is None or self._kind_of_system(self._inbox) in REMOTE:
            return
        observer = Observer()
        try:
            observer.schedule(_Ring(self._bell), str(self._inbox), recursive=False)
            observer.start()
        except OSError:  # no inotify, or no more watches on this machine
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
