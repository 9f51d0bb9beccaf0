"""The spool as the daemon sees it.

Knows which part does what.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from worker.disk.content import MANIFEST_BYTES, pieces, read_record
from worker.disk.durable import remove_tree, sync_folder
from worker.disk.mount_tables import MountTables, sync_tool_of
from worker.errors import ClaimLost, FoldersAway
from worker.records import Candidate, Claim, JobStatus, StagedFile
from worker.spool.claims import Claims, Owner
from worker.spool.heartbeats import Heartbeats
from worker.spool.layout import Folders, partial_name
from worker.spool.locks import WorkerLocks
from worker.spool.publish import Staged, add_dropped, appear, job_of, verify
from worker.spool.roots import Roots
from worker.spool.scan import Scanner, find
from worker.spool.staging import FolderStaging, partials_of
from worker.spool.steering import cancel_of, clear_cancel, clear_ready, is_paused

log = structlog.get_logger()


def host_name() -> str:
    """Name of this machine, by which dead workers of the same machine are told from those of another."""
    return socket.gethostname()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolOptions:
    """What a user decides about a spool."""

    settle_s: float
    """Seconds a job must stay unchanged before it is taken."""
    lease_s: float = 120.0
    """A worker of another machine that is silent for so long is dead."""
    ready_files: bool = False
    """A job is one only once `NAME.ready` lies beside it."""


class FolderSpool:
    """Satisfies `ports.Spool` with nothing but folders."""

    def __init__(
        self,
        folders: Folders,
        *,
        worker_id: str,
        state_dir: Path,
        options: SpoolOptions,
        clock: Callable[[], float],
        tables: MountTables | None = None,
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: known to be usable.
            worker_id: of this worker.
            state_dir: local folder for lock files.
            options: of the user.
            clock: seconds that no one sets; counts suspended time.
            tables: where this machine says what should be mounted.
        """
        self._folders = folders
        self._worker_id = worker_id
        self._locks = WorkerLocks(folders.spool_file, state_dir=state_dir)
        self._roots = Roots(folders, tables or MountTables())
        self._clock = clock
        self._lease_s = options.lease_s
        self._beats: Heartbeats | None = None
        self._claims = Claims(
            folders, Owner(worker_id=worker_id, host=host_name()), locks=self._locks, is_dead=self._is_dead
        )
        self._needs_ready = options.ready_files
        self._scanner = Scanner(folders.inbox, settle_s=options.settle_s, clock=clock, needs_ready=options.ready_files)
        self._unswept: list[Claim] = []

    @contextmanager
    def lock(self, wait: Callable[[float], None] = time.sleep) -> Iterator[None]:
        """Be this worker while the context lasts.

        Args:
            wait: for so many seconds, while another machine's worker of the same id is watched.

        Raises:
            WorkerIdTaken: a live worker has it, on this machine or another.
            FoldersAway: the share fails just now.
            FoldersUnusable: only one worker may serve these folders, and another does.
        """
        with ExitStack() as held:
            try:
                held.enter_context(self._locks.hold(self._worker_id))
                self._roots.adopt()
                beats = self._beats = self._begin_to_beat(wait)
            except OSError as error:
                why = self.fault() or f"inbox {self._folders.inbox}: {error.strerror or error}: check the share."
                raise FoldersAway(why) from error
            try:
                yield
            finally:
                with suppress(OSError):
                    beats.beat(now=True, is_stopped=True)

    def _begin_to_beat(self, wait: Callable[[float], None]) -> Heartbeats:
        beats = Heartbeats(
            self._folders.workers,
            worker_id=self._worker_id,
            host=host_name(),
            locks=self._locks.place(),
            lease_s=self._lease_s,
            clock=self._clock,
        )
        beats.require_own_id(wait)
        tool = sync_tool_of(self._folders.inbox, self._roots.tables)
        if tool is not None:
            log.warning("share.synchronised", tool=tool, note="one worker only: each machine has its own copy")
            beats.require_alone(tool, wait)
        beats.beat(now=True)
        return beats

    def beat(self) -> None:
        """Say that this worker lives, when it is time; a failing share is found out elsewhere."""
        with suppress(OSError):
            if self._beats is not None:
                self._beats.beat()

    def _is_dead(self, worker_id: str) -> bool:
        return self._beats is not None and self._beats.is_dead(worker_id)

    def fault(self) -> str | None:
        """Why nothing can be done in the folders now, for a person; None when they work."""
        return self._roots.fault()

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this worker's."""
        return self._claims.holds(claim)

    def is_paused(self) -> bool:
        """Whether a person has asked all workers to wait."""
        return is_paused(self._folders.inbox)

    def cancelled_by(self, claim: Claim) -> str | None:
        """Name of the file by which a person cancels this job, or None."""
        path = cancel_of(self._folders.inbox, claim.dropped.name, claim.stem)
        return path.name if path is not None else None

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox now."""
        found = find(self._folders.inbox, needs_ready=self._needs_ready)
        return frozenset(one.path.name for one in found if not one.is_conflict)

    def has_work(self) -> bool:
        """Whether anything waits in the inbox or is claimed by anybody."""
        return bool(self.waiting()) or any(self._folders.claims.glob("*/*"))

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs in the inbox, oldest first."""
        self._roots.require()
        unswept, self._unswept = self._unswept, []
        for claim in unswept:
            self._sweep(claim)
        return self._scanner.scan()

    def claim(self, candidate: Candidate) -> Claim | None:
        """Make the job this worker's, or None."""
        try:
            self._scanner.forget(candidate.path)  # whatever lies there next is another file
            claim = self._claims.claim(candidate)
            if claim is not None and self._needs_ready:
                clear_ready(self._folders.inbox, candidate.path.name)
            return claim
        except OSError as error:  # one file that cannot be moved keeps nobody from the others
            if self.fault() is not None:
                raise
            self._scanner.leave(candidate.path, why=error.strerror or str(error))
            return None

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims to go on with; one whose job had already appeared is ended here."""
        self._roots.require()
        claims = [claim for claim in self._claims.leftovers() if self._ended(claim) is None]
        return tuple(sorted(claims, key=lambda claim: claim.submitted_at))

    def begin(self, claim: Claim) -> Claim:
        """Count one more attempt."""
        return self._claims.begin(claim)

    def stage(self, claim: Claim, *, name: str) -> FolderStaging:
        """The claim's folder in the outbox."""
        self._roots.require()
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
        self._roots.require()
        target = FolderStaging(self._folders.failed / partial_name(name, claim.id))
        if staging is not None:
            verify(staging)
            for path in sorted(path for path in staging.path.rglob("*") if path.is_file()):
                target.copy(path.relative_to(staging.path).as_posix(), pieces(path))
        for file in files:
            target.write(file)
        return self._finish(claim, target, root=self._folders.failed, name=name)

    def ended(self, claim: Claim) -> JobStatus | None:
        """How a job ended whose last rename had happened before something failed; None when it had not."""
        path = self._ended(claim)
        if path is None:
            return None
        status = read_record(path / "manifest.json", limit_bytes=MANIFEST_BYTES).get("status")
        return "complete" if status == "complete" else "partial" if status == "partial" else "failed"

    def _finish(self, claim: Claim, staging: Staged, *, root: Path, name: str) -> Path:
        self._prove(claim)
        add_dropped(staging, claim.dropped)
        verify(staging)
        self._prove(claim)  # copying may have taken long

        def note(staged: Path, target: Path) -> None:
            place = "outbox" if root == self._folders.outbox else "failed"
            self._claims.note_ending(claim, place=place, staged=staged, target=target)

        path = appear(staging.path, root=root, name=name, job_id=claim.job_id, note=note)
        self._sweep(claim)
        return path

    def _prove(self, claim: Claim) -> None:
        """Before anything becomes visible: the folders are the right ones, and the claim is still this worker's.

        Raises:
            ClaimLost: another worker took this one for dead, and the job over.
            OSError: the share failed; nothing is known.
        """
        self._roots.require()
        if self._beats is not None and self._beats.must_prove():
            self._beats.beat(now=True)  # from here on nobody takes it for dead; who did so already shows below
        if not self._claims.holds(claim):
            raise ClaimLost(f"The claim of {claim.stem} is not there any more: it was taken over or removed.")

    def _sweep(self, claim: Claim) -> None:
        """Remove what only the unfinished job needed, the claim last.

        The job has appeared, so a share that fails now must not bring it back: the sweep is done at the next scan.
        """
        try:
            for root in (self._folders.outbox, self._folders.failed):
                for folder in partials_of(root, (claim.id, *claim.earlier)):
                    remove_tree(folder)
            clear_cancel(self._folders.inbox, claim.dropped.name, claim.stem)
            self._claims.end(claim)
        except OSError:
            self._unswept.append(claim)

    def _ended(self, claim: Claim) -> Path | None:
        """The finished folder, if the claim's job had appeared before a crash or a failing share; then it is swept."""
        path = self._appeared(claim)
        if path is not None:
            sync_folder(path.parent)  # it may be this that had failed
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
