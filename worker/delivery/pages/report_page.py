"""The page of a night's report: what went wrong first, with what to do about it; then how it went, in few figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from worker.delivery.pages.filters import link
from worker.delivery.pages.night_page import ENDED_WORDS
from worker.delivery.pages.page import rendered
from worker.delivery.pages.sheet_pictures import SheetPicture
from worker.delivery.pages.speed_chart import Chart, chart_of
from worker.moments import day_and_hour, moment_of, near_hour
from worker.overview_records import EndedJob
from worker.report_records import Left, Mended, NightReport, PictureFailure, Speed, Trouble
from worker.report_words import change_words, kind_words, left_words, outcome_words, report_headline, stage_words
from worker.translation import Language, Text
from worker.try_words import rung_words

FEW = 12
"""Jobs of a kind that stand there unfolded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """What `report.html.j2` is given as `page`."""

    report: NightReport
    marks: str = ""
    """By which the file is known again."""
    failed: str | None = None
    """The folder of failed jobs, relative to the outbox; None where a reader of the outbox may not reach it."""
    up: str = "../"
    """From the page to the outbox."""
    pictures: Mapping[str, Sequence[SheetPicture]] = field(default_factory=dict)
    """Of complete jobs, by the name of their folder."""
    evidence: Mapping[tuple[str, bool, str], str] = field(default_factory=dict)
    """Of refused pictures: data URIs by the job's name, whether it lies in the outbox, and the file."""
    zone: tzinfo | None = None
    """Of the times; None: this machine's."""
    ended_words: Mapping[str, Text] = field(default_factory=lambda: ENDED_WORDS)
    few: int = FEW

    @property
    def headline(self) -> Text:
        """What the night came to."""
        return report_headline(self.report)

    @property
    def mood(self) -> str:
        """Of the headline: good, warn, bad, or nothing where nothing ended."""
        states = self.report.jobs
        if states.get("failed") or states.get("refused"):
            return "bad"
        return "warn" if self.report.troubles else "good" if self.report.total or self.report.proofs else "none"

    @property
    def next_day(self) -> str:
        """On which the night ended: `11-28`."""
        return f"{self.report.night + timedelta(days=1):%m-%d}" if self.report.night else ""

    def day(self, iso: str | None) -> str:
        """A moment with its day; empty for none.

        Args:
            iso: of a record.
        """
        return day_and_hour(moment_of(iso), zone=self.zone, unknown="")

    def clock(self, iso: str | None) -> str:
        """The hour of a moment in the night, else with its day; empty for none.

        Args:
            iso: of a record.
        """
        moment, ends = moment_of(iso), moment_of(self.report.ends)
        middle = (ends or datetime.max) - timedelta(hours=12) if self.report.night and ends else ends
        return near_hour(moment, now=middle, zone=self.zone) if moment and middle else ""

    def target(self, job: EndedJob) -> str:
        """What leads to an ended job; empty where nothing does.

        Args:
            job: of the report.
        """
        folder, file = self._folder(job), "index.html" if job.is_in_outbox else "error.txt"
        return f"{folder}/{file}" if folder else ""

    def _folder(self, job: EndedJob) -> str:
        if job.is_in_outbox:
            return self.up + link(job.name)[2:]
        return f"{self.up}{self.failed}/{link(job.name)[2:]}" if self.failed else ""

    def shown(self, trouble: Trouble, failure: PictureFailure) -> Sequence[tuple[str, str]]:
        """Refused pictures of a failure: what leads to each, and the image.

        Args:
            trouble: of the report.
            failure: of it.
        """
        job, folder = trouble.job, self._folder(trouble.job)
        found = ((file, self.evidence.get((job.name, job.is_in_outbox, file), "")) for file in failure.evidence)
        return [(f"{folder}/{link(file)[2:]}" if folder else source, source) for file, source in found if source]

    def tries(self, failure: PictureFailure) -> Sequence[tuple[int, str]]:
        """What the tries of a picture came to, each word once with how often.

        Args:
            failure: of the report.
        """
        words = [outcome_words(outcome) for outcome in failure.outcomes]
        return [(words.count(word), word) for word in dict.fromkeys(words)]

    def outcome(self, outcome: str) -> str:
        """In words.

        Args:
            outcome: of a manifest.
        """
        return outcome_words(outcome)

    def rung(self, mended: Mended) -> str:
        """That made pictures, in words.

        Args:
            mended: of the report.
        """
        return rung_words(mended.rung)

    def stage(self, key: str) -> str:
        """In words.

        Args:
            key: of the report.
        """
        return stage_words(key)

    def kind(self, speed: Speed) -> Text:
        """Of which pictures a speed is.

        Args:
            speed: of the report.
        """
        return kind_words(speed.kind)

    def change(self, speed: Speed) -> Text | None:
        """How it compares with the weeks before.

        Args:
            speed: of the report.
        """
        return change_words(speed)

    def chart(self, speed: Speed) -> Chart | None:
        """Its nights, drawn; None of a single one.

        Args:
            speed: of the report.
        """
        return chart_of(speed, night=self.report.night)

    def waiting(self, left: Left) -> Text:
        """How many jobs wait.

        Args:
            left: of the report.
        """
        return left_words(left)


def report_page(page: ReportPage, *, language: Language = "en") -> Iterator[bytes]:
    """Yield the page, a piece at a time.

    Args:
        page: what it says.
        language: of its own words.
    """
    return rendered("report.html.j2", page, language=language)
