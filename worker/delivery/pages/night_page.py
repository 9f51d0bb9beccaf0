"""The page of one night: what all pages that show ended jobs have, and where their files lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from worker.delivery.pages.filters import link
from worker.delivery.pages.nights import Night, plausible_moment
from worker.delivery.pages.sheet_pictures import SheetPicture
from worker.moments import near_hour
from worker.overview_records import EndedJob
from worker.translation import Text, gettext

FOLDER = "_overview"
"""In the outbox: nights that are over, and what tells an open page of a newer one. No job is called so."""
REPORTS = "_reports"
"""Likewise: what each night came to."""
ENDED_WORDS: Mapping[str, Text] = {
    "complete": gettext("complete"),
    "partial": gettext("partial"),
    "proof": gettext("proof"),
    "failed": gettext("failed"),
    "cancelled": gettext("cancelled"),
    "refused": gettext("refused"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the pages find what they lead to."""

    failed: str | None = None
    """The folder of failed jobs, relative to the outbox; None where a reader of the outbox may not reach it."""
    has_nights: bool = True
    """Whether nights can have pages of their own."""
    reports: frozenset[date] = frozenset()
    """Nights of which there is a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightPage:
    """What `night.html.j2` is given as `page`, and what all pages that show ended jobs have."""

    as_of: str
    places: Places
    night: Night | None = None
    """With those of its jobs that stand on the page."""
    number: int = 1
    """Of the page among those of its night, from 1."""
    pictures: Mapping[str, Sequence[SheetPicture]] = field(default_factory=dict)
    """Of ended jobs, by the name of their folder."""
    marks: str = ""
    """By which the file is known again."""
    up: str = "./"
    """From the page to the outbox."""
    zone: tzinfo | None = None
    """Of the times; None: this machine's."""
    ended_words: Mapping[str, Text] = field(default_factory=lambda: ENDED_WORDS)

    @property
    def now(self) -> datetime:
        """The moment of the look; aware."""
        return datetime.fromisoformat(self.as_of)

    def clock(self, iso: str | None, plus_s: float = 0.0) -> str:
        """A time as people say it: the hour of a day that is near, else the day too; empty for what is no time.

        Args:
            iso: whatever a record says.
            plus_s: seconds later.
        """
        moment = plausible_moment(iso, now=self.now)
        if moment is None or not 0 <= plus_s < 1e8:
            return ""
        return near_hour(moment + timedelta(seconds=plus_s), now=self.now, zone=self.zone)

    def after(self, seconds: float | None) -> str:
        """So many seconds after the look, ISO 8601; empty where that is not known.

        Args:
            seconds: of a forecast.
        """
        is_near = seconds is not None and 0 <= seconds < 1e8
        return (self.now + timedelta(seconds=seconds or 0)).isoformat(timespec="seconds") if is_near else ""

    def numbers(self, night: Night) -> Sequence[int]:
        """Of the pages that a night has, from 1.

        Args:
            night: any.
        """
        return range(1, len(night.pages()) + 1) if self.places.has_nights else ()

    def night_link(self, night: Night, number: int) -> str:
        """What leads to a page of a night.

        Args:
            night: with a date.
            number: of the page.
        """
        return self.up + night_file(night, number)

    def report_link(self, night: Night) -> str:
        """What leads to the report of a night; empty where there is none.

        Args:
            night: any.
        """
        return f"{self.up}{REPORTS}/{night.begins}.html" if night.begins in self.places.reports else ""

    def target(self, job: EndedJob) -> str:
        """What leads to an ended job from the page; empty where nothing does."""
        if job.is_in_outbox:
            return self.up + link(f"{job.name}/index.html")[2:]
        failed = self.places.failed
        return f"{self.up}{failed}/{link(f'{job.name}/error.txt')[2:]}" if failed else ""


def night_file(night: Night, number: int) -> str:
    """Name of a page of a night, relative to the outbox.

    Args:
        night: with a date.
        number: of the page, from 1.
    """
    return f"{FOLDER}/{night.begins}.{number}.html"
