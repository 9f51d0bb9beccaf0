"""Room for the pictures of jobs: told before one begins; a job that lacks it waits, and the others go on.

Knows how much fits, as its port tells, and which jobs wait for more. Those that fit whole go first; where nothing else
is left to do, the oldest of the others makes what fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from worker.daemon.job_progress import JobProgress
from worker.errors import NoRoom
from worker.records import Claim, PictureResult, Request, StagedFile
from worker.spool_ports import Inbox, Space
from worker.translation import gettext, joined

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A job that waits for room."""

    claim: Claim
    name: str
    """As it is shown."""
    left: tuple[Request, ...]
    why: str


class Room:
    """Where one worker's pictures go."""

    def __init__(self, *, space: Space, inbox: Inbox) -> None:
        """Keep the parts.

        Args:
            space: tells what fits, and hears what pictures came to.
            inbox: tells whether a person cancels a job that waits.
        """
        self._space = space
        self._inbox = inbox
        self._waits: dict[str, Waits] = {}
        """By job id."""
        self._alone: str | None = None
        """Id of the job that was begun because nothing else was left to do."""

    def require_all(self, claim: Claim, work: JobProgress) -> None:
        """Say how many of a job's pictures fit; return if all do, or some, and nothing else is left to do.

        Args:
            claim: of the job, begun.
            work: tells which pictures are left.

        Raises:
            NoRoom: others go first.
        """
        left = [*work.left.values()]
        facts = {"job": work.job.name, "left": len(left), "fits": self._space.fitting(left)}
        if facts["fits"] == len(left):
            if left:
                log.info("space.told", **facts)
        else:
            log.warning("space.told", **facts)
            self.require(claim, work, all_must_fit=claim.job_id != self._alone)

    def require(self, claim: Claim, work: JobProgress, *, all_must_fit: bool = False) -> None:
        """Return if one more picture fits, or nobody wants it any more, as the job is cancelled.

        Args:
            claim: of the job, begun.
            work: tells which picture would be next.
            all_must_fit: not only the next one.

        Raises:
            NoRoom: it does not; `waits` and `next_alone` know the job from now on.
        """
        request = next(iter(work.left.values()), None)
        shortage = None if request is None else self._space.shortage(request)
        if request is None or (shortage is None and not all_must_fit) or self._is_cancelled(claim, work.job.name):
            return
        left = tuple(work.left.values())
        fits = self._space.fitting(left)
        why = _why(fits=fits, left=len(left), shortage=shortage)
        self._waits[claim.job_id] = Waits(claim=claim, name=work.job.name, left=left, why=why)
        if shortage is not None:
            log.warning("space.short", job=work.job.name, left=len(left), fits=fits, reason=shortage)
        raise NoRoom(why)

    def take_up(self, claim: Claim) -> None:
        """A job is worked on: whether it waits is found out anew.

        Args:
            claim: of any job.
        """
        self._waits.pop(claim.job_id, None)

    def waits(self, job_id: str) -> bool:
        """Whether a job waits for room for all that is left of it, and is not cancelled.

        Args:
            job_id: of any job.
        """
        one = self._waits.get(job_id)
        is_short = one is not None and self._space.fitting(one.left) < len(one.left)
        return one is not None and is_short and not self._is_cancelled(one.claim, one.name)

    def next_alone(self) -> Claim | None:
        """The oldest job that waits and of which a picture fits, to be begun since nothing else is left to do."""
        oldest = sorted(self._waits.values(), key=lambda one: one.claim.submitted_at)
        fitting = (one.claim for one in oldest if self._space.shortage(one.left[0]) is None)
        claim = next(fitting, None)
        self._alone = None if claim is None else claim.job_id
        return claim

    def waiting(self) -> tuple[Claim, ...]:
        """All that wait for room."""
        return tuple(one.claim for one in self._waits.values())

    def given_back(self) -> None:
        """None waits any more: all of them lie in the inbox again."""
        self._waits.clear()

    def why(self) -> str:
        """Why the first of them waits, for a person; empty where none does."""
        return next((one.why for one in self._waits.values()), "")

    def measure(self, result: PictureResult, files: Iterable[StagedFile]) -> None:
        """Learn from a picture how large the next ones will be.

        Args:
            result: of one request; one without a picture teaches nothing.
            files: that were written for it.
        """
        if result.picture is not None:
            self._space.measured(result.request, size_bytes=sum(len(file.data) for file in files))

    def _is_cancelled(self, claim: Claim, name: str) -> bool:
        return self._inbox.cancelled_by(claim, shown=name) is not None


def _why(*, fits: int, left: int, shortage: str | None) -> str:
    figures = gettext(
        "{fits} of the {left} pictures that are left fit into the outbox. Jobs that fit whole go first; this one goes"
        " on by itself, while a worker runs, once there is room. What is finished of it is kept.",
        fits=fits,
        left=left,
    )
    remedy = gettext("Make room in the outbox, or move finished folders away.")
    return joined([figures, shortage or remedy], "\n")
