"""A share that renames a job and then refuses to open it: measured on SMB once a cut network was back."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager

import pytest
from failing_calls import FailingCalls

from worker.spool.ownership import HELD_UP_S

IN_CLAIMS = "/claims/w1/"


@contextmanager
def unreadable(*, is_stuck: bool = False, code: int = errno.EINVAL):
    """Jobs that lie in the claims of w1 cannot be opened; nor moved out of them, if they are stuck."""
    calls = ("open", "link", "rename") if is_stuck else ("open",)

    def fails(call: str, path: str) -> int | None:
        lies_there = IN_CLAIMS in path and path.endswith(".yaml") and os.path.lexists(path)
        return code if lies_there and call in calls else None

    with FailingCalls(fails).installed() as met:
        yield met


def inbox_names(yard) -> list[str]:
    return sorted(path.name for path in yard.folders.inbox.glob("*.yaml"))


def claim_each(spool, candidates) -> int:
    """Try to claim all of them, as the daemon does; how many failed half-way."""
    half_done = 0
    for candidate in candidates:
        try:
            assert spool.ownership.claim(candidate) is None
        except OSError:
            half_done += 1
    return half_done


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EIO, errno.EACCES])
def test_what_cannot_be_read_once_it_was_claimed_goes_back_and_another_worker_takes_it(yard, code: int) -> None:
    spool, other = yard.worker("w1"), yard.worker("w2")
    names = [yard.drop(f"mug-{number}.yaml").name for number in range(9)]
    candidates = yard.settled(spool)
    with spool.ownership.lock(), other.ownership.lock():
        with unreadable(code=code) as met:
            assert claim_each(spool, candidates) == 0
        assert met.met
        assert inbox_names(yard) == names
        assert not any((yard.folders.claims / "w1").iterdir())
        assert len(spool.inbox.passed_over()) == 9, "each is told, and tried again at its own pace"
        for candidate in yard.settled(other):
            assert other.ownership.claim(candidate) is not None


def test_who_can_neither_read_a_claim_nor_put_it_back_claims_no_second_one(yard) -> None:
    spool = yard.worker("w1")
    for number in range(9):
        yard.drop(f"mug-{number}.yaml")
    candidates = yard.settled(spool)
    with spool.ownership.lock():
        with unreadable(is_stuck=True):
            assert claim_each(spool, candidates) == 1
            for _ in range(3):
                yard.now_s += HELD_UP_S / 4
                assert spool.ownership.leftovers() == ()
                assert claim_each(spool, candidates) == 0
        assert len(inbox_names(yard)) == 8
        assert len(spool.ownership.leftovers()) == 1, "once it can be read it is gone on with"
        assert spool.ownership.claim(candidates[-1]) is not None, "and others are claimed at once"
