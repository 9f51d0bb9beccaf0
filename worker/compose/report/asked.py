"""What `report` says: one night, or all since a moment, from the folders alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from worker import spool
from worker.compose.from_settings import failing, folders_of
from worker.compose.overview.look import overview_reader
from worker.compose.overview.outbox import failed_from
from worker.compose.report.gathering import Asked, Gathering, asked_night
from worker.delivery.pages.nights import night_of, plausible_moment
from worker.delivery.pages.report_page import report_page
from worker.errors import UsageError
from worker.operations.report_json import report_json
from worker.operations.report_text import report_text
from worker.operations.since import moment_meant, night_before
from worker.operations.status import CLOCK_SLACK_S
from worker.overview_records import EndedJob, Overview
from worker.report_records import NightReport
from worker.settings import Settings
from worker.translation import Language, gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """As it was asked for."""

    report: NightReport
    language: Language
    _gathering: Gathering = field(repr=False)
    _folders: spool.Folders = field(repr=False)

    def text(self) -> str:
        """For a terminal."""
        night = self.report.night
        path = self._gathering.files.path / f"{night}.html"
        return report_text(self.report, page=str(path) if night and night in self._gathering.files.nights() else "")

    def json(self) -> str:
        """For programs."""
        return report_json(self.report, language=self.language).decode().rstrip()

    def html(self) -> bytes:
        """A page for any place: its links lead to the outbox on this machine."""
        up = f"{self._folders.outbox.resolve().as_uri()}/"
        page = self._gathering.page(self.report, failed=failed_from(self._folders), up=up)
        return b"".join(report_page(page, language=self.language))


def report_since(settings: Settings, *, when: str | None, language: Language = "en") -> Report:
    """The report of the last night, or of all since a moment.

    Args:
        settings: name the folders.
        when: as a person has written it; None for the last night.
        language: of what is said.

    Raises:
        UsageError: `when` means no moment.
        FoldersUnusable: a folder is of a wrong type; FoldersAway: it is not there or cannot be read just now.
    """
    now = datetime.now().astimezone()
    begins = night_before(now) if when is None else moment_meant(when, now=now)
    if begins is None:
        raise UsageError(
            gettext(
                "--since {words}: no moment that has passed. Say yesterday, 7d, 2h, 2026-11-20 or 2026-11-20 22:00.",
                words=when,
            )
        )
    folders = folders_of(settings)
    try:
        overview = overview_reader(settings, folders).look(
            most_ended=0, ended_since_s=begins.timestamp() - CLOCK_SLACK_S, language=language
        )
        asked = Asked(begins=begins, ends=now + timedelta(seconds=1))
        if when is None:
            asked = asked_night(night_of(begins, None), zone=None)
        is_over = asked.ends <= now
        gathering = Gathering(folders)
        jobs = _ended_in(asked, overview)
        made = gathering.report(asked, jobs, overview=None if is_over else overview, language=language)
    except OSError as error:
        raise failing(error) from error
    return Report(report=made, language=language, _gathering=gathering, _folders=folders)


def _ended_in(asked: Asked, overview: Overview) -> list[EndedJob]:
    now = datetime.fromisoformat(overview.as_of).astimezone(UTC)
    dated = ((job, plausible_moment(job.ended_at, now=now)) for job in overview.ended)
    return [job for job, moment in dated if moment is not None and asked.begins <= moment < asked.ends]
