"""The page of everything, outbox/index.html: who works, what is in work, what waits, what has ended; and its nights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from worker.delivery.pages.night_page import FOLDER, NightPage
from worker.delivery.pages.nights import MOST_NIGHTS, PAGE_JOBS, Night, nights, on_front
from worker.delivery.pages.page import rendered
from worker.overview_records import EndedJob, Overview, WaitingJob
from worker.translation import Language, Text, gettext, sentences
from worker.window_outlook import outlook_lines

PICTURED = 24
"""The newest jobs of the outbox, of which the front page shows pictures."""
PICTURES = 4
"""Of each."""
FIRST = 100
"""Shown of what waits, of names that are ignored, and of workers."""
FEW = 8
"""Of what waits stand there unfolded."""
NEWS = f"{FOLDER}/now.js"
"""Few bytes that an open page loads again and again, so that it loads itself only where it has changed."""
ASK_S = 20
"""Between two looks of an open page."""
QUIET_S = 150
"""After so long without news a page to which they came says that it may be old; a worker that lives sends them every
fifteen seconds, and where it dies another steps in after 35."""
OLD_S = 420
"""Likewise a page that has never heard any, such as one in a mail; a worker that lives writes it every five minutes."""
ALIVE = ("starting", "idle", "rendering", "paused")
MOST_FIRST = ("rendering", "starting", "paused", "idle", "silent")

WORKER_WORDS: Mapping[str, Text] = {
    "starting": gettext("starting"),
    "idle": gettext("waiting for jobs"),
    "rendering": gettext("rendering"),
    "paused": gettext("paused"),
    "stopped": gettext("stopped"),
    "silent": gettext("silent"),
    "dead": gettext("dead"),
}
WAITING_WORDS: Mapping[str, Text] = {
    "waiting": gettext("waiting"),
    "invalid": gettext("invalid"),
    "resting": gettext("resting"),
    "held": gettext("held"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage(NightPage):
    """What `overview.html.j2` is given as `page`."""

    overview: Overview
    found: Sequence[Night]
    """All nights, newest first."""
    few: int = FEW
    first: int = FIRST
    news: str = NEWS
    ask_s: int = ASK_S
    quiet_s: int = QUIET_S
    old_s: int = OLD_S
    page_jobs: int = PAGE_JOBS
    worker_words: Mapping[str, Text] = field(default_factory=lambda: WORKER_WORDS)
    waiting_words: Mapping[str, Text] = field(default_factory=lambda: WAITING_WORDS)

    @property
    def shown(self) -> Sequence[Night]:
        """Nights whose jobs stand here."""
        return on_front(self.found)

    @property
    def earlier(self) -> Sequence[Night]:
        """Nights that have a line each."""
        return self.found[len(self.shown) : MOST_NIGHTS]

    @property
    def works(self) -> bool:
        """Whether any worker lives, or may."""
        return self.state not in ("absent", "over")

    def life(self, worker_id: str) -> str:
        """What is to be said of the worker of a job in work: nothing of one that lives.

        Args:
            worker_id: of the job's worker.
        """
        state = next((one.state for one in self.overview.workers if one.id == worker_id), "idle")
        return "" if state in ALIVE else WORKER_WORDS[state]

    @property
    def state(self) -> str:
        """In one word: that of the worker that does most; where nobody works absent if jobs wait for one, else over."""
        states = {worker.state for worker in self.overview.workers}
        if self.overview.paused_by is not None and not states.isdisjoint(ALIVE):
            return "paused"
        return next((state for state in MOST_FIRST if state in states), "absent" if self.is_missed else "over")

    @property
    def is_missed(self) -> bool:
        """Whether there is anything to do for a worker."""
        return bool(self.overview.running) or any(job.proof is None for job in self.overview.waiting)

    @property
    def state_word(self) -> Text:
        """The same for people."""
        return WORKER_WORDS[self.state] if self.works else gettext("nobody works")

    @property
    def queue(self) -> Sequence[WaitingJob]:
        """What waits for its turn."""
        return [job for job in self.overview.waiting if _is_in_line(job)]

    @property
    def proofs(self) -> Sequence[WaitingJob]:
        """What waits for a person's approval."""
        return [job for job in self.overview.waiting if job.proof is not None]

    def waits_still(self, job: EndedJob) -> bool:
        """Whether a proof has not been judged yet.

        Args:
            job: that has ended as a proof.
        """
        return any(one.proof == job.name for one in self.proofs)

    @property
    def troubled(self) -> Sequence[WaitingJob]:
        """What waits for a person to mend it."""
        return [job for job in self.overview.waiting if not _is_in_line(job) and job.proof is None]

    def rests_meanwhile(self, job: WaitingJob) -> bool:
        """Whether the hours of its worker part a job, so that it ends later than it begins and takes.

        Args:
            job: that waits.
        """
        ends_in_s, takes_s = job.ends_in_s, job.takes_s
        is_known = ends_in_s is not None and takes_s is not None and bool(self.after(ends_in_s))
        return is_known and (ends_in_s or 0) - (job.starts_in_s or 0) > (takes_s or 0) + 60

    @property
    def hours(self) -> Sequence[tuple[str, str]]:
        """Workers that have hours, by their ids: when each renders, and what fits."""
        told = ((one.id, one.hours) for one in self.overview.workers)
        return [
            (worker_id, sentences(outlook_lines(outlook, now=self.now, zone=self.zone)))
            for worker_id, outlook in told
            if outlook is not None
        ]

    def percent(self, done: int, total: int) -> str:
        """How much is done: `83.3`.

        Args:
            done: pictures.
            total: pictures; 0 gives 0.
        """
        return f"{min(100.0, 100 * max(0, done) / total) if total > 0 else 0:.1f}"


def _is_in_line(job: WaitingJob) -> bool:
    """Not an empty folder, or what is still being written: of these no worker foresees a turn, and a reason is told."""
    return job.state == "waiting" and (job.position is not None or not job.reason)


def front_page(page: FrontPage, *, language: Language = "en") -> Iterator[bytes]:
    """Yield the front page, a piece at a time.

    Args:
        page: what it says.
        language: of its own words.
    """
    return rendered("overview.html.j2", page, language=language)


def night_page(page: NightPage, *, language: Language = "en") -> Iterator[bytes]:
    """Likewise a page of a night.

    Args:
        page: with `night`; its `places` as seen from the outbox.
        language: of its own words.
    """
    return rendered("night.html.j2", page, language=language)


def nights_of(overview: Overview, *, zone: tzinfo | None = None) -> list[Night]:
    """The nights of everything that has ended, newest first.

    Args:
        overview: one look.
        zone: whose noon counts; None: this machine's.
    """
    return nights(overview.ended, now=datetime.fromisoformat(overview.as_of), zone=zone)
