"""Progress of one job: what is staged, what is left, and the work that it takes.

Knows one running job's pictures. It changes as they come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import structlog

from worker.daemon.live_view import LiveView
from worker.errors import JobInTrouble, NoRoom, StopAsked, WorkerError
from worker.live_records import LiveState
from worker.manifest_records import Entry, JobRecord
from worker.ports import Delivery
from worker.publishing_ports import Staging
from worker.records import Job, PictureKind, PictureResult, Progress, Request, StagedFile
from worker.translation import Text, gettext

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class JobProgress:
    """One job being rendered: what is known of it so far."""

    job: Job
    record: JobRecord
    staging: Staging
    delivery: Delivery
    view: LiveView
    entries: dict[str, Entry]
    """By file name."""
    left: dict[str, Request] = field(init=False)
    """Requests without an entry, by file name, in the job's order."""
    left_pixel_steps: int = field(init=False)
    """Their work, kept up as it shrinks: it is told at every step."""
    left_work: Counter[PictureKind] = field(init=False)
    """Likewise, how many are left of each kind."""
    failed: int = field(init=False)
    """Of the settled pictures, kept up likewise."""
    plan: str = ""
    """How the card's memory is used, as last told."""
    has_made: bool = False
    """Whether this run has finished a picture."""
    worked_s: float = 0.0
    """Seconds of work on it until it gave way to a more urgent job."""
    hottest_c: float | None = None
    """The highest temperature of the card seen while it was worked on, in °C."""
    in_work: frozenset[str] = frozenset()
    """File names of the pictures in work, as last written down."""

    def __post_init__(self) -> None:
        """Find what is left."""
        self.left = {request.file: request for request in self.job.requests if request.file not in self.entries}
        self.left_work = Counter(request.kind for request in self.left.values())
        self.left_pixel_steps = sum(request.pixel_steps for request in self.left.values())
        self.failed = sum(entry.status == "failed" for entry in self.entries.values())

    @property
    def settled(self) -> int:
        """How many pictures are made, or are known not to be."""
        return len(self.entries)

    def made(self, result: PictureResult) -> tuple[StagedFile, ...]:
        """Stage what came of one picture; it is settled.

        Returns:
            The files that were written.

        Raises:
            ClaimLost, JobInTrouble, StopAsked: of the staging.
        """
        begun_s = self.view.worked_s()
        entry, files = self.delivery.picture(result, record=self.record)
        for file in files:
            self.staging.write(file)
        if entry.status == "ok":
            entry = replace(entry, file_s=round(self.view.worked_s() - begun_s, 3))
        self._enter(entry)
        self.has_made |= entry.status == "ok"
        self.view.made(entry.request.pixel_steps)
        return files

    def heated(self, hottest_c: float | None) -> None:
        """Hear how hot the card was.

        Args:
            hottest_c: in °C; None where nobody knows.
        """
        if hottest_c is not None:
            self.hottest_c = max(hottest_c, self.hottest_c or hottest_c)

    def refuse(self, refused: Mapping[str, Text]) -> None:
        """Settle pictures that are left and are not to be made: they count as failed.

        Args:
            refused: why, by file name.
        """
        for request in [request for request in self.left.values() if request.file in refused]:
            self._give_up(request, refused[request.file], is_cancelled=False)

    def cancel(self, file: str) -> None:
        """Settle all that is left, as a person cancels the job: that is no failure.

        Args:
            file: name of the file by which that was said.
        """
        self._ask_for_all()
        log.warning("job.cancelled", job=self.job.name, by=file, pictures=self.settled, left=len(self.left))
        why = gettext("Cancelled by {file}.", file=file)
        for request in [*self.left.values()]:
            self._give_up(request, why, is_cancelled=True)

    def _ask_for_all(self) -> None:
        """Of a job in its proof: what was to come after it is left too."""
        if self.job.whole:
            self.job = replace(self.job, requests=self.job.whole, whole=())
            self.record = replace(self.record, pictures=len(self.job.requests), proof_of=None)
            self.__post_init__()

    def _give_up(self, request: Request, why: Text, *, is_cancelled: bool) -> None:
        result = PictureResult(request=request, picture=None, tries=(), error=why, is_cancelled=is_cancelled)
        self._enter(self.delivery.picture(result, record=self.record)[0])

    def show(self, step: Progress | None = None) -> None:
        """Let people see how far it is, if that is due.

        Args:
            step: that was just done, of the picture in work.
        """
        if step is not None:
            self.view.at(step)
        self._show("rendering")

    def paused(self, reason: Text) -> None:
        """Let people see that it waits for a person; to be called every while, as a page that hears nothing says so.

        Args:
            reason: by what, and what to do.
        """
        self._show("paused", reason)

    def given_back(self, why: Text | None = None) -> None:
        """Let people see that the worker was asked to stop, or why else; before another can take the job.

        Args:
            why: it gives the job back, and when it goes on.
        """
        self._show("interrupted", why or _STOPPED)

    def gives_way(self, why: str) -> None:
        """Let people see that a more urgent job goes first.

        Args:
            why: and what becomes of it.
        """
        self._show("waiting", why)

    @contextmanager
    def shown_when_it_breaks_off(self) -> Iterator[None]:
        """While pictures are made: whatever breaks that off is shown.

        Raises:
            ClaimLost: as it came, and nothing is shown: it is another's to say.
            Exception: whatever else, as it came.
        """
        try:
            yield
        except NoRoom as short:
            self._show("waiting", short.why)
            raise
        except StopAsked:
            self.given_back()
            raise
        except (WorkerError, JobInTrouble) as broken:
            self._show(
                "interrupted", gettext("{why} What is finished is kept, and gone on with later.", why=str(broken))
            )
            raise

    def _show(self, state: LiveState, reason: str = "") -> None:
        self.view.show(tuple(self.entries.values()), left_pixel_steps=self.left_pixel_steps, state=state, reason=reason)

    def _enter(self, entry: Entry) -> None:
        request = self.left.pop(entry.request.file)
        self.entries[request.file] = entry
        self.failed += entry.status == "failed"
        self.left_pixel_steps -= request.pixel_steps
        self.left_work[request.kind] -= 1


_STOPPED = gettext("the worker was stopped. What is finished is kept; the job goes on as soon as a worker runs.")
