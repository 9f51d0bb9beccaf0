"""The in-memory twin of staging and publishing; `memory_spool` joins it with the others."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from memory_shared import Shared

from worker.kept_records import Proof
from worker.live_records import Shown
from worker.publishing_ports import NotStaged
from worker.records import Claim, StagedFile


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
            raise NotStaged(errno.ENOENT, "no such file", name)
        self._hashes.setdefault(name, hashlib.sha256(self.files[name]).hexdigest())
        return self.files[name]

    def read_hash(self, name: str) -> str:
        return hashlib.sha256(self.read(name)).hexdigest()

    def earlier(self, name: str) -> bytes | None:
        self._shared.require()
        folders = (self._shared.partials.get(claim_id, {}) for claim_id in self._claim.earlier)
        return next((files[name] for files in folders if name in files), None)

    def finished(self, name: str) -> bytes | None:
        self._shared.require()
        retry, proof = self._claim.retry, self._claim.proof
        folders = [self._shared.finished["outbox"].get(proof.folder, {})] if proof is not None else []
        folders += [self._shared.finished[retry.place].get(retry.folder, {})] if retry is not None else []
        return next((folder[name] for folder in folders if name in folder), None)

    def keep(self, files: Sequence[StagedFile]) -> None:
        for file in files:
            self.write(file)
            folders = (self._shared.partials.get(claim_id, {}) for claim_id in self._claim.earlier)
            next((folder for folder in folders if file.name in folder), {}).pop(file.name, None)


class MemoryPublishing:
    def __init__(self, shared: Shared, worker_id: str) -> None:
        self._shared = shared
        self._worker_id = worker_id

    def stage(self, claim: Claim, *, name: str) -> MemoryStaging:
        self._shared.require()
        self._shared.partials.setdefault(claim.id, {})
        return MemoryStaging(self._shared, claim)

    def show(self, claim: Claim, shown: Shown, *, name: str) -> None:
        self._shared.shown[claim.job_id] = shown

    def publish(self, claim: Claim, staging: MemoryStaging, *, name: str) -> Path:
        self._shared.require_claim(claim, self._worker_id)
        return self._appear(claim, staging.files, place="outbox", name=name)

    def publish_proof(self, claim: Claim, staging: MemoryStaging, *, proof: Proof) -> Path:
        shared = self._shared
        shared.require_claim(claim, self._worker_id)
        shared.require_as_read(claim)
        files = _with_earlier(staging.files, [shared.partials.get(claim_id, {}) for claim_id in claim.earlier])
        target = shared.free_name("outbox", proof.folder)
        shared.finished["outbox"][target] = {**files, "job.yaml": claim.dropped.read_bytes()}
        shared.held[claim.job_id] = replace(claim, attempt=0, earlier=(), proof=replace(proof, folder=target))
        del shared.owners[claim.job_id], shared.claims[claim.job_id]
        for claim_id in (claim.id, *claim.earlier):
            shared.partials.pop(claim_id, None)
        return Path("outbox", target)

    def fail(self, claim: Claim, files: tuple[StagedFile, ...], *, name: str, staging: MemoryStaging | None) -> Path:
        self._shared.require_claim(claim, self._worker_id)
        staged = dict(staging.files) if staging is not None else {}
        return self._appear(claim, staged | {file.name: file.data for file in files}, place="failed", name=name)

    def _appear(self, claim: Claim, files: Mapping[str, bytes], *, place: str, name: str) -> Path:
        shared = self._shared
        shared.require_as_read(claim)
        target = shared.free_name(place, name)
        files = _with_earlier(files, [shared.partials.get(claim_id, {}) for claim_id in (claim.id, *claim.earlier)])
        shared.finished[place][target] = {**files, "job.yaml": claim.dropped.read_bytes()}
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
