"""What `Publishing.publish_proof` promises, and what comes of a proof, held against the folders and the twin."""

from __future__ import annotations

import pytest

from worker.errors import ClaimLost, JobChanged
from worker.kept_records import Proof
from worker.records import Claim

PROOF = Proof(folder="mug.proof", name="mug", pictures=1, of=3, runs=("r",), since="2026-11-28T22:00:00+00:00")


def proofed(spools, spool) -> Claim:
    claim = spool.ownership.begin(spools.claimed(spool))
    path = spool.publishing.publish_proof(claim, spools.staged(spool, claim), proof=PROOF)
    assert path.name == "mug.proof"
    return claim


def test_a_proof_appears_whole_and_its_job_is_nobodys_claim_and_waits(spools) -> None:
    spool = spools.worker()
    claim = proofed(spools, spool)
    assert spools.finished("outbox")["mug.proof"]["a.png"] == b"picture"
    assert spools.finished("outbox")["mug.proof"]["job.yaml"] == b"prompt: a mug\n"
    assert not spool.ownership.holds(claim)
    assert (spool.ownership.leftovers(), spools.unfinished()) == ((), 0)
    spools.settle(spool)
    assert (spool.inbox.scan(), spool.inbox.held()) == ((), 1)
    with pytest.raises(ClaimLost):
        spool.ownership.begin(claim)


def test_an_approved_job_waits_in_the_inbox_again_and_finds_its_proof(spools) -> None:
    spool = spools.worker()
    first = proofed(spools, spool)
    spools.drop("mug.approve", "")
    spools.settle(spool)
    spools.settle(spool)
    (candidate,) = spool.inbox.scan()
    assert (candidate.is_approved, candidate.kept, candidate.ended_by) == (True, 1, None)
    claim = spools.worker("w2").ownership.claim(candidate)
    assert claim is not None
    assert (claim.job_id, claim.attempt, claim.earlier) == (first.job_id, 0, ())
    assert (claim.proof.decision, claim.proof.by, claim.proof.folder) == ("approved", "mug.approve", "mug.proof")
    staging = spools.worker("w2").publishing.stage(claim, name="mug")
    assert (staging.finished("a.png"), staging.finished("b.png")) == (b"picture", None)


def test_a_rejected_job_waits_there_to_be_ended(spools) -> None:
    spool = spools.worker()
    proofed(spools, spool)
    spools.drop("mug.reject", "")
    spools.settle(spool)
    spools.settle(spool)
    (candidate,) = spool.inbox.scan()
    assert (candidate.is_approved, candidate.ended_by) == (False, "mug.reject")
    assert spool.inbox.cancelled_by(candidate) == "mug.reject"
    claim = spool.ownership.claim(candidate)
    assert spool.inbox.cancelled_by(claim) == "mug.reject"


def test_what_has_changed_since_it_was_read_is_no_proof_yet(spools) -> None:
    spool = spools.worker()
    claim = spool.ownership.begin(spools.claimed(spool))
    staging = spools.staged(spool, claim)
    claim.dropped.write_text("prompt: a bowl\n")
    with pytest.raises(JobChanged):
        spool.publishing.publish_proof(claim, staging, proof=PROOF)
    assert spools.finished("outbox") == {}
    assert spool.publishing.publish_proof(claim, staging, proof=PROOF).name == "mug.proof"


def test_a_proof_of_a_share_that_fails_is_published_once_it_works(spools) -> None:
    spool = spools.worker()
    claim = spool.ownership.begin(spools.claimed(spool))
    staging = spools.staged(spool, claim)
    spools.break_share()
    with pytest.raises(OSError, match=r"inbox|away"):
        spool.publishing.publish_proof(claim, staging, proof=PROOF)
    spools.mend_share()
    assert spool.publishing.publish_proof(claim, staging, proof=PROOF).name == "mug.proof"
    assert len(spools.finished("outbox")) == 1
