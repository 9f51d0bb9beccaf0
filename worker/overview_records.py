"""What is going on in a spool, as values: its workers, and every job that waits, is in work or has ended.

Knows only shapes and units. `spool` and `operations` gather it from the folders alone; `status`,
`outbox/status.json` and `outbox/index.html` say it, each in its own form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WorkerState = Literal["starting", "idle", "rendering", "paused", "stopped", "silent", "dead"]
"""As a worker wrote it down; but `dead` where its lock on this machine is free or its lease is over, `silent` where its
heartbeat is late and that is not known yet."""
LIVING: frozenset[WorkerState] = frozenset({"starting", "idle", "rendering", "paused"})
"""States of a worker that is known to live; of a silent one that is not known, nor that it does not."""
WaitingState = Literal["waiting", "invalid", "resting", "held"]
"""`held`: it waits for a person's approval, or for its owner's turn under a quota."""
EndedState = Literal["complete", "partial", "failed", "cancelled", "refused"]
"""The status of the manifest; `refused` where there is none, as nothing was rendered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLine:
    """One worker."""

    id: str
    host: str
    state: WorkerState
    reason: str = ""
    """Why it waits, or why it ended."""
    since: str | None = None
    """ISO 8601, UTC, as all moments here: since when it is in this state."""
    heard_at: str | None = None
    """When it last wrote anything."""
    version: str = ""
    job: str | None = None
    """The shown name of the job in work; None without one, and of a dead worker."""
    hangs: bool = False
    """It is silent, its lease is over, and it holds its lock on this machine: it does not work, and is not dead."""
    note: str = ""
    """What a person should know of it, whatever it does: that new settings are not valid, say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningJob:
    """A job in work."""

    name: str
    worker: str
    """Its id; the job's newest claim, so that after a take-over one worker renders."""
    folder: str
    """Of its pictures so far, relative to the outbox, such as `mugs.studio-pc-7.partial`."""
    pictures: int
    """Asked for."""
    made: int
    failed: int
    started_at: str | None = None
    left_s: float | None = None
    """None where it is not known, and where its worker is dead or silent."""
    dropped_by: str | None = None
    """Who dropped it, where the file system tells."""
    receipt: str | None = None
    """Name of its file in `outbox/receipts/`."""
    warnings: int = 0
    file: str = ""
    """The picture in work; empty while none is."""
    step: int = 0
    """Inference step of it just done."""
    steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingJob:
    """A job, or what was meant as one, in the inbox or resting in a claim."""

    name: str
    """As it lies in the inbox."""
    state: WaitingState
    reason: str = ""
    """Of one that is invalid (the first problem), rests or is held."""
    receipt: str | None = None
    """Name of its file in `outbox/receipts/`."""
    warnings: int = 0
    position: int | None = None
    """From 1, in the order in which jobs are taken; None for one that is not to be taken."""
    starts_in_s: float | None = None
    """Until its first picture, from the recorded speed; None where that is not known or nobody works."""
    takes_s: float | None = None
    pictures: int | None = None
    """Asked for; None where no worker has read it yet."""
    since: str | None = None
    dropped_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedJob:
    """A folder in `outbox/` or `failed/`."""

    name: str
    """Of the folder."""
    is_in_outbox: bool
    state: EndedState
    ended_at: str | None
    pictures: int
    """Asked for."""
    made: int
    failed: int = 0
    cancelled: int = 0
    retried: int = 0
    """Made, but not by their first try."""
    warnings: int = 0
    reason: str = ""
    """Why it failed or was refused, or why its first failed picture did: one sentence."""
    dropped_by: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything, as one look found it."""

    as_of: str
    workers: Sequence[WorkerLine] = ()
    running: Sequence[RunningJob] = ()
    waiting: Sequence[WaitingJob] = ()
    """In the order in which they are taken; those without a position last."""
    ignored: Sequence[tuple[str, str]] = ()
    """Names in the inbox that are no job's, each with the remedy."""
    control_files: Sequence[tuple[str, str]] = ()
    """Names in the inbox by which people ask for something, `PAUSE` apart, each with what its receipt says."""
    ended: Sequence[EndedJob] = ()
    """Newest first."""
    queue_ends_in_s: float | None = None
    """Until the last picture of all that waits and is in work; None where nobody knows, or nobody works."""
    ended_more: int = 0
    """Folders of jobs that ended earlier than these, and were not looked into."""
    paused_by: str | None = None
    """Name of the file in the inbox by which all workers wait."""
    paused_since: str | None = None

    @property
    def nobody_works(self) -> bool:
        """Whether anything is to be done, and no worker lives; one that is silent may yet, unless it hangs."""
        is_any = bool(self.waiting or self.running)
        may_work = (one.state in LIVING or (one.state == "silent" and not one.hangs) for one in self.workers)
        return is_any and not any(may_work)
