"""The inbox: jobs to come, and what people put there to steer.

Knows which names are jobs and which have settled. Nothing here moves a job; `ownership` does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from worker.records import Candidate, Claim
from worker.spool.control_files import cancel_of, clear_ready, is_paused
from worker.spool.folder_identity import Roots
from worker.spool.layout import Folders
from worker.spool.scan import Scanner, find


class FolderInbox:
    """Satisfies `spool_ports.Inbox` with a folder."""

    def __init__(
        self,
        folders: Folders,
        roots: Roots,
        *,
        settle_s: float,
        needs_ready: bool,
        clock: Callable[[], float],
        before_scan: Callable[[], None],
    ) -> None:
        """Keep the places; nothing is touched.

        Args:
            folders: of the spool.
            roots: tell whether these are the right folders.
            settle_s: seconds a job must stay unchanged before it is taken.
            needs_ready: a job is one only once `NAME.ready` lies beside it.
            clock: seconds that no one sets; counts suspended time.
            before_scan: does what a failing share has left undone.
        """
        self._folders = folders
        self._roots = roots
        self._needs_ready = needs_ready
        self._before_scan = before_scan
        self._scanner = Scanner(folders.inbox, settle_s=settle_s, clock=clock, needs_ready=needs_ready)

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox now."""
        found = find(self._folders.inbox, needs_ready=self._needs_ready)
        return frozenset(one.path.name for one in found if not one.is_conflict)

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs in the inbox, oldest first."""
        self._roots.require()
        self._before_scan()
        return self._scanner.scan()

    def is_paused(self) -> bool:
        """Whether a person has asked all workers to wait."""
        return is_paused(self._folders.inbox)

    def cancelled_by(self, claim: Claim) -> str | None:
        """Name of the file by which a person cancels this job, or None."""
        path = cancel_of(self._folders.inbox, claim.dropped.name, claim.stem)
        return path.name if path is not None else None

    def take_out(self, candidate: Candidate) -> None:
        """Somebody is about to move it: whatever lies there next is another file."""
        self._scanner.forget(candidate.path)

    def taken_out(self, candidate: Candidate) -> None:
        """It was moved: what said that it is ready must not speak for the next job of that name.

        Raises:
            OSError: the share failed.
        """
        if self._needs_ready:
            clear_ready(self._folders.inbox, candidate.path.name)

    def leave(self, path: Path, *, why: str) -> None:
        """Say once that a job waits because it cannot be moved.

        Args:
            path: of the job in the inbox.
            why: what the system says, such as `Permission denied`.
        """
        self._scanner.leave(path, why=why)
