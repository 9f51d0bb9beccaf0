"""The inbox: jobs to come, and what people put there to steer.

Knows which names are jobs and which have settled, and tells people why a name is not taken. Nothing here moves a job;
`ownership` does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from worker.overview_records import RunningJob, WaitingJob
from worker.records import Candidate, Claim
from worker.spool.claim_files import folder_of
from worker.spool.control_files import clear_ready, lone_readies
from worker.spool.controls import Controls
from worker.spool.folder_identity import Roots
from worker.spool.held_jobs import ask_names, why_held
from worker.spool.judged_jobs import JudgedJobs
from worker.spool.known_copies import KnownCopies
from worker.spool.layout import Folders
from worker.spool.listing import InboxNames, find
from worker.spool.names import CONFLICT_REMEDY, SPELLING_REMEDY
from worker.spool.progress_receipts import ProgressReceipts
from worker.spool.receipts import Receipts
from worker.spool.resting import Resting
from worker.spool.scan import Scanner
from worker.spool.steering import READY, pauses_in
from worker.spool.submit_notes import clear_submit_note
from worker.spool_ports import PassedOver
from worker.translation import Text, gettext, joined

log = structlog.get_logger()

READY_TOLD_S = 60.0
"""A ready file may come before its job; one that stands alone for so long is told."""

HEAR_S, HEAR_AT_MOST_S = 1.0, 10.0
"""Least and most seconds between two looks for control files while a picture is made."""
HEAR_PART = 50.0
"""So many times longer than a look is the time to the next: a share that answers slowly is asked rarely."""

MOST_HELD = 200
"""Names of which it is said that no worker can do anything now: a receipt costs a share some tenths of a second."""


class FolderInbox:
    """Satisfies `spool_ports.Inbox` with a folder."""

    def __init__(
        self,
        folders: Folders,
        roots: Roots,
        names: InboxNames,
        *,
        scanner: Scanner,
        needs_ready: bool,
        clock: Callable[[], float],
        before_scan: Callable[[], None],
        controls: Controls,
        resting: Resting,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            roots: tell whether these are the right folders.
            names: in the inbox.
            scanner: looks at them.
            needs_ready: a job is one only once `NAME.ready` lies beside it.
            clock: seconds that no one sets; counts suspended time.
            before_scan: does what a failing share has left undone.
            controls: tell what is asked by files beside the jobs, and do some of it.
            resting: takes down which claims do not go on.
        """
        self._folders = folders
        self._roots = roots
        self._needs_ready = needs_ready
        self._clock = clock
        self._before_scan = before_scan
        self._names = names
        self._copies, self._judged = KnownCopies(folders.inbox), JudgedJobs(folders)
        self._scanner = scanner
        self._receipts = Receipts(folders.outbox, clock=clock, language_of=resting.language_of)
        self._progress = ProgressReceipts(folders.outbox, clock=clock, language_of=resting.language_of)
        self._controls = controls
        self._resting = resting
        self._candidates: tuple[Candidate, ...] = ()
        self._waits: Mapping[str, Text] = {}
        self._steering: Mapping[str, str] = {}
        """What is said of control files."""
        self._held: dict[str, str] = {}
        """Why whatever waits does, while this worker can do nothing."""
        self._lone_readies_s: dict[str, float] = {}
        """Since when a ready file stands alone."""
        self._is_paused = False
        self._is_asked = False
        """Whether a control file came since the last scan."""
        self._hear_at_s = float("-inf")

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox now, but for those that only a person can make one."""
        passed_over = self._scanner.passed_over()
        found = find(self._folders.inbox, needs_ready=self._needs_ready)
        return frozenset(one.name for one in found if one.name not in passed_over or not passed_over[one.name].is_final)

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs in the inbox, oldest first."""
        self._roots.require()
        self._before_scan()
        self._candidates = self._judged.among(self._scanner.scan())
        told = self._scanner.passed_over()
        copies = [name for name, one in told.items() if one.why in (CONFLICT_REMEDY, SPELLING_REMEDY)]
        self._copies.keep(copies, self._scanner.names)
        self._controls.look(self._scanner.names)
        self._is_asked = False
        self._controls.obey()
        held = self._controls.held()
        names = ask_names(held)
        self._resting.hold(
            {one.folder: (one.dropped.name, why_held(one, names[one.folder])) for one in held[:MOST_HELD]}
        )
        return self._candidates

    def held(self) -> int:
        """How many jobs wait for a person's word on their proof, as of the last scan."""
        return len(self._controls.held())

    def passed_over(self) -> Mapping[str, PassedOver]:
        """Why names are left where they lie, as of the last scan."""
        return self._scanner.passed_over()

    def queued(self) -> int:
        """How many jobs are to come, as of the last scan: never asks the share, and never raises."""
        return self._scanner.queued()

    def tell(self, waits: Mapping[str, Text]) -> None:
        """Write receipts; a share that fails, or an outbox that cannot be written, keeps nobody from looking."""
        self._waits = waits
        with suppress(OSError):
            self._show({**self._controls.reasons(), **self._ready_reasons()}, names=self._scanner.names)

    def tell_of(self, claim: Claim, why: str | None) -> None:
        """Say why a claimed job rests or waits, or take that back."""
        if self._resting.tell(folder_of(claim), claim.dropped.name, why):
            self.tell(self._waits)

    def foresee(self, queue: Sequence[WaitingJob]) -> None:
        """Say of jobs that wait for their turn when it comes; the next `tell` writes it down."""
        self._progress.foresee(queue)

    def foresee_work(self, claim: Claim, job: RunningJob) -> None:
        """Say of a job in work how it goes; it never raises."""
        self._resting.foresee(folder_of(claim), claim.dropped.name, job)
        with suppress(OSError):
            self._progress.show(self._resting.foreseen(), self._reasons())

    def tell_of_all(self, why: str | None) -> None:
        """Say of all that waits, and of all that this worker has claimed, why it waits; it never raises.

        Args:
            why: the reason, for a person; None once it goes on.
        """
        with suppress(OSError):
            self._roots.require()
            names = () if why is None else sorted(one.name for one in find(self._folders.inbox))
            former, self._held = self._held, dict.fromkeys(names[:MOST_HELD], why or "")
            if self._resting.tell_all(why) or self._held != former:
                self._show({}, names=[name for name in os.listdir(self._folders.inbox) if name not in former])

    def pass_over(self, reasons: Mapping[Path, Text]) -> None:
        """Say which claims cannot be dealt with; it never raises.

        Args:
            reasons: by the folder of the claim; those told before and not among them go on.
        """
        if self._resting.pass_over(reasons):
            self.tell(self._waits)

    def hear(self) -> bool:
        """Say at once of what people have just asked that it is understood; whether there is something to obey."""
        begun_s = self._clock()
        if begun_s >= self._hear_at_s:
            with suppress(OSError):
                names = self._names.now()
                is_news = self._controls.look(names)
                self._is_asked |= is_news
                self._see_pause(names, is_news=is_news)
            took_s = self._clock() - begun_s
            self._hear_at_s = begun_s + min(max(took_s * HEAR_PART, HEAR_S), HEAR_AT_MOST_S)
        return self._is_asked

    def is_paused(self) -> bool:
        """Whether a person has asked all workers to wait."""
        try:
            self._see_pause(self._names.now(), is_news=False)
        except OSError:
            return False
        return self._is_paused

    def _see_pause(self, names: Collection[str], *, is_news: bool) -> None:
        """Look whether there is a pause, and tell of it; likewise of other news."""
        pauses, was_paused = sorted(pauses_in(names)), self._is_paused
        self._is_paused = bool(pauses)
        if not is_news and was_paused == self._is_paused:
            return
        if pauses and not was_paused:
            log.info("control.heard", file=pauses[0])
        with suppress(OSError):
            self._roots.require()
            self._progress.pause(next(iter(pauses), ""))
            told = {name: _why_paused(self._folders.inbox / name) for name in pauses}
            self._show({**self._controls.reasons(), **told}, names=names)

    def cancelled_by(self, job: Claim | Candidate, *, shown: str | None = None) -> str | None:
        """Name of the file by which a person cancels this job, or has rejected its proof; None where nobody has."""
        ended_by = job.ended_by if isinstance(job, Candidate) else job.proof and job.proof.ended_by
        return ended_by or self._controls.meaning(job, shown=shown)

    def take_out(self, candidate: Candidate) -> None:
        """Somebody is about to move it: whatever lies there next is another file."""
        self._scanner.forget(candidate.path)

    def taken_out(self, candidate: Candidate) -> None:
        """It was moved: what said that it is ready must not speak for the next job of that name.

        Raises:
            OSError: the share failed.
        """
        self._scanner.taken(candidate.path)
        if candidate.is_submitted:
            clear_submit_note(self._folders.inbox, candidate.path.name)
        self._waits = {name: why for name, why in self._waits.items() if name != candidate.path.name}
        self._progress.taken(candidate.path.name)
        if self._needs_ready:
            clear_ready(self._folders.inbox, candidate.path.name)

    def leave(self, path: Path, *, why: str) -> None:
        """Say once that a job waits because it cannot be moved.

        Args:
            path: of the job in the inbox.
            why: what the system says, such as `Permission denied`.
        """
        self._scanner.leave(path, why=why)

    def _reasons(self) -> dict[str, str]:
        """Why names are not done, and what else is to be said of them."""
        passed_over = self._scanner.passed_over()
        reasons: dict[str, str] = {name: aside.why for name, aside in passed_over.items()}
        reasons |= {**self._held, **self._waits, **self._steering}
        for name, why in self._resting.reasons().items():  # a new job of that name may wait beside it
            reasons[name] = joined([reasons[name], why], "\n\n") if reasons.get(name, why) != why else why
        return reasons

    def _show(self, steering: Mapping[str, str], *, names: Collection[str]) -> None:
        self._steering = steering
        reasons = self._reasons()
        foreseen = self._progress.show(self._resting.foreseen(), reasons)
        alone = {name: why for name, why in reasons.items() if name not in foreseen}
        undecided = partial(self._undecided, names, alone)
        seen = names, self._candidates, foreseen
        self._receipts.show(alone, undecided=lambda: undecided() | foreseen, seen=seen, lying=names)

    def _undecided(self, names: Collection[str], reasons: Collection[str]) -> set[str]:
        """Names of which this worker knows nothing: not read yet, or claimed by others."""
        unread = set(names) - {candidate.path.name for candidate in self._candidates} - set(reasons)
        said = {name for name in unread if name.lower().endswith(READY)} - lone_readies(names)
        return unread - said | self._resting.others()

    def _ready_reasons(self) -> dict[str, Text]:
        """Ready files beside which no job lies, to be told: one may come before its job."""
        now_s, former = self._clock(), self._lone_readies_s
        self._lone_readies_s = {name: former.get(name, now_s) for name in lone_readies(self._scanner.names)}
        return {name: _LONE for name, since_s in self._lone_readies_s.items() if now_s - since_s >= READY_TOLD_S}


def _why_paused(pause: Path) -> Text:
    try:
        since = datetime.fromtimestamp(pause.lstat().st_mtime, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OSError, ValueError, OverflowError):  # a copier may set any time
        return gettext("no worker begins another picture while this file lies in the inbox: remove it to go on")
    return gettext(
        "no worker begins another picture since {since}, while this file lies in the inbox: remove it to go on",
        since=since,
    )


_LONE = gettext(
    "it says that a job is complete, and no job of that name lies beside it: name it after the job's whole file, as"
    " {file}, or delete it",
    file="NAME.yaml.ready",
)
