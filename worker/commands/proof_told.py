"""What commands say of a job that has a proof: how many of its pictures come first."""

from __future__ import annotations

from worker.records import Job
from worker.translation import Text, ngettext


def proof_told(job: Job) -> Text:
    """Of its pictures, those of the proof.

    Args:
        job: with a proof, whole.
    """
    return ngettext(
        "  proof: {count} picture first; the other {rest} once somebody approves it",
        "  proof: {count} pictures first; the other {rest} once somebody approves them",
        len(job.proof),
        rest=len(job.requests) - len(job.proof),
    )
