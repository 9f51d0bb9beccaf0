"""What `spool_ports.Inbox` promises, held against the folders and the in-memory twin."""

from __future__ import annotations

import pytest

from worker.spool.listing import RECENT_S
from worker.translation import gettext


def test_waiting_names_every_job_settled_or_not(spools) -> None:
    inbox = spools.worker().inbox
    assert inbox.waiting() == frozenset()
    spools.drop("mug.yaml")
    spools.drop(".hidden.yaml")
    spools.drop("PAUSE")
    assert inbox.waiting() == {"mug.yaml"}


def test_a_job_settles_when_it_stays_unchanged_and_the_oldest_is_first(spools) -> None:
    inbox = spools.worker().inbox
    spools.drop("young.yaml", at_s=2000)
    spools.drop("old.yaml", at_s=1000)
    assert inbox.scan() == ()
    spools.now_s += 2.0
    assert [one.stem for one in inbox.scan()] == ["old", "young"]
    assert [one.path.name for one in inbox.scan()] == ["old.yaml", "young.yaml"]


def test_a_change_begins_the_wait_anew(spools) -> None:
    inbox = spools.worker().inbox
    spools.drop("mug.yaml")
    inbox.scan()
    spools.now_s += 1.0
    spools.drop("mug.yaml", "prompt: a red mug\n", at_s=1500)
    inbox.scan()
    spools.now_s += 1.5
    assert inbox.scan() == ()
    spools.now_s += 0.5
    assert len(inbox.scan()) == 1


def test_a_candidate_s_fingerprint_is_of_its_contents(spools) -> None:
    inbox = spools.worker().inbox
    for name, text in (("a.yaml", "prompt: one\n"), ("b.yaml", "prompt: two\n"), ("c.yaml", "prompt: one\n")):
        spools.drop(name, text)
    inbox.scan()
    spools.now_s += 2.0
    prints = {one.stem: one.fingerprint for one in inbox.scan()}
    assert prints["a"] != prints["b"]


def test_what_people_put_there_to_steer_is_seen_and_no_job(spools) -> None:
    spool = spools.worker()
    claim = spools.claimed(spool)
    assert not spool.inbox.is_paused()
    assert spool.inbox.cancelled_by(claim) is None
    spools.drop("PAUSE", "")
    spools.drop("mug.cancel", "")
    assert spool.inbox.is_paused()
    assert spool.inbox.cancelled_by(claim) == "mug.cancel"
    assert spool.inbox.waiting() == frozenset()


def test_a_share_that_fails_is_an_os_error_and_nothing_is_forgotten(spools) -> None:
    spool = spools.worker()
    with spool.ownership.lock():
        spools.drop("mug.yaml")
        spools.settle(spool)
        spools.break_share()
        for look in (spool.inbox.waiting, spool.inbox.scan):
            with pytest.raises(OSError, match=r"away|No such file|mount the share"):
                look()
        assert spool.inbox.is_paused() is False
        spools.mend_share()
        spools.settle(spool)
        assert [one.stem for one in spool.inbox.scan()] == ["mug"]


def test_what_is_no_job_is_passed_over_with_its_reason_and_told_until_it_is_gone(spools) -> None:
    inbox = spools.worker().inbox
    spools.drop("mugs.csv", "sku\n1\n")
    spools.drop("mug.yaml")
    inbox.scan()
    ((name, one),) = inbox.passed_over().items()
    assert (name, one.is_final) == ("mugs.csv", True)
    assert "product table" in one.why
    assert inbox.waiting() == {"mug.yaml"}
    inbox.tell({"mug.yaml": gettext("a problem")})
    assert set(spools.told()) == {"mugs.csv", "mug.yaml"}
    (spools.root / "inbox" / "mugs.csv").unlink()
    spools.settle(spools.worker())
    inbox.scan()
    inbox.tell({})
    assert spools.told() == []


def test_a_claimed_job_that_rests_is_told_until_it_goes_on_or_is_gone(spools) -> None:
    spool = spools.worker()
    claim, other = spools.claimed(spool), spool.ownership.begin(spools.claimed(spool, "vase.yaml"))
    for one in (claim, other):
        spool.inbox.tell_of(one, gettext("it waits for room"))
    assert set(spools.told()) == {"mug.yaml", "vase.yaml"}
    spool.inbox.tell_of(claim, None)
    assert spools.told() == ["vase.yaml"]
    spool.publishing.publish(other, spools.staged(spool, other), name="vase")
    spool.inbox.tell({})
    assert spools.told() == []
    spools.break_share()
    spool.inbox.tell_of(claim, gettext("the share is away"))


def test_telling_never_raises(spools) -> None:
    inbox = spools.worker().inbox
    spools.drop("mug.yaml")
    inbox.scan()
    spools.break_share()
    inbox.tell({"mug.yaml": gettext("a problem")})
    assert inbox.is_paused() is False


@pytest.mark.parametrize("cancel", ["mug.cancel", "MUG.Cancel", "autumn mugs.cancel"])
def test_a_cancel_is_found_by_any_name_that_a_person_sees(spools, cancel: str) -> None:
    spool = spools.worker()
    claim = spools.claimed(spool)
    assert spool.inbox.cancelled_by(claim, shown="Autumn Mugs") is None
    spools.drop(cancel, "")
    spools.now_s += RECENT_S
    assert spool.inbox.cancelled_by(claim, shown="Autumn Mugs") == cancel
    spools.drop("mug.yaml", "prompt: another\n")
    spools.settle(spool)
    (candidate,) = spool.inbox.scan()
    assert spool.inbox.cancelled_by(candidate, shown="Autumn Mugs") == cancel


def test_hearing_never_raises(spools) -> None:
    spool = spools.worker()
    assert not spool.inbox.hear()
    spools.break_share()
    spools.now_s += 60.0
    assert not spool.inbox.hear()
