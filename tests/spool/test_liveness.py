"""A living worker is seen to live whatever it does for long, and one that hangs is not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from worker.errors import ClaimLost
from worker.spool import FolderSpool, SpoolOptions, in_a_thread
from worker.spool.alive.heartbeats import BEAT_S
from worker.spool.alive.liveness import STALL_S

LEASE_S = 120.0


class Heart:
    """Stands for the thread: beats when the test says so."""

    def __init__(self) -> None:
        self.pulse: Callable[[], None] = lambda: None

    @contextmanager
    def driver(self, pulse: Callable[[], None]) -> Iterator[None]:
        self.pulse = pulse
        yield


@pytest.fixture
def machine(yard):
    """A worker of another machine, and its heart."""

    def make(name: str) -> tuple[FolderSpool, Heart]:
        heart = Heart()
        spool = FolderSpool(
            yard.folders, worker_id=name, state_dir=yard.root / f"state-{name}", clock=lambda: yard.now_s,
            options=SpoolOptions(settle_s=2.0, lease_s=LEASE_S), driver=heart.driver,
        )  # fmt: skip
        return spool, heart

    return make


def test_a_worker_whose_steps_take_long_is_never_taken_for_dead(yard, machine) -> None:
    (spool, heart), (other, _) = machine("a"), machine("b")
    yard.drop("mug.yaml")
    with spool.ownership.lock(), other.ownership.lock():
        spool.ownership.begin(yard.claimed(spool))
        for _ in range(5):
            spool.ownership.beat()  # a step is done, and the next takes ten minutes
            for _ in range(60):
                yard.now_s += BEAT_S
                heart.pulse()
                assert other.ownership.leftovers() == ()


def test_a_worker_that_hangs_is_taken_over_within_a_stated_bound(yard, machine) -> None:
    (spool, heart), (other, _) = machine("a"), machine("b")
    yard.drop("mug.yaml")
    with spool.ownership.lock(), other.ownership.lock(), capture_logs() as logs:
        claim = spool.ownership.begin(yard.claimed(spool))
        since_s, taken = yard.now_s, ()
        while not taken:
            yard.now_s += BEAT_S
            heart.pulse()
            taken = other.ownership.leftovers()
        assert STALL_S < yard.now_s - since_s <= STALL_S + LEASE_S + 2 * BEAT_S
        assert [log["event"] for log in logs].count("worker.stalled") == 1
        assert taken[0].job_id == claim.job_id


@pytest.mark.parametrize("heart_first", [True, False])
def test_after_a_silence_the_claim_is_proved_although_the_heart_beats_again(yard, machine, heart_first: bool) -> None:
    """The machine slept, or its network was cut: its heart may wake before its worker."""
    (spool, heart), (other, _) = machine("a"), machine("b")
    yard.drop("mug.yaml")
    with spool.ownership.lock(), other.ownership.lock():
        claim = spool.ownership.begin(yard.claimed(spool))
        other.ownership.leftovers()
        yard.now_s += LEASE_S
        (taken,) = other.ownership.leftovers()
        if heart_first:
            heart.pulse()
        with pytest.raises(ClaimLost):
            spool.ownership.prove(claim)
        other.ownership.prove(taken)


def test_a_claim_that_was_proved_costs_no_look_until_the_next_silence(yard, machine, monkeypatch) -> None:
    spool, heart = machine("a")
    yard.drop("mug.yaml")
    with spool.ownership.lock():
        claim = spool.ownership.begin(yard.claimed(spool))
        yard.now_s += LEASE_S
        heart.pulse()
        looks: list[object] = []
        real = spool.ownership._claims.holds
        monkeypatch.setattr(spool.ownership._claims, "holds", lambda one: (looks.append(one), real(one))[1])
        for _ in range(3):
            spool.ownership.prove(claim)
        assert len(looks) == 1


def test_taken_over_by_its_lease_from_a_worker_that_lives_no_death_is_counted(yard, machine) -> None:
    (spool, heart), (other, _) = machine("a"), machine("b")
    yard.drop("mug.yaml")
    with spool.ownership.lock(), other.ownership.lock():
        claim = spool.ownership.begin(yard.claimed(spool))
        spool.ownership.working(claim, ("a.png",), has_made=False)
        other.ownership.leftovers()
        yard.now_s += LEASE_S
        (taken,) = other.ownership.leftovers()
        begun = other.ownership.begin(taken)
        assert begun.deaths == ()
        heart.pulse()
        with machine("c")[0].ownership.lock():
            assert other.ownership.begin(begun).deaths == ()


def test_in_its_thread_a_heart_beats_while_its_worker_waits_and_no_longer() -> None:
    beats, enough = [], threading.Event()

    def pulse() -> None:
        beats.append(threading.current_thread().name)
        if len(beats) == 2:
            enough.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("worker.spool.alive.beating.EVERY_S", 0.01)
        with in_a_thread(pulse):
            assert enough.wait(10)
    count = len(beats)
    assert set(beats) == {"heartbeat"}
    assert not [thread for thread in threading.enumerate() if thread.name == "heartbeat"]
    assert len(beats) == count


def test_a_beat_that_hangs_with_its_share_keeps_the_worker_from_nothing_but_proofs(yard, machine, monkeypatch) -> None:
    spool, heart = machine("a")
    hangs, may_end = threading.Event(), threading.Event()

    def hanging(*_: object, **__: object) -> None:
        hangs.set()
        may_end.wait(10)

    with spool.ownership.lock():
        yard.now_s += BEAT_S
        with monkeypatch.context() as patch:
            patch.setattr("worker.spool.alive.heartbeats.replace_file", hanging)
            thread = threading.Thread(target=heart.pulse)
            thread.start()
            assert hangs.wait(10)
            spool.ownership.beat()
            yard.now_s += LEASE_S
            patch.setattr("worker.spool.alive.heartbeats.BEAT_S", 0.01)
            with pytest.raises(TimeoutError):
                spool.ownership._liveness.renew()
            may_end.set()
            thread.join(10)


def test_a_heart_makes_no_folder_anew_where_the_share_went_away(yard, machine) -> None:
    """What is left then is the bare mount point."""
    spool, heart = machine("a")
    with spool.ownership.lock():
        away = yard.folders.hidden.rename(yard.root / "away")
        yard.now_s += BEAT_S
        heart.pulse()
        assert not yard.folders.hidden.exists()
        away.rename(yard.folders.hidden)
