"""Leftovers: claims of workers that are gone come back, those of others stay."""

from __future__ import annotations

import os
import shutil

import pytest

from worker.spool import FolderSpool, SpoolOptions


def test_leftovers_of_this_worker_come_back_oldest_first(yard) -> None:
    spool = yard.worker()
    for age, name in enumerate(["c.yaml", "a.yaml", "b.yaml"]):
        os.utime(yard.drop(name), (1e9 + age, 1e9 + age))
    for candidate in yard.settled(spool):
        spool.ownership.claim(candidate)
    assert [claim.stem for claim in yard.worker().ownership.leftovers()] == ["c", "a", "b"]


def test_claims_of_a_dead_worker_of_this_host_are_taken_over(yard) -> None:
    yard.drop("mug.yaml")
    claim = yard.begun(yard.worker("dead"))
    (left,) = yard.worker("heir").ownership.leftovers()
    assert left.id == claim.id
    assert left.dropped.parent.parent.parent.name == "heir"


def test_claims_of_a_live_worker_stay(yard) -> None:
    yard.drop("mug.yaml")
    alive = yard.worker("alive")
    yard.begun(alive)
    with alive.ownership.lock():
        assert yard.worker("other").ownership.leftovers() == ()
    assert len(alive.ownership.leftovers()) == 1


def test_claims_of_another_host_stay(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.drop("mug.yaml")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("worker.spool.folder_spool.host_name", lambda: "elsewhere")
        yard.begun(yard.worker("far"))
    assert yard.worker("near").ownership.leftovers() == ()


@pytest.mark.parametrize("step", ["linked", "moved"])
def test_a_half_way_return_of_a_dead_worker_that_was_claimed_again_is_dropped(yard, step: str) -> None:
    """The dead one's folder has the same job id as the live one's claim: it must neither block nor be rendered."""
    dead, heir = yard.worker("dead"), yard.worker("heir")
    yard.drop("mug.yaml")
    former = yard.begun(dead)
    copy = yard.root / "as it was"
    shutil.copytree(former.dropped.parent.parent, copy)
    dead.ownership.give_back(former)
    claim = yard.begun(heir)
    folder = former.dropped.parent.parent
    shutil.copytree(copy, folder)
    if step == "moved":
        former.dropped.unlink()
    assert heir.ownership.leftovers() == (claim,)
    assert not folder.exists()


def test_a_claim_that_died_before_comparing_contents_goes_back_if_it_was_growing(yard) -> None:
    spool, path = yard.worker(), yard.drop("mug.yaml")
    claim = yard.claimed(spool)
    claim.dropped.write_text("prompt: mug with a lid\n")
    assert yard.worker().ownership.leftovers() == ()
    assert path.read_text() == "prompt: mug with a lid\n"


def test_a_claim_is_not_removed_while_a_job_lies_in_it(yard, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.claimed(spool)
    with monkeypatch.context() as blind:
        blind.setattr("worker.spool.claims.dropped_in", lambda folder, record: None)
        assert spool.ownership.leftovers() == ()
    assert spool.ownership.leftovers() == (claim,)


def test_claims_of_a_worker_whose_lock_lies_elsewhere_stay(yard) -> None:
    """Another user's worker on this host, with its own state folder: its lock looks free here, and is not."""
    yard.drop("mug.yaml")
    other = FolderSpool(
        yard.folders,
        worker_id="other",
        state_dir=yard.root / "theirs",
        options=SpoolOptions(settle_s=2.0),
        clock=lambda: 0.0,
    )
    with other.ownership.lock():
        (candidate,) = yard.settled(yard.worker())
        assert other.ownership.claim(candidate) is not None
        assert yard.worker().ownership.leftovers() == ()
