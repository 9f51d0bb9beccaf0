"""The live view: how a job in work is doing, put where people look, as often as its size and the share allow.

Knows when it is due and what it says of speed and time. It is only for looking: nothing waits for it, and no error of
it is one of the job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import isfinite

from worker.clocks import Clocks
from worker.live_records import LiveState, Moment
from worker.manifest_records import Entry, JobRecord
from worker.overview_records import RunningJob
from worker.ports import Delivery
from worker.records import Claim, Progress
from worker.spool_ports import SpoolPorts

RECEIPT_S = 15.0
"""Between two looks at the job's receipt; the first comes then, too: a job that is done sooner needs none."""
RECORD_S = 5.0
"""Least time between two versions of the record: an open page does not look more often."""
STILL_S = 45.0
"""The same while nothing is rendered: an open page must only hear that the worker lives."""
PAGE_S = 60.0
"""Between two versions of the page itself, for whoever opens it next: an open one goes on by the record."""
SHARE_OF_TIME = 50
"""Writing takes at most a fiftieth of the time, however slow the share is."""
WORD_S = 120.0
"""A worker that lives writes within that time, or a picture takes long."""


@dataclass(slots=True, kw_only=True)
class LiveView:
    """Of one run of one job."""

    claim: Claim
    record: JobRecord
    folder: str
    """Of the claim's pictures, in the outbox."""
    delivery: Delivery
    spool: SpoolPorts
    clocks: Clocks
    worked_s: Callable[[], float]
    """Seconds without those in which the worker waited; only differences mean anything."""
    passes: Callable[[float], float] = lambda seconds: seconds
    """How many seconds pass until so many seconds of work are done."""
    _begun_s: float = field(init=False)
    _made: int = 0
    _made_pixel_steps: int = 0
    """Pictures that this run has made, and their work."""
    _step: Progress | None = None
    _told: tuple[LiveState, str] = ("rendering", "")
    """State and reason as last written."""
    _since: str | None = None
    _receipt_due_s: float = field(init=False)
    _record_due_s: float = float("-inf")
    _page_due_s: float = float("-inf")

    def __post_init__(self) -> None:
        """The run begins."""
        self._begun_s = self.worked_s()
        self._receipt_due_s = self.clocks.monotonic() + RECEIPT_S

    def made(self, pixel_steps: int) -> None:
        """A picture has been made: the speed is told by all of this run.

        Args:
            pixel_steps: its work.
        """
        self._made += 1
        self._made_pixel_steps += pixel_steps

    def at(self, step: Progress) -> None:
        """Hear which picture is in work.

        Args:
            step: that was done.
        """
        self._step = step

    def show(
        self, entries: Sequence[Entry], *, left_pixel_steps: int, state: LiveState = "rendering", reason: str = ""
    ) -> None:
        """Write what is due; at once where the state is another.

        Args:
            entries: of the pictures so far, in the order in which they were settled.
            left_pixel_steps: work that is left.
            state: of the job.
            reason: why it is not being rendered.
        """
        now_s, is_news = self.clocks.monotonic(), self._told != (state, reason)
        if not is_news and now_s < self._record_due_s:
            return
        if is_news:
            self._since = None if state == "rendering" else self.clocks.now()
        self._told = state, reason
        needs_page = is_news or now_s >= self._page_due_s
        moment = self._moment(left_pixel_steps)
        shown = self.delivery.live(self.record, entries, moment=moment, needs_page=needs_page)
        self.spool.publishing.show(self.claim, shown, name=self.record.name)
        if state in ("rendering", "paused") and now_s >= self._receipt_due_s:
            self._receipt_due_s = now_s + RECEIPT_S
            self.spool.inbox.foresee_work(self.claim, self._running(entries, moment))
        ended_s = self.clocks.monotonic()
        took_s = ended_s - now_s
        least_s = RECORD_S if state == "rendering" else STILL_S
        self._record_due_s = ended_s + max(least_s, SHARE_OF_TIME * took_s)
        if needs_page:
            self._page_due_s = ended_s + max(PAGE_S, SHARE_OF_TIME * took_s)

    def _running(self, entries: Sequence[Entry], moment: Moment) -> RunningJob:
        made = sum(entry.status == "ok" for entry in entries)
        return RunningJob(
            name=self.record.name, worker=self.record.worker.id, folder=self.folder, pictures=self.record.pictures,
            made=made, failed=len(entries) - made, left_s=moment.left_s,
        )  # fmt: skip

    def _moment(self, left_pixel_steps: int) -> Moment:
        state, reason = self._told
        now, step = self.clocks.now(), self._step
        moment = Moment(at=now, state=state, reason=reason, since=self._since, folder=self.folder)
        if step is not None and state == "rendering":
            moment = replace(moment, file=step.request.file, step=step.step, steps=step.steps)
        if not self._made:
            return moment
        run_s = self.worked_s() - self._begun_s
        picture_s = run_s / self._made
        moment = replace(moment, picture_s=picture_s, next_word_s=max(WORD_S, 4 * picture_s))
        if state != "rendering":
            return moment
        left_s = self.passes(run_s / max(self._made_pixel_steps, 1) * left_pixel_steps)
        return replace(moment, left_s=left_s if isfinite(left_s) else None, ends_at=_later(now, left_s))


def _later(now: str, seconds: float) -> str | None:
    """A moment so much later; None for one that no calendar has."""
    try:
        return (datetime.fromisoformat(now) + timedelta(seconds=seconds)).isoformat(timespec="seconds")
    except (OverflowError, ValueError):
        return None
