"""The writer of `outbox/index.html`: looks, draws and writes in a thread of its own, so that no job waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import tzinfo

import structlog

from worker import __version__, spool
from worker.clocks import utc_now
from worker.compose.from_settings import folders_of
from worker.compose.overview.look import look_of
from worker.compose.overview.outbox import Look, Outbox
from worker.daemon.told_once import ToldOnce
from worker.delivery.pages.overview_page import NEWS
from worker.errors import WorkerError
from worker.languages import LanguageSetting
from worker.operations.overview_turns import Turns
from worker.operations.status_json import status_json
from worker.overview_records import Overview, WorkerLine
from worker.settings import Settings
from worker.translation import Language

log = structlog.get_logger()

TICK_S = 1.0
"""Between two questions whether it is time, which cost nothing."""
STALLED_S = 600.0
"""A turn that goes on for so long hangs; the longest that was measured took 9 s."""
LAST_S = 5.0
"""So long a worker that ends waits for its last page, at most."""

Documents = Mapping[str, Callable[[Overview, Language], bytes]]
"""Files of the outbox that say the same as the page, by name."""


class OverviewWriter:
    """Of one worker; its turns come from one thread, its bell may be rung from any."""

    def __init__(
        self,
        open_spool: Callable[[], tuple[spool.Folders, Look]],
        *,
        language: LanguageSetting = "auto",
        beside: Documents | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        zone: tzinfo | None = None,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            open_spool: the folders, once they serve, and what looks at them; may raise WorkerError.
            language: of the page's words; `auto`: what those read who drop jobs.
            beside: written whenever the page is.
            monotonic: seconds.
            zone: of times and nights; None: this machine's.
        """
        self._open_spool = open_spool
        self._setting = language
        self._beside = beside or {}
        self._monotonic = monotonic
        self._zone = zone
        self._turns = Turns()
        self._outbox: Outbox | None = None
        self._bell = threading.Event()
        self._told = ToldOnce()
        self._turn_since_s: float | None = None
        """Since when a turn goes on."""
        self._is_stalled = False
        self.note: WorkerLine | None = None
        """What this worker is doing before it can write that down itself."""

    def speak(self, language: LanguageSetting) -> None:
        """From now on write the page in this language."""
        self._setting = language
        self.ring()

    def ring(self) -> None:
        """Something about this worker has changed: it is to be seen soon."""
        self._bell.set()

    def waits(self, tell: Callable[[str], object]) -> Callable[[str], None]:
        """What is to be called while this worker waits before it can write that down itself, with the reason.

        Args:
            tell: whoever else is told.
        """

        def told(reason: str) -> None:
            if self.note is not None and self.note.reason != reason:
                self.note = replace(self.note, state="paused", reason=reason)
                self.ring()
            tell(reason)

        return told

    def begun(self) -> None:
        """From now on this worker's own record says what it does."""
        self.note = None
        self.ring()

    def turn(self) -> None:
        """Look and write, if it is time. Never raises: whatever the share does, jobs go on."""
        self._turn_since_s = self._monotonic()
        try:
            if self._turn():
                self._told.is_over()
        except WorkerError:  # the folders do not serve: the worker itself says so
            return
        except OSError as error:
            self._tell(error)
        except Exception as error:  # whatever somebody has written on the share
            if self._told.is_new(repr(error)):
                log.exception("overview.not_written", error=str(error))
        finally:
            self._turn_since_s = None

    def watch(self) -> None:
        """Tell once of a turn that hangs, most likely with its share; to be called by the worker, and never waits."""
        since_s = self._turn_since_s
        is_stalled = since_s is not None and self._monotonic() - since_s >= STALLED_S
        if is_stalled and not self._is_stalled:
            log.error("overview.stalled", silent_s=STALLED_S)
        self._is_stalled = is_stalled

    def last_turn(self) -> None:
        """Look and write, whether or not it is time; likewise."""
        self._turns.finish()
        self.turn()

    def _tell(self, error: OSError) -> None:
        why = error.strerror or str(error)
        if self._told.is_new(why):
            log.warning("overview.not_written", error=why, path=str(error.filename or ""))

    def _turn(self) -> bool:
        """Whether it was time, and all went well."""
        if self._bell.is_set():
            self._bell.clear()
            self._turns.ring(self._monotonic())
        if not self._turns.is_due(self._monotonic()):
            return False
        self._turns.begin(self._monotonic())
        self._outbox = self._outbox or Outbox(*self._open_spool(), zone=self._zone)
        if self._outbox.is_the_same():
            self._bring_up_to_date(self._outbox)
        return True

    def _bring_up_to_date(self, outbox: Outbox) -> None:
        standing = outbox.files.standing()
        size_bytes, stamp = outbox.files.front_bytes(), outbox.files.stamp_of(NEWS)
        if not self._turns.sees(standing, stamp, now_s=self._monotonic(), size_bytes=size_bytes):
            return
        sight = outbox.sight(self._setting, note=self.note)
        outbox.write_nights(sight)
        if self._turns.wants_page(sight.marks, is_there=standing is not None, now_s=self._monotonic()):
            for name, document in self._beside.items():
                outbox.files.write_beside(name, document(sight.overview, sight.language))
            size_bytes = outbox.write_front(sight)
            self._turns.wrote(sight.marks, size_bytes=size_bytes, now_s=self._monotonic())
        if sight.places.has_nights and self._turns.wants_news(self._monotonic()):
            page = str(self._turns.standing or sight.marks)
            outbox.files.write_news(NEWS, at=sight.overview.as_of, page=page)
            self._turns.told_news(outbox.files.stamp_of(NEWS), now_s=self._monotonic())


def overview_writer(settings: Settings) -> OverviewWriter:
    """The writer of a worker that is just being started.

    Args:
        settings: of the worker.
    """

    def open_spool() -> tuple[spool.Folders, Look]:
        folders = folders_of(settings)
        return folders, look_of(settings, folders)

    writer = OverviewWriter(open_spool, language=settings.language, beside={"status.json": _status})
    writer.note = WorkerLine(
        id=settings.worker_id, host=spool.host_name(), state="starting", version=__version__, since=utc_now()
    )
    return writer


def _status(overview: Overview, language: Language) -> bytes:
    return status_json(overview, language=language)


@contextmanager
def writing(writer: OverviewWriter) -> Iterator[OverviewWriter]:
    """Give the writer its turns while the context lasts, and one more at its end.

    Args:
        writer: of this worker.
    """
    is_over = threading.Event()

    def go_on() -> None:
        while not is_over.wait(TICK_S):
            writer.turn()
        writer.last_turn()

    thread = threading.Thread(target=go_on, name="overview", daemon=True)
    thread.start()
    try:
        yield writer
    finally:
        is_over.set()
        thread.join(LAST_S)  # not for ever: it may hang with its share
