"""What the daemon needs from the spool, as narrow protocols: inbox, ownership, room, the share.

Knows the promises (errors, idempotence) that every implementation keeps; `tests/contract` holds each to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from worker.overview_records import RunningJob, WaitingJob
from worker.publishing_ports import Publishing
from worker.records import Candidate, Claim, Request
from worker.translation import Language, Text

WARNING_MARK = "* "
"""Begins the line of each warning in the reason of a job that is rendered all the same; by it they are counted."""


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
    is_final: bool = False
    """Waiting is of no use: only a person can mend it."""


class Inbox(Protocol):
    """Jobs to come, and what people put there to steer; they are told why one waits. Every method can be repeated.

    Nothing here moves or changes a job.
    """

    def waiting(self) -> frozenset[str]:
        """Names of all jobs in the inbox now, settled or not, but for those that only a person can mend.

        Raises:
            OSError: the share failed.
        """

    def scan(self) -> tuple[Candidate, ...]:
        """Settled jobs in the inbox, oldest first. Looks once; call it again to let files settle.

        What is asked of jobs that have ended is done; a cancel is the daemon's.
        What fails about one name is that name's own trouble: it is passed over.

        Raises:
            OSError: the share failed; wait and call again.
        """

    def held(self) -> int:
        """How many jobs wait for a person's word on their proof, as of the last scan. Never raises."""

    def passed_over(self) -> Mapping[str, PassedOver]:
        """Names that are no jobs, or cannot be taken, with the reason: as of the last scan. Never raises."""

    def tell(self, waits: Mapping[str, Text]) -> None:
        """Say why names wait where people see it; a reason that no longer holds is taken back. Never raises.

        Args:
            waits: reasons by name in the inbox, beside those of `passed_over`; of a job that only waits for its turn
                its warnings, a line each that begins with `WARNING_MARK`.
        """

    def tell_of(self, claim: Claim, why: str | None) -> None:
        """Say likewise why a claimed job rests or waits, or its warnings. Never raises.

        It is taken back once the claim is gone, too.

        Args:
            claim: of this worker.
            why: the reason and what comes next, for a person; None once it goes on.
        """

    def hear(self) -> bool:
        """Tell people at once that what they have just asked for is understood; cheap, at a pace of its own.

        To be called again and again while a picture is made, or a model is loaded. Never raises.

        Returns:
            Whether something was asked that the next `scan` obeys.
        """

    def foresee(self, queue: Sequence[WaitingJob]) -> None:
        """Take down when the turns of waiting jobs come, for people; the next `tell` says it. Never raises.

        Args:
            queue: in the order in which they are taken; of the first ones it is said.
        """

    def foresee_work(self, claim: Claim, job: RunningJob) -> None:
        """Say how a job in work goes, beside what `tell_of` says. Never raises, and takes a fraction of a second.

        Args:
            claim: of this worker; once it has ended, nothing more is said.
            job: how it goes.
        """

    def is_paused(self) -> bool:
        """Whether a person has asked all workers to wait. Never raises."""

    def cancelled_by(self, job: Claim | Candidate, *, shown: str | None = None) -> str | None:
        """Name of the file by which a person cancels this job, as it lies there. Never raises.

        Args:
            job: in work, for which is looked anew if the last look is a second old; or waiting, of which the last
                scan tells.
            shown: its shown name, where that is known.
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
        """Claims of this worker, and of dead workers (taken over now), oldest first, none whose job has ended.

        Those that were laid aside come last: what was in work is gone on with first.
        What fails about one claim is that claim's own trouble: it is in `passed_over` until a later call deals with it.

        Raises:
            OSError: the share failed.
        """

    def passed_over(self) -> int:
        """How many of this worker's claims the last look at `leftovers` could not deal with. Never raises."""

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

    def rest(self, claim: Claim) -> None:
        """Write down, durably, that the job is laid aside: a death counts against nothing until `working` is called.

        Args:
            claim: begun.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolPorts:
    """One worker's view of a spool.

    The daemon has it with ports that wait where the share fails (`retrying_ports`): of those no OSError comes but
    FileNotFoundError from reading; in its place JobInTrouble and StopAsked may.
    """

    inbox: Inbox
    ownership: Ownership
    publishing: Publishing
    space: Space
    language_of: Callable[[Path], Language] = lambda _: "en"
    """What the person reads who dropped what lies there; the same for every worker. Never raises."""
