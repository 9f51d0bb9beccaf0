"""Sentences for people about the proof of a job: made, waiting, approved, rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worker.moments import day_and_hour, moment_of
from worker.operations.facts import FACT, Facts, number, word
from worker.translation import Text, gettext, ngettext


def _left(facts: Facts) -> str:
    jobs = number(facts, "jobs")
    return ngettext(
        "{count} job waits for approval of its proof.", "{count} jobs wait for approval of their proofs.", jobs
    )


def _waiting(facts: Facts) -> str:
    since = day_and_hour(moment_of(str(word(facts, "since"))))
    return gettext(
        "{job} waits for approval since {since}: {outbox_path}/{folder}", job=word(facts, "job"), since=since,
        outbox_path=word(facts, "outbox_path"), folder=word(facts, "folder"),
    )  # fmt: skip


PROOFS: Mapping[str, Text | Callable[[Facts], str | None]] = {
    "proof.published": gettext(
        "proof: {job}, {pictures} of {whole} pictures; it waits for approval, the others go on: {outbox_path}/{folder}",
        job=FACT, pictures=FACT, whole=FACT, outbox_path=FACT, folder=FACT),
    "proof.approved": gettext("{job} is approved by {by}: the rest is made ({left} pictures).", job=FACT, by=FACT,
                              left=FACT),
    "proof.rejected": gettext("{job} is rejected by {by}: it ends, its proof stays in {outbox_path}/{folder}.",
                              job=FACT, by=FACT, outbox_path=FACT, folder=FACT),
    "proof.waiting": _waiting,
    "proofs.left": _left,
}  # fmt: skip
"""By event."""
