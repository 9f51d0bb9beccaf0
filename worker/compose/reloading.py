"""Reading the settings again while the worker runs, because a service manager asks for it by SIGHUP.

In a thread of its own: the file may lie where it takes long to read, or for ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread

import structlog

from worker.compose.bootstrap import Worker
from worker.errors import SettingsInvalid
from worker.operations.systemd import notify_ready, notify_reloading
from worker.settings import Settings
from worker.translation import gettext

log = structlog.get_logger()


class Reloading:
    """Of one worker's settings."""

    def __init__(self, again: Callable[[], Settings]) -> None:
        """Keep how they are read.

        Args:
            again: reads all their sources anew; raises SettingsInvalid.
        """
        self._again = again
        self._asked = SimpleQueue[None]()

    def on_hangup(self) -> Callable[[], object] | None:
        """What a SIGHUP asks for: that, under a service manager; at a terminal it is a hang-up, None."""
        return self.ask if os.environ.get("NOTIFY_SOCKET") else None

    def ask(self) -> None:
        """Have them read again, once the worker works; may be called in a signal's handler."""
        self._asked.put(None)

    def begin(self, worker: Worker) -> None:
        """From now on do what is asked, and what was asked before: the worker is ready."""

        def hear() -> None:
            self._catch_up(worker)
            while True:
                self._asked.get()
                self._forget_others()
                notify_reloading()
                self._read_again(worker)
                notify_ready()
                worker.wakeup.ring()

        Thread(target=hear, name="reload", daemon=True).start()

    def _catch_up(self, worker: Worker) -> None:
        """Take over what was changed since the settings were read, while the worker began.

        systemd passes no `reload` on to a service that is still starting, and calls it done.
        """
        if self.on_hangup() is None or not self._asked.empty():
            return
        try:
            is_same = not worker.live.changed(self._again())
        except SettingsInvalid:
            is_same = False
        if not is_same:
            self.ask()

    def _forget_others(self) -> None:
        """One look is enough for all that was asked until now."""
        while True:
            try:
                self._asked.get_nowait()
            except Empty:
                return

    def _read_again(self, worker: Worker) -> None:
        try:
            settings = self._again()
        except SettingsInvalid as invalid:
            log.error("settings.invalid", error=str(invalid))
            worker.recorder.note(gettext("new settings are not valid, so the former stay: {why}", why=invalid.text))
            return
        kept = worker.live.offer(settings)
        worker.recorder.note(gettext("changed settings need a restart: {keys}", keys=", ".join(kept)) if kept else "")
