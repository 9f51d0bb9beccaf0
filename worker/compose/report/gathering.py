"""Gathers what a report says: facts of ended jobs, journals of workers, what pictures took in the weeks before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from worker import spool
from worker.compose.overview.pictures import OverviewPictures
from worker.delivery.pages.night_page import REPORTS
from worker.delivery.pages.nights import night_of
from worker.delivery.pages.report_page import ReportPage
from worker.delivery.pages.sheet_pictures import refused_picture
from worker.operations.night_journal import journals
from worker.operations.night_report import Span, night_report
from worker.operations.report_files import ReportFiles
from worker.operations.report_json import former_speeds
from worker.overview_records import EndedJob, Overview
from worker.report_records import JobFacts, Left, NightReport
from worker.spool.overview.ended_facts import evidence_bytes, facts_of
from worker.translation import Language

PICTURED_JOBS = 24
"""Complete ones whose first pictures are shown."""
PICTURES = 4
"""Of each."""
MOST_EVIDENCE = 60
"""Refused pictures that are shown: some 300 kB."""
MOST_RUNNING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of which time a report is asked for."""

    begins: datetime
    """Aware."""
    ends: datetime
    """Likewise; not included."""
    night: date | None = None


def asked_night(begins: date, *, zone: tzinfo | None) -> Asked:
    """A night, from noon to noon.

    Args:
        begins: the day of its first noon.
        zone: whose noon; None: this machine's.
    """
    first, second = (
        datetime.combine(begins + timedelta(days=days), datetime.min.time(), tzinfo=zone).replace(hour=12)
        for days in (0, 1)
    )
    return Asked(begins=first.astimezone(UTC), ends=second.astimezone(UTC), night=begins)


class Gathering:
    """Of one spool; whoever reports again keeps it, since no manifest is read twice."""

    def __init__(self, folders: spool.Folders, *, zone: tzinfo | None = None) -> None:
        """Keep the places; nothing is read.

        Args:
            folders: of the spool.
            zone: whose noon parts the nights; None: this machine's.
        """
        self._folders = folders
        self._zone = zone
        self._facts: dict[tuple[str, bool, str | None, str], JobFacts] = {}
        self._pictures = OverviewPictures(folders.outbox, most=PICTURES)
        self.files = ReportFiles(folders.outbox, folder=REPORTS)

    def report(
        self, asked: Asked, jobs: Sequence[EndedJob], *, overview: Overview | None, language: Language
    ) -> NightReport:
        """Read what there is, and join it.

        Args:
            asked: of which time.
            jobs: that ended in it, newest first.
            overview: what is going on, where the time is not over; else None.
            language: of what workers wrote down for people.

        Raises:
            OSError: the share failed.
        """
        begins, ends = (moment.astimezone(UTC).isoformat(timespec="seconds") for moment in (asked.begins, asked.ends))
        nights = frozenset(self._nights(asked))
        former = former_speeds(
            self.files.path,
            [f"{night}.json" for night in self.files.nights()],
            before=asked.night or min(nights),
            below=self._folders.outbox,
        )
        return night_report(
            Span(
                begins=begins,
                ends=ends,
                night=asked.night,
                is_over=overview is None,
                as_of=overview.as_of if overview else None,
            ),
            self._facts_of(jobs),
            workers=journals(self._folders.workers, below=self._folders.inbox, nights=nights, language=language),
            former=former,
            left=left_in(overview) if overview else None,
        )

    def _nights(self, asked: Asked) -> Iterable[date]:
        night, last = (night_of(moment, self._zone) for moment in (asked.begins, asked.ends - timedelta(seconds=1)))
        while night <= last:
            yield night
            night += timedelta(days=1)

    def _facts_of(self, jobs: Sequence[EndedJob]) -> list[JobFacts]:
        """What was read before is kept for the jobs that are asked for again."""
        known = self._facts
        self._facts = {key: known.get(key) or facts_of(self._folders, job) for job in jobs for key in [_key(job)]}
        return [replace(self._facts[_key(job)], job=job) for job in jobs]

    def page(self, report: NightReport, *, failed: str | None, up: str = "../", marks: str = "") -> ReportPage:
        """With pictures; those that cannot be read are left out.

        Args:
            report: of a night, or another span of time.
            failed: what leads from the outbox to the folder of failed jobs; None where nothing does.
            up: what leads from the page to the outbox.
            marks: of the file.
        """
        done = [job for job in report.complete if job.is_in_outbox][:PICTURED_JOBS]
        return ReportPage(
            report=report,
            marks=marks,
            failed=failed,
            up=up,
            pictures=self._pictures.of(done),
            evidence=self._evidence(report),
            zone=self._zone,
        )

    def _evidence(self, report: NightReport) -> Mapping[tuple[str, bool, str], str]:
        """The last refused picture of each failure: the first failures of every job come before the second."""
        wanted = [
            (number, trouble.job, failure.evidence[-1])
            for trouble in report.troubles
            for number, failure in enumerate(trouble.failures)
            if failure.evidence
        ]
        wanted.sort(key=lambda one: one[0])
        found = {}
        for _, job, file in wanted[:MOST_EVIDENCE]:
            source = refused_picture(evidence_bytes(self._folders, job, file))
            if source:
                found[job.name, job.is_in_outbox, file] = source
        return found


def left_in(overview: Overview) -> Left:
    """What is not done yet.

    Args:
        overview: one look.
    """
    line = [job for job in overview.waiting if job.state in ("waiting", "resting")]
    persons = [
        (job.name, job.reason) for job in overview.waiting if job.state in ("held", "invalid") and job.proof is None
    ]
    return Left(
        jobs=len(line),
        pictures=sum(job.pictures or 0 for job in line),
        ends_in_s=overview.queue_ends_in_s if line else None,
        running=[(job.name, job.made + job.failed, job.pictures) for job in overview.running[:MOST_RUNNING]],
        persons=persons,
        proofs=[(job.name, job.proof) for job in overview.waiting if job.proof is not None],
    )


def _key(job: EndedJob) -> tuple[str, bool, str | None, str]:
    return job.name, job.is_in_outbox, job.ended_at, job.state
