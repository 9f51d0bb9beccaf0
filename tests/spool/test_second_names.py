"""A return that stopped between its two steps leaves a job under two names: it is made once all the same."""

from __future__ import annotations

import errno
import os
from contextlib import suppress

import pytest
from failing_calls import FailingCalls

from worker.records import Claim


def half_returned(yard, *, name: str = "mug.yaml") -> Claim:
    """The first worker's claim, whose job lies in the inbox again and could not leave the claim."""
    first = yard.worker("w1")
    yard.drop(name)
    claim = yard.begun(first, name)
    refused = FailingCalls(lambda call, path: errno.EMFILE if call == "unlink" and path.endswith(f"/{name}") else None)
    with refused.installed(), suppress(OSError):
        first.ownership.give_back(claim)
    assert claim.dropped.stat().st_nlink == 2
    return claim


@pytest.mark.parametrize("name", ["mug.yaml", "jug.yaml"])
def test_whoever_takes_it_from_the_inbox_takes_it_from_the_claim_too(yard, name: str) -> None:
    claim = half_returned(yard)
    (yard.folders.inbox / "mug.yaml").rename(yard.folders.inbox / name)  # a person may call it anew meanwhile
    second = yard.worker("w2")
    assert yard.claimed(second, name).dropped.read_text() == "prompt: mug\n"
    assert not claim.dropped.exists()
    assert [one.dropped.name for one in yard.worker("w1").ownership.leftovers()] in ([], [name])  # taken over at most


@pytest.mark.parametrize("name", ["mug.yaml", "jug.yaml"])
def test_whoever_finds_the_claim_leaves_the_one_in_the_inbox(yard, name: str) -> None:
    claim = half_returned(yard)
    (yard.folders.inbox / "mug.yaml").rename(yard.folders.inbox / name)
    assert yard.worker("w1").ownership.leftovers() == ()
    assert not claim.dropped.exists()
    assert (yard.folders.inbox / name).read_text() == "prompt: mug\n"


def test_while_the_second_name_stays_the_job_is_not_claimed(yard) -> None:
    claim = half_returned(yard)
    second = yard.worker("w2")
    (candidate,) = yard.settled(second)
    refused = FailingCalls(lambda call, path: errno.EMFILE if call == "unlink" and "/w1/" in path else None)
    with refused.installed():
        assert second.ownership.claim(candidate) is None
    assert claim.dropped.exists()
    assert (yard.folders.inbox / "mug.yaml").exists()
    assert second.ownership.claim(candidate) is not None


def test_a_file_that_somebody_linked_elsewhere_is_a_job_as_any(yard) -> None:
    os.link(yard.drop("mug.yaml"), yard.root / "twin.yaml")
    claim = yard.claimed(yard.worker())
    assert claim.dropped.read_text() == "prompt: mug\n"
    assert (yard.root / "twin.yaml").exists()


def test_a_return_goes_on_when_somebody_else_has_removed_the_second_name(yard, monkeypatch) -> None:
    spool = yard.worker()
    yard.drop("mug.yaml")
    claim = yard.begun(spool)
    really = os.link

    def linked(source, target, **named) -> None:
        really(source, target, **named)
        if source == claim.dropped:
            claim.dropped.unlink()

    monkeypatch.setattr(os, "link", linked)
    assert spool.ownership.give_back(claim)
    assert (yard.folders.inbox / "mug.yaml").read_text() == "prompt: mug\n"
    assert spool.ownership.leftovers() == ()
