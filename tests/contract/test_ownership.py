"""What `spool_ports.Ownership` promises, held against the folders and the in-memory twin."""

from __future__ import annotations

import pytest

from worker.errors import ClaimLost, WorkerIdTaken


def test_a_claim_takes_the_job_out_of_the_inbox_for_one_worker_alone(spools) -> None:
    first, second = spools.worker("w1"), spools.worker("w2")
    spools.drop("mug.yaml")
    for spool in (first, second):
        spools.settle(spool)
    (candidate,), (same,) = first.inbox.scan(), second.inbox.scan()
    claim = first.ownership.claim(candidate)
    assert claim is not None
    assert (claim.stem, claim.attempt, claim.earlier) == ("mug", 0, ())
    assert claim.dropped.read_text() == "prompt: a mug\n"
    assert second.ownership.claim(same) is None
    assert first.inbox.waiting() == frozenset()
    assert first.ownership.holds(claim)


def test_what_changed_since_it_settled_is_not_claimed_and_stays(spools) -> None:
    spool = spools.worker()
    spools.drop("mug.yaml")
    spools.settle(spool)
    (candidate,) = spool.inbox.scan()
    spools.drop("mug.yaml", "prompt: a mug with a lid\n", at_s=3000)
    assert spool.ownership.claim(candidate) is None
    assert spool.inbox.waiting() == {"mug.yaml"}
    assert spool.ownership.leftovers() == ()


def test_an_attempt_is_counted_and_has_an_id_of_its_own(spools) -> None:
    spool = spools.worker()
    claim = spools.claimed(spool)
    begun = spool.ownership.begin(claim)
    again = spool.ownership.begin(begun)
    assert [claim.attempt, begun.attempt, again.attempt] == [0, 1, 2]
    assert len({claim.id, begun.id, again.id}) == 3
    assert {claim.job_id, begun.job_id, again.job_id} == {claim.job_id}
    assert again.earlier[0] == begun.id


def test_a_job_given_back_waits_again_keeps_its_id_and_its_attempt_is_not_counted(spools) -> None:
    spool = spools.worker()
    begun = spool.ownership.begin(spools.claimed(spool))
    spool.ownership.give_back(begun)
    assert spool.inbox.waiting() == {"mug.yaml"}
    assert not spool.ownership.holds(begun)
    assert spool.ownership.leftovers() == ()
    again = spools.claimed(spools.worker("w2"))
    assert (again.job_id, again.attempt) == (begun.job_id, 0)
    assert begun.id in again.earlier


def test_leftovers_are_one_s_own_and_those_of_the_dead_oldest_first(spools) -> None:
    dead, alive, heir = spools.worker("dead"), spools.worker("alive"), spools.worker("heir")
    with alive.ownership.lock():
        with dead.ownership.lock():
            for name, at_s in (("young.yaml", 2000), ("old.yaml", 1000)):
                spools.drop(name, f"prompt: {name}\n", at_s=at_s)
                spools.claimed(dead, name)
            kept = spools.claimed(alive)
        with heir.ownership.lock():
            assert [claim.stem for claim in heir.ownership.leftovers()] == ["old", "young"]
            assert heir.ownership.leftovers() == heir.ownership.leftovers()
        assert alive.ownership.holds(kept)


def test_leftovers_that_were_laid_aside_come_after_what_was_in_work(spools) -> None:
    dead, heir = spools.worker("dead"), spools.worker("heir")
    with dead.ownership.lock():
        for name, at_s in (("young.yaml", 2000), ("old.yaml", 1000)):
            spools.drop(name, f"prompt: {name}\n", at_s=at_s)
            claim = dead.ownership.begin(spools.claimed(dead, name))
            dead.ownership.working(claim, ["a_01.png"], has_made=False)
        dead.ownership.rest(claim)
    with heir.ownership.lock():
        assert [(claim.stem, claim.rests) for claim in heir.ownership.leftovers()] == [("young", False), ("old", True)]


def test_who_lost_a_claim_learns_it(spools) -> None:
    dead, heir = spools.worker("dead"), spools.worker("heir")
    with dead.ownership.lock():
        claim = spools.claimed(dead)
    with heir.ownership.lock():
        (taken,) = heir.ownership.leftovers()
        assert taken.job_id == claim.job_id
        assert not dead.ownership.holds(claim)
        for act in (dead.ownership.begin, dead.ownership.give_back):
            with pytest.raises(ClaimLost):
                act(claim)
        assert heir.ownership.holds(taken)


def test_an_id_belongs_to_one_live_worker(spools) -> None:
    with spools.worker("w1").ownership.lock():
        with pytest.raises(WorkerIdTaken, match="w1"):
            spools.worker("w1").ownership.lock().__enter__()
        with spools.worker("w2").ownership.lock():
            pass
    with spools.worker("w1").ownership.lock():
        pass


def test_a_share_that_fails_is_an_os_error_and_the_claim_stands(spools) -> None:
    spool = spools.worker()
    with spool.ownership.lock():
        claim = spools.claimed(spool)
        spools.break_share()
        for act in (
            spool.ownership.leftovers,
            lambda: spool.ownership.holds(claim),
            lambda: spool.ownership.begin(claim),
            lambda: spool.ownership.give_back(claim),
        ):
            with pytest.raises(OSError, match=r"away|No such file|mount the share"):
                act()
        spool.ownership.beat()  # never raises
        spools.mend_share()
        assert spool.ownership.holds(claim)
        assert spool.ownership.begin(claim).attempt == 1


def test_a_job_whose_name_is_taken_is_not_given_back_and_its_claim_stands(spools) -> None:
    spool = spools.worker()
    begun = spool.ownership.begin(spools.claimed(spool))
    spools.drop("mug.yaml", "prompt: another mug\n")
    assert spool.ownership.give_back(begun) is False
    assert spool.ownership.holds(begun)
    (left,) = spool.ownership.leftovers()
    assert (left.job_id, left.dropped.read_text()) == (begun.job_id, "prompt: a mug\n")


def test_a_job_is_given_back_once(spools) -> None:
    spool = spools.worker()
    begun = spool.ownership.begin(spools.claimed(spool))
    assert spool.ownership.give_back(begun) is True
    with pytest.raises(ClaimLost):
        spool.ownership.give_back(begun)
    assert spool.inbox.waiting() == {"mug.yaml"}


def test_a_death_is_counted_with_the_pictures_that_were_in_work(spools) -> None:
    first = spools.worker()
    begun = first.ownership.begin(spools.claimed(first))
    first.ownership.working(begun, ("a.png", "b.png"), has_made=False)
    second = spools.worker()
    again = second.ownership.begin(begun)
    assert (again.deaths, again.fruitless) == ((("a.png", "b.png"),), 1)
    third = spools.worker()
    assert third.ownership.begin(again).deaths == (("a.png", "b.png"), ())
    assert third.ownership.begin(again).fruitless == 2  # a step that is repeated counts nothing twice


def test_a_picture_that_was_made_clears_what_was_for_nothing(spools) -> None:
    first = spools.worker()
    begun = first.ownership.begin(spools.claimed(first))
    second = spools.worker()
    again = second.ownership.begin(begun)
    assert again.fruitless == 1
    second.ownership.working(again, ("b.png",), has_made=True)
    assert spools.worker().ownership.begin(again).fruitless == 1


def test_a_stop_is_no_death_also_where_the_job_is_not_given_back(spools) -> None:
    first, second = spools.worker(), spools.worker()
    with first.ownership.lock():
        begun = first.ownership.begin(spools.claimed(first))
        first.ownership.working(begun, ("a.png",), has_made=False)
    with second.ownership.lock():
        assert second.ownership.begin(begun).deaths == ()


def test_a_death_while_a_job_is_laid_aside_counts_against_nothing_until_it_is_worked_on_again(spools) -> None:
    first = spools.worker()
    begun = first.ownership.begin(spools.claimed(first))
    first.ownership.working(begun, ("a.png",), has_made=False)
    first.ownership.rest(begun)
    second = spools.worker()
    again = second.ownership.begin(begun)
    assert (again.deaths, again.fruitless) == ((), 0)
    second.ownership.rest(again)
    second.ownership.working(again, (), has_made=False)
    last = spools.worker().ownership.begin(again)
    assert (last.deaths, last.fruitless) == (((),), 1)


def test_a_job_that_was_given_back_keeps_its_deaths(spools) -> None:
    first, second = spools.worker(), spools.worker()
    begun = first.ownership.begin(spools.claimed(first))
    first.ownership.working(begun, ("a.png",), has_made=False)
    again = second.ownership.begin(begun)
    second.ownership.give_back(again)
    third = spools.worker()
    claim = spools.claimed(third)
    assert (claim.deaths, claim.fruitless) == ((("a.png",),), 1)
    assert third.ownership.begin(claim).deaths == (("a.png",),)


def test_who_lost_a_claim_learns_it_before_the_next_picture(spools) -> None:
    dead, heir = spools.worker("dead"), spools.worker("heir")
    with dead.ownership.lock():
        claim = dead.ownership.begin(spools.claimed(dead))
        dead.ownership.prove(claim)
    with heir.ownership.lock():
        (taken,) = heir.ownership.leftovers()
        with pytest.raises(ClaimLost):
            dead.ownership.working(claim, ("a.png",), has_made=False)
        heir.ownership.prove(taken)


def test_a_job_that_is_given_back_before_it_was_begun_keeps_its_attempts_and_deaths(spools) -> None:
    dead, heir, third = spools.worker(), spools.worker(), spools.worker()
    begun = dead.ownership.begin(spools.claimed(dead))
    dead.ownership.working(begun, ("a.png",), has_made=False)
    (left,) = heir.ownership.leftovers()
    assert heir.ownership.give_back(left)
    claim = spools.claimed(third)
    assert (claim.attempt, claim.deaths, claim.fruitless) == (1, (("a.png",),), 1)
    assert third.ownership.give_back(claim)
    claim = spools.claimed(third)
    assert (claim.attempt, claim.deaths) == (1, (("a.png",),))
    assert third.ownership.begin(claim).attempt == 2
