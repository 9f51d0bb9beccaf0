"""A claimed job that rests is told by a receipt too, whichever worker looks at the folder."""

from __future__ import annotations

import os

import pytest

from worker.spool.claim_files import folder_of
from worker.spool.receipts import LOOK_AGAIN_S
from worker.translation import gettext

WHY = gettext("it waits for room")


def receipts(yard) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (yard.folders.outbox / "receipts").glob("*.txt")}


def look(yard, spool) -> None:
    yard.now_s += LOOK_AGAIN_S
    spool.inbox.scan()
    spool.inbox.tell({})


def test_other_workers_leave_the_receipt_of_a_claimed_job_until_the_claim_is_gone(yard) -> None:
    owner, other = yard.worker("w1"), yard.worker("w2")
    yard.drop("mug.yaml")
    claim = yard.begun(owner)
    owner.inbox.tell_of(claim, WHY)
    look(yard, other)
    assert set(receipts(yard)) == {"mug.yaml.txt"}
    assert WHY in receipts(yard)["mug.yaml.txt"]
    staging = owner.publishing.stage(claim, name="mug")
    owner.publishing.publish(claim, staging, name="mug")
    look(yard, other)
    assert receipts(yard) == {}


def test_a_receipt_that_a_killed_worker_left_goes_once_it_is_here_again(yard) -> None:
    killed = yard.worker("w1")
    yard.drop("mug.yaml")
    killed.inbox.tell_of(yard.begun(killed), WHY)
    look(yard, yard.worker("w1"))
    assert receipts(yard) == {}


def test_a_new_job_of_the_same_name_has_its_own_reason_in_the_same_receipt(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    spool.inbox.tell_of(yard.begun(spool), WHY)
    yard.drop("mug.yaml")
    spool.inbox.scan()
    spool.inbox.tell({"mug.yaml": gettext("one problem")})
    (text,) = receipts(yard).values()
    assert WHY in text
    assert "one problem" in text


def test_a_claimed_job_is_told_in_the_language_of_its_own_text(yard) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml", "prompt: 红色马克杯\n")
    spool.inbox.tell_of(yard.begun(spool), WHY)
    assert receipts(yard)["mug.yaml.txt"].startswith("`mug.yaml` 还没有做，原因是：")


def test_all_that_a_worker_has_claimed_is_told_at_once(yard) -> None:
    spool = yard.worker()
    for name in ("mug.yaml", "vase.yaml"):
        yard.drop(name)
        yard.begun(spool, name)
    spool.inbox.tell_of_all("the model is away")
    assert set(receipts(yard)) == {"mug.yaml.txt", "vase.yaml.txt"}
    spool.inbox.tell_of_all(None)
    assert receipts(yard) == {}


@pytest.mark.parametrize("code", [13, 5])
def test_a_claim_that_is_passed_over_is_told_by_its_job_until_it_is_dealt_with(yard, monkeypatch, code: int) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)

    def refusing(_claim: object) -> None:
        raise OSError(code, os.strerror(code))

    with spool.ownership.lock():
        with monkeypatch.context() as trouble:
            trouble.setattr(spool.ownership, "_ended", refusing)
            assert spool.ownership.leftovers() == ()
        (text,) = receipts(yard).values()
        assert os.strerror(code) in text
        assert folder_of(claim).name in text
        assert [one.job_id for one in spool.ownership.leftovers()] == [claim.job_id]
    assert receipts(yard) == {}
