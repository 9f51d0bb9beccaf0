"""An in-memory twin of the spool; `tests/contract` holds it and the folders to the same suites.

A job's bytes still lie in a real file below `root`, since `Claim.dropped` is a path that the job reader opens.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from worker.errors import ClaimLost, WorkerIdTaken
from worker.records import Candidate, Claim, JobStatus, Request, StagedFile
from worker.spool_ports import PassedOver
from worker.translation import Text, gettext


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
    notes: dict[str, Claim] = field(default_factory=dict)
    """What a job keeps that was given back, by its contents."""
    partials: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Staged files by claim id."""
    finished: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=lambda: {"outbox": {}, "failed": {}})
    published: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Place and name of the folder by job id."""
    told: dict[str, str] = field(default_factory=dict)
    """Why names in the inbox wait."""
    alive: set[str] = field(default_factory=set)
    in_work: dict[str, tuple[object, tuple[str, ...]]] = field(default_factory=dict)
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

    def waiting(self) -> frozenset[str]:
        self._shared.require()
        return frozenset(path.name for path in self._shared.inbox.glob("[!.]*.yaml"))

    def scan(self) -> tuple[Candidate, ...]:
        shared, now_s = self._shared, self._shared.now_s()
        found = {name: shared.contents(shared.inbox / name) for name in self.waiting()}
        known = {name: seen for name, seen in shared.seen.items() if found.get(name) == seen[0]}
        shared.seen = {name: known.get(name, (contents, now_s)) for name, contents in found.items()}
        settled = [name for name, (_, since_s) in shared.seen.items() if now_s - since_s >= shared.settle_s]
        settled.sort(key=lambda name: ((shared.inbox / name).stat().st_mtime_ns, name))
        return tuple(
            Candidate(
                path=shared.inbox / name, stem=name.removesuffix(".yaml"), fingerprint=found[name],
                since_s=shared.seen[name][1],
            )
            for name in settled
        )  # fmt: skip

    def passed_over(self) -> Mapping[str, PassedOver]:
        now_s = self._shared.now_s()
        why = gettext("a product table is no job by itself")
        tables = (path.name for path in self._shared.inbox.glob("*.csv"))
        return {name: PassedOver(why=why, since_s=now_s, is_final=True) for name in tables}

    def tell(self, waits: Mapping[str, Text]) -> None:
        if self._shared.fault is None:
            self._shared.told = {name: one.why for name, one in self.passed_over().items()} | dict(waits)

    def is_paused(self) -> bool:
        return any(path.name.lower() == "pause" for path in self._shared.inbox.iterdir())

    def cancelled_by(self, job: Claim | Candidate, *, shown: str | None = None) -> str | None:
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
        fresh = Claim(id="", job_id=job_id, stem="", attempt=0, dropped=dropped, submitted_at=moment)
        claim = replace(note or fresh, id=self._new_id(), stem=candidate.stem, dropped=dropped)
        shared.owners[job_id], shared.claims[job_id] = self._worker_id, claim
        return claim

    def leftovers(self) -> tuple[Claim, ...]:
        shared = self._shared
        shared.require()
        for job_id, owner in shared.owners.items():
            if owner not in shared.alive:
                shared.owners[job_id] = self._worker_id
        mine = [claim for job_id, claim in shared.claims.items() if shared.owners[job_id] == self._worker_id]
        return tuple(sorted(mine, key=lambda claim: claim.submitted_at))

    def left_alone(self) -> int:
        return 0  # there is nothing here that cannot be read

    def holds(self, claim: Claim) -> bool:
        self._shared.require()
        return self._shared.owners.get(claim.job_id) == self._worker_id

    def begin(self, claim: Claim) -> Claim:
        self._require(claim)
        earlier = (claim.id, *claim.earlier) if claim.attempt else claim.earlier
        kept = self._shared.claims[claim.job_id]
        begun = replace(kept, id=self._new_id(), attempt=claim.attempt + 1, earlier=earlier)
        run, files = self._shared.in_work.get(claim.job_id, (self, ()))
        if run is not self and run not in self._shared.stopped:
            begun = replace(begun, deaths=(*begun.deaths, files), fruitless=begun.fruitless + 1)
        self._shared.claims[claim.job_id] = begun
        self._shared.in_work[claim.job_id] = self, ()
        return begun

    def working(self, claim: Claim, files: Sequence[str], *, has_made: bool) -> None:
        self._require(claim)
        if has_made:
            self._shared.claims[claim.job_id] = replace(self._shared.claims[claim.job_id], fruitless=0)
        self._shared.in_work[claim.job_id] = self, tuple(files)

    def prove(self, claim: Claim) -> None:
        self._require(claim)

    def give_back(self, claim: Claim) -> bool:
        self._require(claim)
        shared = self._shared
        if (shared.inbox / claim.dropped.name).exists():
            return False
        claim = shared.claims[claim.job_id]
        kept = replace(claim, attempt=max(0, claim.attempt - 1), earlier=(claim.id, *claim.earlier))
        shared.notes[shared.contents(claim.dropped)] = kept
        claim.dropped.rename(shared.inbox / claim.dropped.name)
        claim.dropped.parent.rmdir()
        del shared.owners[claim.job_id], shared.claims[claim.job_id]
        shared.in_work.pop(claim.job_id, None)
        return True

    def _require(self, claim: Claim) -> None:
        if not self.holds(claim):
            raise ClaimLost(f"The claim of {claim.stem} is not there any more.")

    def _new_id(self) -> str:
        return f"{self._worker_id}-{next(self._shared.ids)}"


class MemoryStaging:
    def __init__(self, shared: Shared, claim: Claim) -> None:
        self._shared = shared
        self._claim = claim
        self._hashes: dict[str, str] = {}

    @property
    def path(self) -> Path:
        return Path(f"{self._claim.stem}.{self._claim.id}.partial")

    @property
    def hashes(self) -> Mapping[str, str]:
        return self._hashes

    @property
    def files(self) -> dict[str, bytes]:
        return self._shared.partials[self._claim.id]

    def write(self, file: StagedFile) -> None:
        self.copy(file.name, lambda: (file.data,))

    def copy(self, name: str, pieces: Callable[[], Iterable[bytes]]) -> None:
        data = b"".join(pieces())
        self._shared.require()
        self.files[name] = data
        self._hashes[name] = hashlib.sha256(data).hexdigest()

    def read(self, name: str) -> bytes:
        self._shared.require()
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        self._hashes.setdefault(name, hashlib.sha256(self.files[name]).hexdigest())
        return self.files[name]

    def read_hash(self, name: str) -> str:
        return hashlib.sha256(self.read(name)).hexdigest()

    def earlier(self, name: str) -> bytes | None:
        self._shared.require()
        folders = (self._shared.partials.get(claim_id, {}) for claim_id in self._claim.earlier)
        return next((files[name] for files in folders if name in files), None)


class MemoryPublishing:
    def __init__(self, shared: Shared, worker_id: str) -> None:
        self._shared = shared
        self._worker_id = worker_id

    def stage(self, claim: Claim, *, name: str) -> MemoryStaging:
        self._shared.require()
        self._shared.partials.setdefault(claim.id, {})
        return MemoryStaging(self._shared, claim)

    def publish(self, claim: Claim, staging: MemoryStaging, *, name: str) -> Path:
        self._require(claim)
        return self._appear(claim, staging.files, place="outbox", name=name)

    def fail(self, claim: Claim, files: tuple[StagedFile, ...], *, name: str, staging: MemoryStaging | None) -> Path:
        self._require(claim)
        staged = dict(staging.files) if staging is not None else {}
        return self._appear(claim, staged | {file.name: file.data for file in files}, place="failed", name=name)

    def ended(self, claim: Claim) -> JobStatus | None:
        self._shared.require()
        place, _ = self._shared.published.get(claim.job_id, ("", ""))
        return None if not place else "failed" if place == "failed" else "complete"

    def _require(self, claim: Claim) -> None:
        self._shared.require()
        if self._shared.owners.get(claim.job_id) != self._worker_id:
            raise ClaimLost(f"The claim of {claim.stem} is not there any more.")

    def _appear(self, claim: Claim, files: Mapping[str, bytes], *, place: str, name: str) -> Path:
        shared = self._shared
        names = {other.casefold() for other in shared.finished[place]}
        numbered = (name if number == 1 else f"{name}.{number}" for number in itertools.count(1))
        target = next(free for free in numbered if free.casefold() not in names)
        files = _with_earlier(files, [shared.partials.get(claim_id, {}) for claim_id in (claim.id, *claim.earlier)])
        shared.finished[place][target] = {**files, "job.yaml": claim.dropped.read_bytes()}
        shared.published[claim.job_id] = (place, target)
        claim.dropped.unlink()
        claim.dropped.parent.rmdir()
        del shared.owners[claim.job_id], shared.claims[claim.job_id]
        for claim_id in (claim.id, *claim.earlier):
            shared.partials.pop(claim_id, None)
        return Path(place, target)


def _with_earlier(files: Mapping[str, bytes], folders: Sequence[Mapping[str, bytes]]) -> dict[str, bytes]:
    """With every picture of earlier claims whose sidecar names its hash."""
    found = dict(files)
    for number, folder in enumerate(folders, 1):
        for sidecar, file in [(name, _pictured(folder, name)) for name in folder]:
            if file and folder[file] not in found.values():
                place = f"earlier/{number}/" if file in found else ""
                found |= {f"{place}{file}": folder[file], f"{place}{sidecar}": folder[sidecar]}
    return found


def _pictured(folder: Mapping[str, bytes], sidecar: str) -> str | None:
    """Name of the whole picture of which this is the sidecar."""
    record = json.loads(folder[sidecar]) if sidecar.endswith(".json") else {}
    file = record.get("file", "")
    return file if file in folder and hashlib.sha256(folder[file]).hexdigest() == record.get("sha256") else None
