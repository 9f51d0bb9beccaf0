"""What all workers of one in-memory spool see."""

from __future__ import annotations

import errno
import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from worker.errors import ClaimLost, JobChanged
from worker.live_records import Shown
from worker.overview_records import RunningJob, WaitingJob
from worker.records import Claim


@dataclass(kw_only=True)
class Shared:
    """What all workers of one spool see."""

    root: Path
    settle_s: float
    now_s: Callable[[], float]
    fault: str | None = None
    """Why the share fails now."""
    seen: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Contents and since when, by name in the inbox."""
    owners: dict[str, str] = field(default_factory=dict)
    """Worker by job id."""
    claims: dict[str, Claim] = field(default_factory=dict)
    """By job id."""
    read: dict[str, str] = field(default_factory=dict)
    """Contents by job id, as it was claimed, or last met at its end."""
    held: dict[str, Claim] = field(default_factory=dict)
    """Jobs whose proof waits for a person, by their id."""
    notes: dict[str, Claim] = field(default_factory=dict)
    """What a job keeps that was given back, by its contents."""
    droppers: dict[str, str] = field(default_factory=dict)
    """Who dropped what, by name in the inbox."""
    partials: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Staged files by claim id."""
    finished: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=lambda: {"outbox": {}, "failed": {}})
    shown: dict[str, Shown] = field(default_factory=dict)
    """What people see of jobs in work, by their id."""
    line: tuple[WaitingJob, ...] = ()
    """Jobs that wait for their turn, as people were told last."""
    running: dict[str, RunningJob] = field(default_factory=dict)
    """How jobs in work go, by their id, likewise."""
    told: dict[str, str] = field(default_factory=dict)
    """Why names in the inbox wait."""
    resting: dict[str, str] = field(default_factory=dict)
    """Why claimed jobs rest, by name."""
    alive: set[str] = field(default_factory=set)
    in_work: dict[str, tuple[object, tuple[str, ...] | None]] = field(default_factory=dict)
    """The process and its pictures by job id."""
    stopped: list[object] = field(default_factory=list)
    """Processes that ended in good order."""
    ids: Iterator[int] = field(default_factory=itertools.count)

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    def require(self) -> None:
        if self.fault is not None:
            raise OSError(errno.EIO, self.fault)

    def contents(self, path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def require_as_read(self, claim: Claim) -> None:
        if (now := self.contents(claim.dropped)) != self.read[claim.job_id]:
            self.read[claim.job_id] = now
            raise JobChanged("It has changed.")

    def free_name(self, place: str, name: str) -> str:
        names = {other.casefold() for other in self.finished[place]}
        numbered = (name if number == 1 else f"{name}.{number}" for number in itertools.count(1))
        return next(free for free in numbered if free.casefold() not in names)

    def judge(self) -> None:
        """What people say of proofs by files in the inbox: those jobs wait there again."""
        for path in sorted(self.inbox.iterdir()):
            decision = {".approve": "approved", ".reject": "rejected"}.get(path.suffix)
            held = next((one for one in self.held.values() if one.stem == path.stem), None)
            if decision is None or held is None or held.proof is None:
                continue
            judged = replace(held.proof, decision=decision, by=path.name, decided_at="2026-11-28T22:00:00+00:00")
            self.notes[self.contents(held.dropped)] = replace(held, proof=judged)
            held.dropped.rename(self.inbox / held.dropped.name)
            held.dropped.parent.rmdir()
            del self.held[held.job_id]
            path.unlink()

    def holds(self, claim: Claim, worker_id: str) -> bool:
        self.require()
        return self.owners.get(claim.job_id) == worker_id

    def require_claim(self, claim: Claim, worker_id: str) -> None:
        if not self.holds(claim, worker_id):
            raise ClaimLost(f"The claim of {claim.stem} is not there any more.")
