"""Ownership: whose job is whose, among workers that may die at any moment.

Knows locks on this machine, heartbeats on the share and the claims. Nothing here becomes visible to people;
`publishing` does that.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from worker.disk.durable import is_listed
from worker.disk.mount_tables import sync_tool_of
from worker.errors import ClaimLost, ExitCode, FoldersAway, WorkerError
from worker.records import Candidate, Claim, JobStatus
from worker.spool.claim_files import folder_of, lost
from worker.spool.claims import Claims
from worker.spool.folder_identity import Roots
from worker.spool.heartbeats import Heartbeats
from worker.spool.inbox import FolderInbox
from worker.spool.layout import Folders
from worker.spool.liveness import Liveness
from worker.spool.locks import WorkerLocks
from worker.spool.take_over import TROUBLE
from worker.translation import gettext

log = structlog.get_logger()


def host_name() -> str:
    """Name of this machine, by which dead workers of the same machine are told from those of another."""
    return socket.gethostname()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPlace:
    """Who a worker is, and where it keeps what must not lie on the share."""

    worker_id: str
    state_dir: Path
    """Local folder for lock files."""
    run: str
    """Random id of this process run."""
    lease_s: float
    """A worker of another machine that is silent for so long is dead."""


class FolderOwnership:
    """Satisfies `spool_ports.Ownership` with nothing but folders."""

    def __init__(
        self,
        folders: Folders,
        roots: Roots,
        inbox: FolderInbox,
        *,
        place: WorkerPlace,
        locks: WorkerLocks,
        claims: Claims,
        liveness: Liveness,
        clock: Callable[[], float],
        ended: Callable[[Claim], JobStatus | None],
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            roots: tell whether these are the right folders.
            inbox: from which jobs are taken.
            place: of this worker.
            locks: of all workers of this machine.
            claims: of this worker.
            liveness: of this worker.
            clock: seconds that no one sets; counts suspended time.
            ended: how the job of a claim ended, if it has; ends the claim too.
        """
        self._folders = folders
        self._roots = roots
        self._inbox = inbox
        self._place = place
        self._locks = locks
        self._claims = claims
        self._liveness = liveness
        self._clock = clock
        self._ended = ended
        self._passed_over: dict[Path, str] = {}
        self._left_alone = 0

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
                held.enter_context(self._locks.hold(self._place.worker_id))
                self._roots.adopt()
                heartbeats = self._begin_to_beat(wait)
            except OSError as error:
                why = self._roots.fault() or gettext(
                    "inbox {path}: {reason}: check the share.",
                    path=self._folders.inbox,
                    reason=error.strerror or str(error),
                )
                raise FoldersAway(why) from error
            is_in_order = False
            try:
                with self._liveness.living(heartbeats):
                    yield
                is_in_order = True
            except WorkerError as error:
                is_in_order = error.exit_code != ExitCode.BUG
                raise
            finally:
                with suppress(OSError):
                    if is_in_order:
                        self._locks.note_stopped(self._place.worker_id, self._place.run)
                with suppress(OSError):
                    heartbeats.beat(now=True, is_stopped=True)

    def _begin_to_beat(self, wait: Callable[[float], None]) -> Heartbeats:
        heartbeats = Heartbeats(
            self._folders.workers,
            worker_id=self._place.worker_id,
            run=self._place.run,
            host=host_name(),
            locks=self._locks.place(),
            lease_s=self._place.lease_s,
            clock=self._clock,
        )
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
        """Make the job this worker's, or None."""
        try:
            self._inbox.take_out(candidate)
            claim = self._claims.claim(candidate)
            if claim is not None:
                self._inbox.taken_out(candidate)
            return claim
        except TROUBLE as error:  # one file that cannot be moved keeps nobody from the others
            if self._roots.fault() is not None or not is_listed(candidate.path):
                raise  # where it was moved all the same, `leftovers` finds it
            self._inbox.leave(candidate.path, why=getattr(error, "strerror", None) or str(error))
            return None

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims to go on with; one whose job had already appeared is ended here, one in trouble is told and left."""
        self._roots.require()
        self._left_alone = 0
        claims = [claim for claim in self._claims.leftovers(self._pass_over) if not self._has_ended(claim)]
        return tuple(sorted(claims, key=lambda claim: claim.submitted_at))

    def left_alone(self) -> int:
        """How many claims of this worker the last look could not deal with."""
        return self._left_alone

    def _has_ended(self, claim: Claim) -> bool:
        self._liveness.go_on()
        try:
            return self._ended(claim) is not None
        except TROUBLE as error:
            self._pass_over(folder_of(claim), error)
            return True  # or not: it is looked at again the next time

    def _pass_over(self, folder: Path, error: Exception) -> None:
        """Say once that a claim is left alone because of an error, unless that is the share's."""
        if isinstance(error, OSError) and self._roots.fault() is not None:
            raise error
        self._left_alone += folder.parent.name == self._place.worker_id
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

    def prove(self, claim: Claim) -> None:
        """After a long silence, look whether the claim is still this worker's."""
        if self._liveness.must_prove():
            self._liveness.renew()
            if not self._claims.holds(claim):
                raise ClaimLost(lost(claim.stem))
            self._liveness.proved()

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again."""
        return self._claims.give_back(claim)
