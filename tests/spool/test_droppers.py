"""Who dropped a job is known over every way that it goes."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from failing_calls import FailingCalls

from worker.records import Claim
from worker.spool.layout import CLAIM_FILE

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
STRANGER = 4711


def dropped(yard) -> None:
    os.chown(yard.drop("mug.yaml"), STRANGER, -1)


def record_of(claim: Claim) -> Path:
    return claim.dropped.parent.parent / CLAIM_FILE


def test_the_owner_of_a_dropped_file_is_seen_before_and_after_it_is_claimed(yard) -> None:
    spool = yard.worker()
    dropped(yard)
    (candidate,) = yard.settled(spool)
    assert candidate.dropped_by == str(STRANGER)
    claim = spool.ownership.begin(spool.ownership.claim(candidate))
    assert claim.dropped_by == str(STRANGER)
    assert json.loads(record_of(claim).read_text())["dropped_by"] == str(STRANGER)


def test_who_dropped_it_outlives_a_return_and_a_take_over(yard) -> None:
    spool = yard.worker()
    dropped(yard)
    claim = yard.begun(spool)
    os.chown(claim.dropped, 0, -1)  # as a copy across disks would be the worker's own
    assert spool.ownership.give_back(claim)
    again = yard.begun(spool)
    assert (again.job_id, again.dropped_by) == (claim.job_id, str(STRANGER))
    (taken,) = yard.worker("w2").ownership.leftovers()
    assert (taken.job_id, taken.dropped_by) == (claim.job_id, str(STRANGER))
    assert taken.dropped.is_relative_to(yard.folders.claims / "w2")


def test_a_record_of_an_older_version_or_a_strangers_hand_names_nobody(yard) -> None:
    spool = yard.worker()
    dropped(yard)
    claim = yard.begun(spool)
    record = json.loads(record_of(claim).read_text())
    for value in (None, 7, ["x"], "x" * 100):
        record_of(claim).write_text(json.dumps(record | {"dropped_by": value}))
        (left,) = yard.worker().ownership.leftovers()
        assert left.dropped_by is None


def test_one_claim_that_cannot_be_read_hides_no_other(yard) -> None:
    spool, other = yard.worker(), yard.worker("w2")
    dropped(yard)
    claim = yard.begun(spool)
    os.chown(yard.drop("cup.yaml"), STRANGER + 1, -1)
    broken = yard.begun(other, "cup.yaml")
    assert spool.droppers() == {claim.job_id: str(STRANGER), broken.job_id: str(STRANGER + 1)}
    path = str(record_of(broken))
    with FailingCalls(lambda call, met: errno.EIO if call == "open" and met == path else None).installed():
        assert spool.droppers() == {claim.job_id: str(STRANGER)}
    with FailingCalls(
        lambda call, met: errno.EACCES if call == "scandir" and met.endswith("/w2") else None
    ).installed():
        assert spool.droppers() == {claim.job_id: str(STRANGER)}
