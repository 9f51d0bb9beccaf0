"""The page of everything and its nights in one outbox: what was seen there, drawn and written."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from urllib.parse import quote

from worker import __version__, spool
from worker.compose.overview.marks import EndedDigest, digest, progress_of, readers_of, state_of
from worker.compose.overview.pictures import OverviewPictures
from worker.delivery.pages.night_page import FOLDER, REPORTS, NightPage, Places, night_file
from worker.delivery.pages.nights import MOST_NIGHTS, Night
from worker.delivery.pages.overview_page import PICTURED, PICTURES, FrontPage, front_page, night_page, nights_of
from worker.delivery.pages.sheet_pictures import SheetPicture
from worker.languages import LanguageSetting
from worker.operations.overview_files import OverviewFiles
from worker.operations.overview_turns import Marks
from worker.operations.report_files import ReportFiles
from worker.overview_records import EndedJob, Overview, WorkerLine
from worker.translation import Language

Look = Callable[[Language], Overview]
"""Gathers everything, with what workers wrote down for people in that language; may raise OSError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One look, with all that is to be drawn of it."""

    overview: Overview
    nights: Sequence[Night]
    pictures: dict[str, Sequence[SheetPicture]]
    language: Language
    marks: Marks
    ended: str
    """Differs whenever a job has ended or gone."""
    places: Places


class Outbox:
    """Of one spool."""

    def __init__(self, folders: spool.Folders, look: Look, *, zone: tzinfo | None = None) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            look: gathers everything.
            zone: of times and nights; None: this machine's.
        """
        self._folders = folders
        self._look = look
        self._zone = zone
        self._language: Language = "en"
        """Of the readers, as they were at the last look."""
        self._identity: tuple[str, str] | None = None
        self._pictures = OverviewPictures(folders.outbox, most=PICTURES)
        self._ended = EndedDigest()
        self._nights_are: object = None
        self._parts: dict[str, tuple[Sequence[EndedJob], str]] = {}
        """Jobs of each page of a night, with their digest."""
        self.files = OverviewFiles(folders.outbox, folder=FOLDER)
        self.reports = ReportFiles(folders.outbox, folder=REPORTS)

    def is_the_same(self) -> bool:
        """Whether these are the folders that they were at first: a share may be away, or another in its place.

        Raises:
            OSError: the share failed.
        """
        found = spool.identity_of(self._folders)
        self._identity = self._identity or found
        return found is not None and found == self._identity

    def sight(self, setting: LanguageSetting, *, note: WorkerLine | None) -> Sight:
        """Look once.

        Args:
            setting: the language of the page; `auto`: what those read who drop jobs.
            note: a worker that has written nothing down yet.

        Raises:
            OSError: the share failed.
        """
        overview, language = self._read(setting, self._language)
        if language != self._language:
            self._language = language
            overview, _ = self._read(setting, language)
        overview = _with(note, overview)
        ended, reports = self._ended.of(overview.ended), self.reports.nights()
        state = state_of(overview, ended=ended, reports=reports, language=language)
        return Sight(
            overview=overview,
            nights=nights_of(overview, zone=self._zone),
            pictures=self._pictures_of(overview),
            language=language,
            marks=Marks(as_of=overview.as_of, state=state, progress=progress_of(overview)),
            ended=ended,
            places=Places(
                failed=failed_from(self._folders), has_nights=self.files.has_folder(), reports=frozenset(reports)
            ),
        )

    def _read(self, setting: LanguageSetting, language: Language) -> tuple[Overview, Language]:
        """One look in that language, and the language of its readers."""
        overview = self._look(language)
        pictures = self._pictures_of(overview).values()
        seen = [one.alt for found in pictures for one in found[:1]]
        return overview, readers_of(overview, seen=seen) if setting == "auto" else setting

    def _pictures_of(self, overview: Overview) -> dict[str, Sequence[SheetPicture]]:
        theirs, proofs = [job for job in overview.ended if job.is_in_outbox], {job.proof for job in overview.waiting}
        return self._pictures.of([*theirs[:PICTURED], *(job for job in theirs[PICTURED:] if job.name in proofs)])

    def write_front(self, sight: Sight) -> int:
        """Write the front page; its size in bytes.

        Args:
            sight: what it says.

        Raises:
            OSError: it could not be written; the former one stands.
        """
        page = FrontPage(
            as_of=sight.overview.as_of,
            overview=sight.overview,
            found=sight.nights,
            pictures=sight.pictures,
            places=sight.places,
            marks=str(sight.marks),
            zone=self._zone,
        )
        return self.files.write_front(front_page(page, language=sight.language))

    def write_nights(self, sight: Sight) -> None:
        """Bring the pages of nights up to date; while nothing ends or goes they get no second look.

        Args:
            sight: what they say.

        Raises:
            OSError: one could not be written.
        """
        if not sight.places.has_nights:
            return
        overs = tuple((night.begins, night.is_over) for night in sight.nights[:2])
        are = (sight.ended, overs, sight.language, sight.places, self.files.present)
        if are == self._nights_are:
            return
        pages = {
            night_file(night, number): (night, number, jobs)
            for night in sight.nights[:MOST_NIGHTS]
            for number, jobs in enumerate(night.pages(), start=1)
        }
        for name, (night, number, jobs) in pages.items():
            self._write_night(sight, name, replace(night, jobs=jobs), number=number)
        self.files.keep_nights(pages)
        self._parts = {name: part for name, part in self._parts.items() if name in pages}
        self._nights_are = are

    def _write_night(self, sight: Sight, name: str, part: Night, *, number: int) -> None:
        jobs, said = self._parts.get(name, ((), ""))
        if jobs != part.jobs:
            said = digest(part.jobs)
            self._parts[name] = part.jobs, said
        has_report = part.begins in sight.places.reports
        wanted = digest([__version__, sight.language, sight.places.failed, has_report, number, said])
        if self.files.has_night(name, wanted):
            return
        marks = Marks(as_of=sight.overview.as_of, state=wanted, progress="-")
        page = NightPage(
            as_of=marks.as_of, places=sight.places, night=part, number=number, up="../", marks=str(marks),
            zone=self._zone,
        )  # fmt: skip
        self.files.write_night(name, wanted, night_page(page, language=sight.language))


def _with(note: WorkerLine | None, overview: Overview) -> Overview:
    """The overview with a worker that has written nothing down yet; one of its name that works is another process."""
    if note is None:
        return overview
    former = next((one for one in overview.workers if one.id == note.id), None)
    if former is not None and former.state not in ("stopped", "dead", "silent"):
        return overview
    heard = replace(note, heard_at=overview.as_of)
    return replace(overview, workers=[heard, *(one for one in overview.workers if one is not former)])


def failed_from(folders: spool.Folders) -> str | None:
    """What leads from the outbox to the folder of failed jobs, percent-encoded; None where a reader may not reach it.

    Args:
        folders: of the spool.

    Raises:
        OSError: the share failed.
    """
    outbox, failed = folders.outbox, folders.failed
    if outbox.parent != failed.parent or outbox.stat().st_dev != failed.stat().st_dev or os.path.ismount(outbox):
        return None
    return f"../{quote(os.fsencode(failed.name))}"
