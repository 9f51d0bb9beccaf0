"""An in-memory twin of the spool; `tests/contract` holds it and the folders to the same suites.

A job's bytes still lie in a real file below `root`, since `Claim.dropped` is a path that the job reader opens.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from memory_publishing import MemoryPublishing
from memory_shared import Shared

from worker.errors import WorkerIdTaken
from worker.overview_records import RunningJob, WaitingJob
from worker.records import Candidate, Claim, Request
from worker.spool_ports import PassedOver
from worker.translation import Text, gettext


class MemorySpool:
    """One worker's view."""

    def __init__(self, shared: Shared, worker_id: str) -> None:
        self._shared = shared
        self.inbox = MemoryInbox(shared)
        self.publishing = MemoryPublishing(shared, worker_id)
        self.ownership = MemoryOwnership(shared, worker_id)
        self.space = MemorySpace(float("inf"))

    def fault(self) -> str | None:
        return self._shared.fault


class MemorySpace:
    """Room as a number; a picture is expected to take what the last one took."""

    def __init__(self, free_bytes: float, *, reserve_bytes: float = 0, bytes_per_pixel: float = 2.0) -> None:
        self.free_bytes = free_bytes
        self._reserve_bytes = reserve_bytes
        self._bytes_per_pixel = bytes_per_pixel

    def fitting(self, requests: Sequence[Request]) -> int:
        sums = itertools.accumulate(map(self._expected_bytes, requests))
        return sum(expected <= self.free_bytes - self._reserve_bytes for expected in sums)

    def shortage(self, request: Request) -> str | None:
        return None if self.fitting([request]) else "no room"

    def measured(self, request: Request, *, size_bytes: int) -> None:
        self._bytes_per_pixel = size_bytes / (request.width_px * request.height_px)

    def _expected_bytes(self, request: Request) -> float:
        return request.width_px * request.height_px * self._bytes_per_pixel


class MemoryInbox:
    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._waits: Mapping[str, Text] = {}

    def waiting(self) -> frozenset[str]:
        self._shared.require()
        return frozenset(path.name for path in self._shared.inbox.glob("[!.]*.yaml"))

    def scan(self) -> tuple[Candidate, ...]:
        shared, now_s = self._shared, self._shared.now_s()
        shared.require()
        shared.judge()
        found = {name: shared.contents(shared.inbox / name) for name in self.waiting()}
        known = {name: seen for name, seen in shared.seen.items() if found.get(name) == seen[0]}
        shared.seen = {name: known.get(name, (contents, now_s)) for name, contents in found.items()}
        settled = [name for name, (_, since_s) in shared.seen.items() if now_s - since_s >= shared.settle_s]
        settled.sort(key=lambda name: ((shared.inbox / name).stat().st_mtime_ns, name))
        return tuple(self._candidate(name, found[name]) for name in settled)

    def _candidate(self, name: str, contents: str) -> Candidate:
        note = self._shared.notes.get(contents)
        proof = note.proof if note is not None else None
        one = Candidate(
            path=self._shared.inbox / name, stem=name.removesuffix(".yaml"), fingerprint=contents,
            since_s=self._shared.seen[name][1], dropped_by=self._shared.droppers.get(name),
        )  # fmt: skip
        if proof is None:
            return one
        return replace(one, kept=proof.pictures, is_approved=proof.is_approved, ended_by=proof.ended_by)

    def held(self) -> int:
        return len(self._shared.held)

    def passed_over(self) -> Mapping[str, PassedOver]:
        now_s = self._shared.now_s()
        why = gettext("a product table is no job by itself")
        tables = (path.name for path in self._shared.inbox.glob("*.csv"))
        return {name: PassedOver(why=why, since_s=now_s, is_final=True) for name in tables}

    def tell(self, waits: Mapping[str, Text]) -> None:
        if self._shared.fault is None:
            told = {name: one.why for name, one in self.passed_over().items()} | dict(waits)
            claimed = {claim.dropped.name for claim in self._shared.claims.values()}
            self._shared.told = told | {name: why for name, why in self._shared.resting.items() if name in claimed}
            self._waits = waits

    def tell_of(self, claim: Claim, why: str | None) -> None:
        self._shared.resting.pop(claim.dropped.name, None)
        if why is not None:
            self._shared.resting[claim.dropped.name] = why
        self.tell(self._waits)

    def hear(self) -> bool:
        return False

    def foresee(self, queue: Sequence[WaitingJob]) -> None:
        self._shared.line = tuple(queue)

    def foresee_work(self, claim: Claim, job: RunningJob) -> None:
        self._shared.running[claim.job_id] = job

    def is_paused(self) -> bool:
        return any(path.name.lower() == "pause" for path in self._shared.inbox.iterdir())

    def cancelled_by(self, job: Claim | Candidate, *, shown: str | None = None) -> str | None:
        if ended_by := job.ended_by if isinstance(job, Candidate) else job.proof and job.proof.ended_by:
            return ended_by
        names = {job.stem.casefold(), (shown or job.stem).casefold()}
        cancels = [path.name for path in self._shared.inbox.iterdir() if path.suffix.lower() == ".cancel"]
        return next((name for name in cancels if name.rpartition(".")[0].casefold() in names), None)


class MemoryOwnership:
    def __init__(self, shared: Shared, worker_id: str) -> None:
        self._shared = shared
        self._worker_id = worker_id

    @contextmanager
    def lock(self) -> Iterator[None]:
        if self._worker_id in self._shared.alive:
            raise WorkerIdTaken(f"A live worker already has the id `{self._worker_id}`.")
        self._shared.alive.add(self._worker_id)
        try:
            yield
            self._shared.stopped.append(self)
        finally:
            self._shared.alive.discard(self._worker_id)

    def beat(self) -> None:
        pass

    def claim(self, candidate: Candidate) -> Claim | None:
        shared = self._shared
        shared.require()
        if not candidate.path.exists() or shared.contents(candidate.path) != candidate.fingerprint:
            return None
        note = shared.notes.pop(candidate.fingerprint, None)
        job_id = note.job_id if note else f"job{next(shared.ids)}"
        dropped = shared.root / "claims" / job_id / candidate.path.name
        dropped.parent.mkdir(parents=True)
        candidate.path.rename(dropped)
        moment = f"{dropped.stat().st_mtime_ns:020}"
        fresh = Claim(
            id="", job_id=job_id, stem="", attempt=0, dropped=dropped, submitted_at=moment,
            dropped_by=candidate.dropped_by,
        )  # fmt: skip
        claim = replace(note or fresh, id=self._new_id(), stem=candidate.stem, dropped=dropped)
        shared.owners[job_id], shared.claims[job_id] = self._worker_id, claim
        shared.read[job_id] = candidate.fingerprint
        return claim

    def leftovers(self) -> tuple[Claim, ...]:
        shared = self._shared
        shared.require()
        for job_id, owner in shared.owners.items():
            if owner not in shared.alive:
                shared.owners[job_id] = self._worker_id
        mine = [
            replace(claim, rests=shared.in_work.get(job_id, (None, ()))[1] is None)
            for job_id, claim in shared.claims.items()
            if shared.owners[job_id] == self._worker_id
        ]
        return tuple(sorted(mine, key=lambda claim: (claim.rests, claim.submitted_at)))

    def passed_over(self) -> int:
        return 0

    def holds(self, claim: Claim) -> bool:
        return self._shared.holds(claim, self._worker_id)

    def begin(self, claim: Claim) -> Claim:
        self._shared.require_claim(claim, self._worker_id)
        earlier = (claim.id, *claim.earlier) if claim.attempt else claim.earlier
        kept = self._shared.claims[claim.job_id]
        begun = replace(kept, id=self._new_id(), attempt=claim.attempt + 1, earlier=earlier)
        begun = self._with_death(begun)
        self._shared.claims[claim.job_id] = begun
        self._shared.in_work[claim.job_id] = self, ()
        return begun

    def _with_death(self, claim: Claim) -> Claim:
        run, files = self._shared.in_work.get(claim.job_id, (self, ()))
        if run is self or run in self._shared.stopped or files is None:
            return claim
        return replace(claim, deaths=(*claim.deaths, files), fruitless=claim.fruitless + 1)

    def working(self, claim: Claim, files: Sequence[str], *, has_made: bool) -> None:
        self._shared.require_claim(claim, self._worker_id)
        if has_made:
            self._shared.claims[claim.job_id] = replace(self._shared.claims[claim.job_id], fruitless=0)
        self._shared.in_work[claim.job_id] = self, tuple(files)

    def rest(self, claim: Claim) -> None:
        self._shared.require_claim(claim, self._worker_id)
        self._shared.in_work[claim.job_id] = self, None

    def prove(self, claim: Claim) -> None:
        self._shared.require_claim(claim, self._worker_id)

    def give_back(self, claim: Claim) -> bool:
        self._shared.require_claim(claim, self._worker_id)
        shared = self._shared
        if (shared.inbox / claim.dropped.name).exists():
            return False
        claim = self._with_death(shared.claims[claim.job_id])
        is_begun = shared.in_work.get(claim.job_id, (None, ()))[0] is self
        kept = replace(claim, attempt=claim.attempt - is_begun, earlier=(claim.id, *claim.earlier))
        shared.notes[shared.contents(claim.dropped)] = kept
        claim.dropped.rename(shared.inbox / claim.dropped.name)
        claim.dropped.parent.rmdir()
        del shared.owners[claim.job_id], shared.claims[claim.job_id]
        shared.in_work.pop(claim.job_id, None)
        return True

    def _new_id(self) -> str:
        return f"{self._worker_id}-{next(self._shared.ids)}"
