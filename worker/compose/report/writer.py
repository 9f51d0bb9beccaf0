"""The writer of `outbox/_reports/`: makes the report of a night in a thread of its own, so that no job waits for it.

It is handed what the page of everything has seen, by the one worker that has the turn at that page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, tzinfo

import structlog

from worker import spool
from worker.compose.from_settings import folders_of
from worker.compose.overview.marks import digest
from worker.compose.overview.outbox import Sight
from worker.compose.report.gathering import Gathering, asked_night
from worker.daemon.told_once import ToldOnce
from worker.delivery.pages.nights import Night
from worker.delivery.pages.report_page import report_page
from worker.errors import WorkerError
from worker.operations.overview_files import NotOurs
from worker.operations.overview_turns import Marks
from worker.operations.report_files import Standing
from worker.operations.report_json import report_json
from worker.overview_records import Overview
from worker.settings import Settings

log = structlog.get_logger()

GAP_S = 300.0
"""Least time between two versions of the report of a night that is not over."""
BACK = timedelta(days=7)
"""Nights that are longer ago get no report any more where they have none: it would be many manifests to read."""
LAST_S = 20.0
"""So long a worker that ends waits for its last report, at most."""
ENDINGS = frozenset({"window.ended"})
"""Events after which a night's work is done although jobs wait."""


class ReportWriter:
    """Of one worker; its turns come from one thread, whatever it hears from any."""

    def __init__(
        self,
        open_spool: Callable[[], spool.Folders],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        zone: tzinfo | None = None,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            open_spool: the folders, once they serve; may raise WorkerError.
            monotonic: seconds.
            zone: of times and nights; None: this machine's.
        """
        self._open_spool = open_spool
        self._monotonic = monotonic
        self._zone = zone
        self._gathering: Gathering | None = None
        self._sight: Sight | None = None
        self._bell = threading.Event()
        self._is_ended = False
        self._is_last = False
        self._seen: object = None
        self._written_s = float("-inf")
        self.on_written: Callable[[], object] = lambda: None
        """Called once a report is written: the page of everything leads there from then on."""
        self._told, self._told_not_ours = ToldOnce(), ToldOnce()

    def see(self, sight: Sight) -> None:
        """Everything has been looked at.

        Args:
            sight: what was seen.
        """
        self._sight = sight
        self._bell.set()

    def ring(self) -> None:
        """End its wait."""
        self._bell.set()

    def hear(self, event: str, _facts: object) -> None:
        """Hear an event of the log, in whatever thread.

        Args:
            event: its name.
            _facts: its own, which say nothing here.
        """
        if event in ENDINGS:
            self._is_ended = True

    def turn(self) -> None:
        """Write what is to be written. Never raises: whatever the share does, jobs go on."""
        if self._sight is None:
            return
        try:
            self._bring_up_to_date(self._sight)
            self._told.is_over()
        except WorkerError:  # the folders do not serve: the worker itself says so
            return
        except OSError as error:
            why = error.strerror or str(error)
            if self._told.is_new(why):
                log.warning("report.not_written", error=why, path=str(error.filename or ""))
        except Exception as error:  # whatever somebody has written on the share
            if self._told.is_new(repr(error)):
                log.exception("report.not_written", error=str(error))

    def last_turn(self) -> None:
        """Likewise, before this worker ends: what it has done is reported although jobs wait."""
        self._is_last = True
        self.turn()

    def wait(self, seconds: float) -> None:
        """Until something was seen, or so long.

        Args:
            seconds: at most.
        """
        if self._bell.wait(seconds):
            self._bell.clear()

    def _bring_up_to_date(self, sight: Sight) -> None:
        seen = (sight.ended, [night.is_over for night in sight.nights[:2]])
        newest = sight.nights[: 1 if seen == self._seen else None]  # whose report may wait for its time
        gathering = self._gathering = self._gathering or Gathering(self._open_spool(), zone=self._zone)
        if not gathering.files.is_usable():
            return
        oldest = datetime.fromisoformat(sight.overview.as_of).date() - BACK
        nights = [(night.begins, night) for night in newest if night.begins and night.begins >= oldest]
        for begins, night in reversed(nights):  # the older ones are what later ones are compared with
            self._write_if_due(gathering, sight, begins, night)
        gathering.files.keep()
        self._seen = seen

    def _write_if_due(self, gathering: Gathering, sight: Sight, begins: date, night: Night) -> None:
        wanted = wanted_of(night, sight.overview)
        try:
            standing = gathering.files.standing(begins)
        except NotOurs as error:
            if self._told_not_ours.is_new(str(error)):
                log.warning("report.not_written", error=str(error), path=str(error.filename or ""))
            return
        if not self._is_due(wanted, standing, sight.overview):
            return
        is_present = not wanted.is_over
        overview = sight.overview if is_present else None
        asked = asked_night(begins, zone=self._zone)
        report = gathering.report(asked, night.jobs, overview=overview, language=sight.language)
        marks = Marks(as_of=sight.overview.as_of, state=wanted.digest, progress=str(wanted))
        page = gathering.page(report, failed=sight.places.failed, marks=str(marks))
        gathering.files.write(
            begins,
            data=report_json(report, language=sight.language),
            page=report_page(page, language=sight.language),
        )
        self.on_written()
        if is_present:
            self._written_s, self._is_ended = self._monotonic(), False

    def _is_due(self, wanted: Standing, standing: Standing | None, overview: Overview) -> bool:
        """Whether the report of a night is to be written now.

        Of a night that is over: unless it stands there with as many jobs. A person may have moved finished folders
        away since; what the report says of them stays true.
        """
        if standing is not None and (standing.jobs > wanted.jobs or standing.is_over):
            return wanted.is_over and standing.jobs < wanted.jobs
        if wanted.is_over:
            return True
        if standing is not None and standing.digest == wanted.digest:
            return False
        is_done = self._is_ended or self._is_last or not has_work(overview)
        is_time = self._is_last or standing is None or self._monotonic() - self._written_s >= GAP_S
        return is_time and (is_done or standing is not None)


def has_work(overview: Overview) -> bool:
    """Whether any job is in work or waits for its turn.

    Args:
        overview: one look.
    """
    return bool(overview.running) or any(job.state in ("waiting", "resting") for job in overview.waiting)


def wanted_of(night: Night, overview: Overview) -> Standing:
    """What the report of a night is to be made of; the same on every worker.

    Args:
        night: with a date.
        overview: one look.
    """
    jobs = [(job.name, job.is_in_outbox, job.state, job.ended_at) for job in night.jobs]
    waiting = [] if night.is_over else [(job.name, job.state, job.reason) for job in overview.waiting]
    running = [] if night.is_over else [job.name for job in overview.running]
    return Standing(digest=digest([jobs, waiting, running]), is_over=night.is_over, jobs=len(night.jobs))


def report_writer(settings: Settings) -> ReportWriter:
    """The writer of a worker that is just being started.

    Args:
        settings: of the worker.
    """
    return ReportWriter(lambda: folders_of(settings))


@contextmanager
def reporting(writer: ReportWriter, *, after: Callable[[], object] = lambda: None) -> Iterator[ReportWriter]:
    """Give the writer its turns while the context lasts, and one more at its end.

    Args:
        writer: of this worker.
        after: called at the end if it has written anything: whoever is told of it meanwhile may have ended before.
    """
    is_over, has_written, tell = threading.Event(), threading.Event(), writer.on_written

    def written() -> None:
        has_written.set()
        tell()

    writer.on_written = written

    def go_on() -> None:
        while not is_over.is_set():
            writer.wait(60.0)
            if not is_over.is_set():
                writer.turn()
        writer.last_turn()
        if has_written.is_set():
            after()

    thread = threading.Thread(target=go_on, name="reports", daemon=True)
    thread.start()
    try:
        yield writer
    finally:
        is_over.set()
        writer.ring()
        thread.join(LAST_S)  # not for ever: it may hang with its share
