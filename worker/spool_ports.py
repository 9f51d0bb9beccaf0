"""What the daemon needs from the spool, as narrow protocols: inbox, worker lock, ownership, staging, publishing.

Knows the promises (errors, idempotence) that every implementation keeps; `tests/contract` holds each to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from worker.records import Candidate, Claim, Request, StagedFile
from worker.translation import Text


class NotAsWritten(OSError):
    """Raised when a file does not read back as it was written: the share lost it, so it is made again."""


class Staging(Protocol):
    """The one folder into which a claim writes. One writer ever; every write is durable when it returns."""

    @property
    def path(self) -> Path:
        """The folder."""

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256, hex, by name of everything written or read through this object."""

    def write(self, file: StagedFile) -> None:
        """Write whole or not at all (hidden temporary name, fsync, rename); replaces an older one. Idempotent.

        Raises:
            OSError: the share failed or is full; the folder holds the former state.
        """

    def copy(self, name: str, pieces: Callable[[], Iterable[bytes]]) -> None:
        """Likewise, a piece at a time: a file may be larger than the memory.

        Args:
            name: relative to the folder, with `/`.
            pieces: makes the file's bytes anew for each try.

        Raises:
            OSError: as `write`.
        """

    def read(self, name: str) -> bytes:
        """The bytes of a staged file, read through a fresh open.

        Raises:
            FileNotFoundError: there is none.
            OSError: the share failed.
        """

    def read_hash(self, name: str) -> str:
        """SHA-256 of a staged file, hex, likewise."""

    def earlier(self, name: str) -> bytes | None:
        """The bytes of that file in the newest earlier claim's staging that has it, or None.

        Raises:
            OSError: the share failed; nothing is known.
        """


class Share(Protocol):
    """The three folders as a place that may be away, full or read-only."""

    def fault(self) -> str | None:
        """Why nothing can be done in the folders now, for a person; None when they work, and an error is one job's.

        Raises:
            OSError: not even that can be told.
        """


class Space(Protocol):
    """Room for pictures beside a reserve that is kept. Never raises: what the share does not tell is room enough."""

    def fitting(self, requests: Sequence[Request]) -> int:
        """How many of these pictures fit, as far as can be told; they are made in this order."""

    def shortage(self, request: Request) -> str | None:
        """Why not even this picture fits now, for a person; None when it does."""

    def measured(self, request: Request, *, size_bytes: int) -> None:
        """Hear what a picture came to; later ones like it are expected to take as much.

        Args:
            request: of the picture.
            size_bytes: of all files that were written for it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Why a name is left where it lies."""

    why: Text
    """The reason and the remedy, for a person."""
    since_s: float
    """Since when it is so, by the clock of candidates."""
    told_after_s: float = 0.0
    """How long it must have been so before anybody is told."""
    is_final: bool = False
    """Waiting is of no use: only a person can mend it."""
    is_of_system: bool = False
    """The system refused to read it, as it does with every name of a share that is away."""
    again_s: float = 0.0
    """Before that it is not tried again."""


class Inbox(Protocol):
    """Jobs to come, and what people put there to steer. Only looks; every method can be repeated."""

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox now, settled or not; none that only a person can make one.

        Raises:
            OSError: the share failed.
        """

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs in the inbox, oldest first. Looks once; call it again to let files settle.

        What fails about one name is that name's own trouble: it is passed over.

        Raises:
            OSError: the share failed; wait and call again.
        """

    def passed_over(self) -> Mapping[str, PassedOver]:
        """Names that are no jobs, or cannot be taken, with the reason: as of the last scan. Never raises."""

    def tell(self, waits: Mapping[str, Text]) -> None:
        """Say why names wait where people see it; a reason that no longer holds is taken back. Never raises.

        Args:
            waits: reasons by name in the inbox, beside those of `passed_over`.
        """

    def is_paused(self) -> bool:
        """Whether a person has asked all workers to wait. Never raises."""

    def cancelled_by(self, job: Claim | Candidate, *, shown: str | None = None) -> str | None:
        """Name, in a form that can be written down, of the file by which a person cancels this job. Never raises.

        Args:
            job: in work, for which is looked anew; or waiting, of which the last scan tells.
            shown: its shown name, where that is known.
        """


class WorkerLock(Protocol):
    """Being one worker, and knowing whether a claim is still its own: for who starts the daemon, and for retrying."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold this worker's id while the context lasts.

        Raises:
            WorkerIdTaken: a live worker has it, on this machine or another.
            FoldersAway: the share fails just now.
            FoldersUnusable: only one worker may serve these folders, and another does.
        """

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this worker's.

        Raises:
            OSError: the share failed; nothing is known.
        """


class Ownership(Protocol):
    """Whose job is whose. The folders are the state: every method can be repeated until it has returned once."""

    def beat(self) -> None:
        """Say that this worker goes on; cheap, to be called whenever a step is done or waited for. Never raises.

        A worker that lives is seen to live without it; one that says nothing for half an hour hangs.
        """

    def claim(self, candidate: Candidate) -> Claim | None:
        """Make the job this worker's.

        Returns:
            None when somebody else was faster, the file changed since it settled, or it cannot be moved.

        Raises:
            OSError: the share failed; whatever was moved is found by `leftovers`.
        """

    def leftovers(self) -> tuple[Claim, ...]:
        """Claims of this worker, and of dead workers (taken over now), oldest first; none whose job has ended.

        Raises:
            OSError: the share failed.
        """

    def left_alone(self) -> int:
        """How many claims of this worker the last `leftovers` could not deal with: told in the log, and left."""

    def begin(self, claim: Claim) -> Claim:
        """Count one more attempt, durably, before any work; the claim returned has a new id, and the deaths until now.

        A life before counts as a death unless it ended in order, or its worker still lives.

        Raises:
            ClaimLost: the job is another worker's now.
            OSError: the share failed; the attempt may be counted, which a repeated call makes right.
        """

    def working(self, claim: Claim, files: Sequence[str], *, has_made: bool) -> None:
        """Write down, durably, which pictures are in work: if this worker dies now, its death is counted for these.

        Args:
            claim: begun.
            files: names of the pictures; those named before have ended.
            has_made: whether work since `begin` has finished a picture: then no death before was for nothing.

        Raises:
            ClaimLost: the job is another worker's now.
            OSError: the share failed; the call may be repeated.
        """

    def prove(self, claim: Claim) -> None:
        """After a silence in which others may have taken this worker for dead, look whether the claim still stands.

        Raises:
            ClaimLost: the job is another worker's now.
            OSError: the share failed; nothing is known.
        """

    def give_back(self, claim: Claim) -> bool:
        """Put the job into the inbox again, its attempt not counted, its staged pictures kept.

        Returns:
            False when another job of that name waits there: the claim stands, and is resumed at the next start.

        Raises:
            ClaimLost: the job is another worker's now, or was given back before.
            OSError: the share failed; the claim stands, and the call may be repeated.
        """


class Publishing(Protocol):
    """A claimed job becomes a finished folder. Every method can be repeated until it has returned once."""

    def stage(self, claim: Claim, *, name: str) -> Staging:
        """Make (or find again) the hidden-until-done folder for the claim, as `outbox/NAME.<claim>.partial`.

        Args:
            claim: held by this worker.
            name: of the finished folder, unless it is taken.

        Raises:
            OSError: the share failed, or is another one than at the start.
        """

    def publish(self, claim: Claim, staging: Staging, *, name: str) -> Path:
        """Add the job as dropped, make all durable, verify, prove the claim, rename to `outbox/NAME`, end the claim.

        Verified pictures of earlier claims that are not staged come along: none is lost when a job ends.

        Args:
            claim: held by this worker.
            staging: of that claim, with everything written.
            name: of the finished folder; with .2, .3, ... where it is taken.

        Raises:
            ClaimLost: the job is another worker's now and nothing appeared, or its claim ended before.
            OSError: the share failed; nothing is half-done, and a repeated call finds out whether the job has appeared.

        Returns:
            The folder under its final name; the one that had appeared when an earlier call failed after its last step.
        """

    def fail(self, claim: Claim, files: tuple[StagedFile, ...], *, name: str, staging: Staging | None) -> Path:
        """Publish into `failed/` likewise; what `staging` holds goes along (manifest and evidence), as do pictures.

        Args:
            claim: of the job.
            files: the reason, for a person and for a program.
            name: of the folder; a number is added where it is taken.
            staging: of the claim; None where nothing was staged.

        Raises:
            ClaimLost, OSError: as `publish`.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolPorts:
    """One worker's view of a spool, as the daemon has it: what stands here waits where the share fails.

    So no OSError comes out of it but FileNotFoundError from reading; in its place JobInTrouble and StopAsked may.
    """

    inbox: Inbox
    ownership: Ownership
    publishing: Publishing
    space: Space
