"""Ownership: whose job is whose, among workers that may die at any moment.

Knows locks on this machine, heartbeats on the share and the claims. Nothing here becomes visible to people;
`publishing` does that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import structlog

from worker.disk.durable import is_listed
from worker.disk.mount_tables import sync_tool_of
from worker.errors import ExitCode, FoldersAway, FoldersFailing, RendererBroken, WorkerError
from worker.manifest_records import JobStatus
from worker.records import Candidate, Claim
from worker.spool.alive.heartbeats import Heartbeats
from worker.spool.alive.lease import Owner
from worker.spool.alive.liveness import Liveness
from worker.spool.alive.locks import WorkerLocks
from worker.spool.claim_files import folder_of
from worker.spool.claims import Claims
from worker.spool.folder_identity import Roots, ShareAway
from worker.spool.inbox import FolderInbox
from worker.spool.layout import Folders
from worker.spool.take_over import TROUBLE
from worker.translation import Text, gettext

log = structlog.get_logger()

HELD_UP_S = 60.0
"""Nothing more is claimed for so long once a claim was left half-done, unless it turned out well: whoever can move jobs
and read none of them would hold all that others could do."""


class FolderOwnership:
    """Satisfies `spool_ports.Ownership` with nothing but folders."""

    def __init__(
        self,
        folders: Folders,
        roots: Roots,
        inbox: FolderInbox,
        *,
        owner: Owner,
        locks: WorkerLocks,
        claims: Claims,
        liveness: Liveness,
        heartbeats: Callable[[str], Heartbeats],
        ended: Callable[[Claim], JobStatus | None],
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            roots: tell whether these are the right folders.
            inbox: from which jobs are taken.
            owner: this worker.
            locks: of all workers of this machine.
            claims: of this worker.
            liveness: of this worker.
            heartbeats: makes this worker's, given the id of the place of its lock.
            ended: how the job of a claim ended, if it has; ends the claim too.
        """
        self._folders = folders
        self._roots = roots
        self._inbox = inbox
        self._owner = owner
        self._locks = locks
        self._claims = claims
        self._liveness = liveness
        self._heartbeats = heartbeats
        self._ended = ended
        self._claims_again_s = float("-inf")
        self._passed_over: dict[Path, str] = {}
        """What the log was told of."""
        self._untouched: dict[Path, Text] = {}
        """Claims that the last look at all of them could not deal with."""

    @contextmanager
    def lock(self, wait: Callable[[float], None] = time.sleep) -> Iterator[None]:
        """Be this worker while the context lasts.

        Args:
            wait: for so many seconds, while another machine's worker of the same id is watched.

        Raises:
            WorkerIdTaken: a live worker has it, on this machine or another.
            FoldersAway: the share is not there.
            FoldersFailing: it is full, or fails otherwise just now.
            FoldersUnusable: only one worker may serve these folders, and another does.
        """
        with ExitStack() as held:
            try:
                held.enter_context(self._locks.hold(self._owner.worker_id))
                self._roots.adopt()
                heartbeats = self._begin_to_beat(wait)
            except OSError as error:
                why = self._roots.fault() or gettext(
                    "inbox {path}: {reason}: check the share.",
                    path=self._folders.inbox,
                    reason=error.strerror or str(error),
                )
                is_away = isinstance(error, FileNotFoundError | ShareAway)
                raise (FoldersAway if is_away else FoldersFailing)(why) from error
            is_in_order = False
            try:
                with self._liveness.living(heartbeats):
                    yield
                is_in_order = True
            except WorkerError as error:
                # a run that broke counts against its job as a death does
                is_in_order = error.exit_code != ExitCode.BUG and not isinstance(error, RendererBroken)
                raise
            finally:
                with suppress(OSError):
                    if is_in_order:
                        self._locks.note_stopped(self._owner.worker_id, self._owner.run)
                with suppress(OSError):
                    heartbeats.beat(now=True, is_stopped=is_in_order)

    def _begin_to_beat(self, wait: Callable[[float], None]) -> Heartbeats:
        heartbeats = self._heartbeats(self._locks.place())
        heartbeats.require_own_id(wait)
        tool = sync_tool_of(self._folders.inbox, self._roots.tables)
        if tool is not None:
            log.warning("share.synchronised", tool=tool, note="one worker only: each machine has its own copy")
            heartbeats.require_alone(tool, wait)
        heartbeats.beat(now=True)
        return heartbeats

    def beat(self) -> None:
        """Say that this worker goes on."""
        self._liveness.beat()

    def claim(self, candidate: Candidate) -> Claim | None:
        """Make the job this worker's, or None; None too for a while after a claim was left half-done."""
        if self._liveness.now_s() < self._claims_again_s:
            return None
        try:
            self._inbox.take_out(candidate)
            claim = self._claims.claim(candidate)
            if claim is not None:
                self._inbox.taken_out(candidate)
            return claim
        except TROUBLE as error:  # one file that cannot be moved keeps nobody from the others
            if self._roots.fault() is not None:
                raise  # where it was moved all the same, `leftovers` finds it
            if not is_listed(candidate.path):
                self._claims_again_s = self._liveness.now_s() + HELD_UP_S
                raise
            self._inbox.leave(candidate.path, why=getattr(error, "strerror", None) or str(error))
            return None

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims to go on with; one whose job had already appeared is ended here, one in trouble is told and left."""
        self._roots.require()
        self._untouched = {}
        claims = [claim for claim in self._claims.leftovers(self._pass_over) if not self._has_ended(claim)]
        self._inbox.pass_over(self._untouched)
        if not self.passed_over():
            self._claims_again_s = float("-inf")
        return tuple(sorted(claims, key=lambda claim: (claim.rests, claim.submitted_at)))

    def passed_over(self) -> int:
        """How many of this worker's claims the last look could not deal with."""
        return sum(folder.parent.name == self._owner.worker_id for folder in self._untouched)

    def _has_ended(self, claim: Claim) -> bool:
        self._liveness.go_on()
        try:
            status = self._ended(claim)
            if status is not None:
                log.info("job.appeared", job=claim.stem, id=claim.job_id, status=status)
            return status is not None
        except TROUBLE as error:
            self._pass_over(folder_of(claim), error)
            return True  # or not: it is looked at again the next time

    def _pass_over(self, folder: Path, error: Exception) -> None:
        """Say once that a claim is left alone because of an error, unless that is the share's."""
        if isinstance(error, OSError) and self._roots.fault() is not None:
            raise error
        self._untouched[folder] = gettext(
            "a worker's claim of it cannot be read, taken over or removed ({why}): check the owner and the rights of"
            " {folder} in the inbox",
            why=getattr(error, "strerror", None) or str(error),
            folder=folder.relative_to(self._folders.inbox),
        )
        if self._passed_over.get(folder) != str(error):
            self._passed_over[folder] = str(error)
            log.error("claim.passed_over", folder=str(folder), error=str(error))

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this worker's."""
        return self._claims.holds(claim)

    def begin(self, claim: Claim) -> Claim:
        """Count one more attempt."""
        return self._claims.begin(claim)

    def working(self, claim: Claim, files: Sequence[str], *, has_made: bool) -> None:
        """Write down which pictures are in work."""
        self._claims.working(claim, files, has_made=has_made)

    def rest(self, claim: Claim) -> None:
        """Write down that nothing of it is in work until `working` is called again."""
        self._claims.working(claim, (), has_made=False, rests=True)

    def prove(self, claim: Claim) -> None:
        """After a long silence, look whether the claim is still this worker's."""
        if self._liveness.must_prove():
            self._liveness.renew()
            self._claims.require(claim)
            self._liveness.proved()

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again."""
        return self._claims.give_back(claim)
