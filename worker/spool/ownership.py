"""Ownership: whose job is whose, among workers that may die at any moment.

Knows locks on this machine, heartbeats on the share and the claims. Nothing here becomes visible to people;
`publishing` does that.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from worker.disk.durable import is_listed
from worker.disk.mount_tables import sync_tool_of
from worker.errors import FoldersAway
from worker.records import Candidate, Claim, JobStatus
from worker.spool.claims import Claims
from worker.spool.folder_identity import Roots
from worker.spool.heartbeats import Heartbeats
from worker.spool.inbox import FolderInbox
from worker.spool.layout import Folders
from worker.spool.liveness import Liveness
from worker.spool.locks import WorkerLocks
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
                self._liveness.begin(heartbeats)
            except OSError as error:
                why = self._roots.fault() or gettext(
                    "inbox {path}: {reason}: check the share.",
                    path=self._folders.inbox,
                    reason=error.strerror or str(error),
                )
                raise FoldersAway(why) from error
            try:
                yield
            finally:
                with suppress(OSError):
                    heartbeats.beat(now=True, is_stopped=True)

    def _begin_to_beat(self, wait: Callable[[float], None]) -> Heartbeats:
        heartbeats = Heartbeats(
            self._folders.workers,
            worker_id=self._place.worker_id,
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
        """Say that this worker lives, when it is time."""
        self._liveness.beat()

    def claim(self, candidate: Candidate) -> Claim | None:
        """Make the job this worker's, or None."""
        try:
            self._inbox.take_out(candidate)
            claim = self._claims.claim(candidate)
            if claim is not None:
                self._inbox.taken_out(candidate)
            return claim
        except OSError as error:  # one file that cannot be moved keeps nobody from the others
            if self._roots.fault() is not None or not is_listed(candidate.path):
                raise  # where it was moved all the same, `leftovers` finds it
            self._inbox.leave(candidate.path, why=error.strerror or str(error))
            return None

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims to go on with; one whose job had already appeared is ended here."""
        self._roots.require()
        claims = [claim for claim in self._claims.leftovers() if self._ended(claim) is None]
        return tuple(sorted(claims, key=lambda claim: claim.submitted_at))

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this worker's."""
        return self._claims.holds(claim)

    def begin(self, claim: Claim) -> Claim:
        """Count one more attempt."""
        return self._claims.begin(claim)

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again."""
        return self._claims.give_back(claim)
