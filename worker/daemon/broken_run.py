"""A broken run: picture after picture fails alike, so that the worker ends and keeps its claim.

Knows what is written down and told then: the next start takes the job up, and after some such ends it is given up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from worker.daemon.job_progress import JobProgress
from worker.errors import ClaimLost, JobInTrouble, RendererBroken, StopAsked
from worker.records import Claim
from worker.spool_ports import Inbox, Ownership
from worker.translation import gettext

log = structlog.get_logger()


@contextmanager
def blaming_no_picture(ownership: Ownership, claim: Claim, work: JobProgress) -> Iterator[None]:
    """While pictures are made: a run that breaks counts against the job, not against the pictures in work.

    Args:
        ownership: of the claim.
        claim: begun.
        work: on it.

    Raises:
        RendererBroken: as it came; the claim stands.
    """
    try:
        yield
    except RendererBroken:
        with suppress(ClaimLost, JobInTrouble, StopAsked):
            ownership.working(claim, (), has_made=work.has_made)
        raise


def tell_broken(inbox: Inbox, claim: Claim, broken: RendererBroken) -> None:
    """Say in the log and by a receipt that a job stays claimed, why, and what comes next.

    Args:
        inbox: writes receipts.
        claim: that stands.
        broken: why.
    """
    log.error("run.broken", job=claim.stem, id=claim.job_id, reason=str(broken))
    inbox.tell_of(
        claim,
        gettext(
            "the renderer fails at picture after picture ({why}) The worker has ended. What is finished is kept; the "
            "job is gone on with at the worker's next start, and given up after several such ends.",
            why=str(broken),
        ),
    )
