"""Giving a job back is one thing, however often it is tried."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("failures", [1, 3])
def test_an_attempt_is_taken_back_once_however_often_the_share_fails(yard, monkeypatch, failures: int) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.claimed(spool)
    for _ in range(3):
        claim = spool.ownership.begin(claim)

    def failing(*_: object) -> bool:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("worker.spool.claims.move_to_free_name", failing)
        for _ in range(failures):
            with pytest.raises(OSError, match="Input/output"):
                spool.ownership.give_back(claim)
    assert spool.ownership.give_back(claim)
    again = yard.claimed(spool)
    assert again.attempt == 2
    assert again.earlier[0] == claim.id
    assert len(set(again.earlier)) == len(again.earlier)
