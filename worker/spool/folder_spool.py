"""The spool as the daemon sees it.

Knows which part does what. Must not know jobs' meaning, GPUs or pictures.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from worker.records import Candidate, Claim, StagedFile
from worker.spool.claims import Claims, Owner
from worker.spool.durable import remove_tree
from worker.spool.layout import Folders, partial_name
from worker.spool.locks import WorkerLocks
from worker.spool.publish import Staged, add_dropped, appear, job_of, verify
from worker.spool.scan import Scanner, find
from worker.spool.staging import FolderStaging, partials_of


def host_name() -> str:
    """Name of this machine, by which dead workers of the same machine are told from those of another."""
    return socket.gethostname()


class FolderSpool:
    """Satisfies `ports.Spool` with nothing but folders."""

    def __init__(
        self, folders: Folders, *, worker_id: str, state_dir: Path, settle_s: float, clock: Callable[[], float]
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: known to be usable.
            worker_id: of this worker.
            state_dir: local folder for lock files.
            settle_s: seconds a job must stay unchanged.
            clock: monotonic seconds.
        """
        self._folders = folders
        self._worker_id = worker_id
        self._locks = WorkerLocks(folders.spool_file, state_dir=state_dir)
        self._claims = Claims(folders, Owner(worker_id=worker_id, host=host_name()), locks=self._locks)
        self._scanner = Scanner(folders.inbox, settle_s=settle_s, clock=clock)
        self._unswept: list[Claim] = []

    def lock(self) -> AbstractContextManager[None]:
        """Hold this worker's id while the context lasts."""
        return self._locks.hold(self._worker_id)

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox now."""
        return frozenset(one.path.name for one in find(self._folders.inbox) if not one.is_conflict)

    def has_work(self) -> bool:
        """Whether anything waits in the inbox or is claimed by anybody."""
        return bool(self.waiting()) or any(self._folders.claims.glob("*/*"))

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs in the inbox, oldest first."""
        unswept, self._unswept = self._unswept, []
        for claim in unswept:
            self._sweep(claim)
        return self._scanner.scan()

    def claim(self, candidate: Candidate) -> Claim | None:
        """Make the job this worker's, or None."""
        try:
            return self._claims.claim(candidate)
        except PermissionError:  # one file that may not be moved keeps nobody from the others
            self._scanner.leave(candidate.path)
            return None

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims to go on with; one whose job had already appeared is ended here."""
        claims = [claim for claim in self._claims.leftovers() if self._ended(claim) is None]
        return tuple(sorted(claims, key=lambda claim: claim.submitted_at))

    def begin(self, claim: Claim) -> Claim:
        """Count one more attempt."""
        return self._claims.begin(claim)

    def stage(self, claim: Claim, *, name: str) -> FolderStaging:
        """The claim's folder in the outbox."""
        outbox = self._folders.outbox
        return FolderStaging(outbox / partial_name(name, claim.id), earlier=partials_of(outbox, claim.earlier))

    def give_back(self, claim: Claim) -> None:
        """Put the job into the inbox again."""
        self._claims.give_back(claim)

    def publish(self, claim: Claim, staging: Staged, *, name: str) -> Path:
        """Add the job, verify, rename to `outbox/NAME`, end the claim."""
        return self._ended(claim) or self._finish(claim, staging, root=self._folders.outbox, name=name)

    def fail(self, claim: Claim, files: Iterable[StagedFile], *, name: str, staging: Staged | None) -> Path:
        """Publish into `failed/`; what `staging` holds goes along."""
        if (path := self._ended(claim)) is not None:
            return path
        target = FolderStaging(self._folders.failed / partial_name(name, claim.id))
        if staging is not None:
            verify(staging)
            for path in sorted(path for path in staging.path.rglob("*") if path.is_file()):
                inside = path.relative_to(staging.path).as_posix()
                target.write(StagedFile(name=inside, data=path.read_bytes()))
        for file in files:
            target.write(file)
        return self._finish(claim, target, root=self._folders.failed, name=name)

    def _finish(self, claim: Claim, staging: Staged, *, root: Path, name: str) -> Path:
        add_dropped(staging, claim.dropped)
        verify(staging)

        def note(staged: Path, target: Path) -> None:
            place = "outbox" if root == self._folders.outbox else "failed"
            self._claims.note_ending(claim, place=place, staged=staged, target=target)

        path = appear(staging.path, root=root, name=name, job_id=claim.job_id, note=note)
        self._sweep(claim)
        return path

    def _sweep(self, claim: Claim) -> None:
        """Remove what only the unfinished job needed, the claim last.

        The job has appeared, so a share that fails now must not bring it back: the sweep is done at the next scan.
        """
        try:
            for root in (self._folders.outbox, self._folders.failed):
                for folder in partials_of(root, (claim.id, *claim.earlier)):
                    remove_tree(folder)
            self._claims.end(claim)
        except OSError:
            self._unswept.append(claim)

    def _ended(self, claim: Claim) -> Path | None:
        """The finished folder, if the claim's job had appeared before a crash or a failing share; then it is swept."""
        path = self._appeared(claim)
        if path is not None:
            self._sweep(claim)
        return path

    def _appeared(self, claim: Claim) -> Path | None:
        """The finished folder, if the last rename had happened: its target is noted, and the staged folder is gone."""
        ending = self._claims.ending(claim)
        if ending is None:
            return None
        root_name, staged, target = ending
        root = self._folders.outbox if root_name == "outbox" else self._folders.failed
        is_there = not (root / staged).is_dir() and (root / target).is_dir()
        # a refused job has no manifest; any other folder of that name must be this job's
        return root / target if is_there and job_of(root / target) in (claim.job_id, None) else None
