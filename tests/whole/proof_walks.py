"""Ways of a job with a proof, from state to state, for `test_job_states`."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from job_walk import TWO, S, Walk
from twins import PaintingRenderer

from worker.daemon.job_states import JobState


def proof_made(walk: Walk) -> None:
    walk.proofed()
    assert walk.house.names("outbox") == {"mugs.proof"}


def approved(walk: Walk) -> None:
    walk.judged("approve")
    walk.house.drain(PaintingRenderer(after=walk.see))
    walk.see()
    assert walk.seen[-1] == S.PUBLISHED


def approved_while_its_name_is_taken(walk: Walk) -> None:
    walk.proofed()
    walk.house.drop("mugs.yaml", TWO)
    walk.house.drop("mugs.approve", "")
    walk.house.spool().inbox.scan()
    walk.see()


def rejected(walk: Walk) -> None:
    walk.judged("reject")


def proof_cancelled(walk: Walk) -> None:
    walk.judged("cancel")


def ended_as_a_proof(walk: Walk) -> None:
    walk.judged("reject")
    walk.house.drain()
    walk.see()


def proof_deleted(walk: Walk) -> None:
    walk.proofed()
    shutil.rmtree(walk.house.root / "outbox/mugs.proof")
    walk.house.drain()
    walk.see()


def held_job_deleted(walk: Walk) -> None:
    walk.proofed()
    shutil.rmtree(next(walk.house.folders.proofs.iterdir()))
    walk.see()
    walk.house.drain()
    walk.see()


PROOF_WALKS: dict[tuple[JobState, str], Callable[[Walk], None]] = {
    (S.GIVEN_BACK, "rejected or cancelled as a proof"): ended_as_a_proof,
    (S.RENDERING, "its proof made"): proof_made,
    (S.PROOFED, "approved"): approved,
    (S.PROOFED, "approved while its name is taken"): approved_while_its_name_is_taken,
    (S.PROOFED, "rejected"): rejected,
    (S.PROOFED, "cancelled"): proof_cancelled,
    (S.PROOFED, "its proof deleted by a person"): proof_deleted,
    (S.PROOFED, "deleted by a person"): held_job_deleted,
}
