"""A hint that something in the inbox may have changed.

Knows watchdog. Must not be believed: events get lost, and shares send none. Its absence costs seconds, never a job.
"""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

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
    """Satisfies `ports.Wakeup`."""

    def __init__(self, inbox: Path) -> None:
        """Begin to watch; where that is not possible, `wait` simply waits.

        Args:
            inbox: the folder itself is watched, not what lies below.
        """
        self._bell = Event()
        self._observer = Observer()
        try:
            self._observer.schedule(_Ring(self._bell), str(inbox), recursive=False)
            self._observer.start()
        except OSError:  # no inotify, or no more watches on this machine
            self._observer.unschedule_all()

    def wait(self, timeout_s: float) -> None:
        """Return after `timeout_s`, or earlier when something changed."""
        self._bell.wait(timeout_s)
        self._bell.clear()

    def close(self) -> None:
        """Stop watching; idempotent."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()
