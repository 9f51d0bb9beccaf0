"""Approvals: what a control file says to a proof, and what is answered.

Knows jobs whose proof waits by what people call them; where two are called alike, nobody is taken at a wrong word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.kept_records import Decision
from worker.spool.held_jobs import Held, ask_names
from worker.spool.proofs import Proofs
from worker.spool.steering import Control, Verb
from worker.translation import Text, enumerated, gettext, ngettext

DECISIONS: Mapping[Verb, Decision] = {"approve": "approved", "reject": "rejected", "cancel": "cancelled"}
MOST_NAMED = 5
"""Folders that are named where a word means several jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A control file that has been obeyed."""

    answer: Text
    job: Path
    """As it was dropped, whose author is answered."""


def meant(control: Control, held: Sequence[Held]) -> list[Held]:
    """The jobs whose proof waits that a control file means.

    Args:
        control: the file.
        held: all jobs that wait.
    """
    return [one for one in held if control.verb in DECISIONS and control.meaning in one.meanings]


def decide(control: Control, held: Sequence[Held], proofs: Proofs) -> Decided | Text:
    """Do what is asked; or why it waits.

    Args:
        control: the file.
        held: the jobs that it means, at least one.
        proofs: of the spool.

    Raises:
        FileNotFoundError: another worker was faster.
        OSError: nothing has changed, and the call may be repeated.
    """
    if len(held) > 1:
        asks = [*ask_names(held).values()]
        names = enumerated([f"`{name}.{control.verb}`" for name in asks[:MOST_NAMED]])
        return gettext("{count} jobs are called so, and wait for approval: name the file by the folder of the proof,"
                       " {names}", count=len(held), names=names)  # fmt: skip
    (one,) = held
    decision = DECISIONS[control.verb]
    proofs.decide(one, decision, by=control.name)
    answers: Mapping[Decision, Text] = {
        "approved": ngettext(
            "`{job}` is approved: {count} more picture is made as soon as it is its turn.",
            "`{job}` is approved: {count} more pictures are made as soon as it is its turn.",
            one.proof.of - one.proof.pictures,
            job=one.proof.name,
        ),
        "rejected": gettext(
            "`{job}` is rejected, and ends; the pictures of its proof stay in outbox/{folder}.", job=one.proof.name,
            folder=one.proof.folder,
        ),
        "cancelled": gettext(
            "`{job}` is cancelled; the pictures of its proof stay in outbox/{folder}.", job=one.proof.name,
            folder=one.proof.folder,
        ),
    }  # fmt: skip
    return Decided(answer=answers[decision], job=one.dropped)
