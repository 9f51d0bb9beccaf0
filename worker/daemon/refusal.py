"""Refusal: a claimed job that is not to be rendered goes into `failed/`, with the reason for a person and a program."""

from __future__ import annotations

import structlog

from worker.manifest_records import NotDone
from worker.ports import Delivery
from worker.problem import Problem, errors_in
from worker.records import Claim
from worker.spool_ports import SpoolPorts
from worker.translation import Text, gettext

log = structlog.get_logger()


class Refusal:
    """Ends the claims of jobs that are refused; the pictures that earlier claims finished go along."""

    def __init__(self, spool: SpoolPorts, delivery: Delivery) -> None:
        """Keep the parts.

        Args:
            spool: the worker's view of its folders.
            delivery: writes up why a job is refused.
        """
        self._language_of = spool.language_of
        self._inbox = spool.inbox
        self._publishing = spool.publishing
        self._delivery = delivery

    def refuse(self, claim: Claim, problems: tuple[Problem, ...] = (), *, reason: Text) -> NotDone:
        """Publish the refusal.

        Args:
            claim: of the job.
            problems: of its files, if that is why.
            reason: one sentence.

        Raises:
            ClaimLost, JobInTrouble, StopAsked, OSError: of the port; the claim stands.
        """
        folder = self._end(claim, problems, reason=reason, status="failed")
        log.error(
            "job.refused", job=claim.stem, id=claim.job_id, folder=folder, reason=reason,
            problems=len(errors_in(problems)),
        )  # fmt: skip
        return "failed"

    def _end(self, claim: Claim, problems: tuple[Problem, ...] = (), *, reason: Text, status: NotDone) -> str:
        language = self._language_of(claim.dropped)
        files = self._delivery.refusal(
            claim.stem, problems, reason=reason, language=language, status=status, dropped_by=claim.dropped_by
        )
        return self._publishing.fail(claim, files, name=claim.stem, staging=None).name

    def if_cancelled(self, claim: Claim, *, shown: str | None) -> NotDone | None:
        """End a job that a person cancelled before work on it began; None for any other.

        Args:
            claim: of the job.
            shown: its name, once it is known.

        Raises:
            ClaimLost, JobInTrouble, StopAsked, OSError: as `refuse`.
        """
        has_ended = claim.proof is not None and claim.proof.ended_by is not None
        is_begun = (claim.attempt or claim.earlier) and not has_ended  # nothing is begun after such a proof
        cancel = None if is_begun else self._inbox.cancelled_by(claim, shown=shown)
        if cancel is None:
            return None
        reason = gettext("Cancelled by {file} before it began.", file=cancel)
        if claim.proof is not None and has_ended:
            reason = gettext("Ended by {file}. The pictures of its proof lie in {folder}.", file=cancel,
                             folder=f"outbox/{claim.proof.folder}")  # fmt: skip
        folder = self._end(claim, reason=reason, status="cancelled")
        log.warning("job.cancelled", job=claim.stem, id=claim.job_id, by=cancel, pictures=0, folder=folder)
        return "cancelled"
