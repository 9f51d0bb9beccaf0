"""Who shares a worker takes turns, and a quota holds what one person has too much of; nothing waits for ever."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from house import MODEL, House
from hypothesis import given
from hypothesis import strategies as st
from twins import PaintingRenderer

from worker.daemon.fair_turns import Served, in_fair_order
from worker.queued_job import QueuedJob
from worker.records import PictureKind

ONE = PictureKind(pixels=4096, steps=2, is_guided=False)
OWNERS = ["anna", "ben", None]


def job(name: str, owner: str | None = None, *, pictures: int = 1, priority: int = 0) -> QueuedJob:
    return QueuedJob(name=name, work={ONE: pictures} if pictures else {}, priority=priority, dropped_by=owner)


def names(jobs: list[QueuedJob]) -> list[str]:
    return [one.name for one in jobs]


queues = st.lists(
    st.tuples(st.sampled_from(OWNERS), st.integers(0, 30), st.sampled_from([-100, 0, 0, 0, 100])), max_size=20
).map(lambda rows: [job(str(age), owner, pictures=n, priority=rank) for age, (owner, n, rank) in enumerate(rows)])
quotas = st.none() | st.integers(1, 40)
histories = st.lists(st.sampled_from(OWNERS), max_size=5)


def served(history: list[str | None]) -> Served:
    so_far = Served()
    for owner in history:
        so_far = so_far.after(owner, pictures=3)
    return so_far


def test_one_job_of_a_colleague_comes_second_of_five_hundred() -> None:
    many = [job(f"a{n}", "anna") for n in range(500)]
    assert names(in_fair_order([*many, job("b", "ben")], Served()))[:3] == ["a0", "b", "a1"]
    assert names(in_fair_order([*many, job("b", "ben")], Served().after("anna")))[:3] == ["b", "a0", "a1"]


@pytest.mark.slow
@given(jobs=queues, quota=quotas, history=histories)
def test_nothing_is_lost_and_each_owners_jobs_keep_their_order(
    jobs: list[QueuedJob], quota: int | None, history: list[str | None]
) -> None:
    order = in_fair_order(jobs, served(history), quota=quota)
    assert sorted(names(order)) == sorted(names(jobs))
    for owner in OWNERS:
        theirs = [one for one in jobs if one.dropped_by == owner]
        expected = sorted(theirs, key=lambda one: (-one.priority, int(one.name)))
        assert names([one for one in order if one.dropped_by == owner]) == names(expected)


@given(jobs=queues, quota=quotas, history=histories)
def test_one_owner_alone_has_the_order_by_priority_and_age(
    jobs: list[QueuedJob], quota: int | None, history: list[str | None]
) -> None:
    alone = [one for one in jobs if one.dropped_by == "anna"]
    expected = sorted(alone, key=lambda one: (-one.priority, int(one.name)))
    assert names(in_fair_order(alone, served(history), quota=quota)) == names(expected)


@given(jobs=queues, history=histories)
def test_without_a_quota_no_owner_is_passed_twice_by_another_of_the_same_priority(
    jobs: list[QueuedJob], history: list[str | None]
) -> None:
    order = in_fair_order(jobs, served(history))
    for number, one in enumerate(order):
        same = [other.dropped_by for other in order[:number] if other.priority == one.priority]
        since = len(same) - same[::-1].index(one.dropped_by) if one.dropped_by in same else 0
        between = same[since:]
        assert len(between) == len(set(between)), "an owner had two turns while this one waited for one"


@given(jobs=queues, quota=quotas, history=histories)
def test_the_order_told_is_the_order_in_which_jobs_are_taken(
    jobs: list[QueuedJob], quota: int | None, history: list[str | None]
) -> None:
    """What is told at first is what comes of it, when each job is decided anew."""
    told, left, so_far = names(in_fair_order(jobs, served(history), quota=quota)), jobs, served(history)
    taken = []
    while left:
        order = in_fair_order(left, so_far, quota=quota)
        if not any(one.is_held for one in order):
            so_far = Served(count=so_far.count, last=so_far.last)
        first = order[0]
        so_far = so_far.after(first.dropped_by, pictures=first.pictures, is_held=first.is_held)
        left = [one for one in left if one.name != first.name]
        taken.append(first.name)
    assert taken == told


def test_beyond_the_quota_others_go_first_and_then_it_goes_on() -> None:
    catalogue = job("catalogue", "anna", pictures=10_000)
    small = [job(f"b{n}", "ben", pictures=10) for n in range(30)]
    order = in_fair_order([catalogue, *small], Served(), quota=200)
    assert names(order)[:21] == [*(f"b{n}" for n in range(20)), "catalogue"], "after 200 pictures of others"
    assert [one.name for one in order if one.is_held] == ["catalogue", *(f"b{n}" for n in range(20, 30))]


@given(arrivals=st.lists(st.integers(1, 9), min_size=60, max_size=60))
def test_whoever_is_held_goes_on_however_much_others_drop(arrivals: list[int]) -> None:
    held = job("held", "anna", pictures=1_000)
    waiting, so_far = [held], Served()
    for number, pictures in enumerate(arrivals):
        waiting.append(job(f"b{number}", "ben", pictures=pictures))
        first = in_fair_order(waiting, so_far, quota=20)[0]
        if first.name == "held":
            return
        so_far = so_far.after(first.dropped_by, pictures=first.pictures)
        waiting.remove(first)
    raise AssertionError("held for ever")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def drop(house: House, name: str, *, uid: int, count: int = 1, age: int) -> None:
    house.drop(name, f"prompt: a mug, {name}\ncount: {count}\n")
    path = house.folders.inbox / name
    os.utime(path, (1_000 + age, 1_000 + age))
    os.chown(path, uid, -1)


def finished(house: House) -> list[str]:
    folders = (path for path in (house.root / "outbox").iterdir() if (path / "manifest.json").exists())
    return [path.name for path in sorted(folders, key=lambda path: (path / "manifest.json").stat().st_mtime_ns)]


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_owners_take_turns_in_a_night(house: House) -> None:
    for number in range(3):
        drop(house, f"a{number}.yaml", uid=4711, age=number)
    drop(house, "b.yaml", uid=4712, age=9)
    assert house.drain() == 0
    assert finished(house) == ["a0", "b", "a1", "a2"]


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_held_job_is_told_why_and_done_in_the_end(house: House) -> None:
    drop(house, "catalogue.yaml", uid=4711, count=5, age=0)
    drop(house, "b1.yaml", uid=4712, age=1)
    drop(house, "b2.yaml", uid=4712, age=2)
    told: list[str] = []
    receipt = house.root / "outbox" / "receipts" / "catalogue.yaml.txt"
    painter = PaintingRenderer(after=lambda _: told.append(receipt.read_text("utf-8") if receipt.exists() else ""))
    worker = house.worker(painter, quota=4)
    with worker.spool.ownership.lock(house.wait):
        assert worker.daemon(MODEL).run(drain=True) == 0
    assert finished(house) == ["b1", "b2", "catalogue"]
    assert "4711 has more than 4 pictures waiting" in told[0]
    assert not receipt.exists()


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_what_another_worker_has_taken_was_its_owners_turn(house: House) -> None:
    """Of two workers, the second takes the colleague's job and not the next of the same person."""
    for number in range(2):
        drop(house, f"a{number}.yaml", uid=4711, age=number)
    drop(house, "b.yaml", uid=4712, age=9)
    other = house.spool("w2", state="state2")
    other.inbox.scan()
    house.spend(5.0)
    first, *_ = other.inbox.scan()
    assert other.ownership.claim(first) is not None
    with other.ownership.lock(house.wait):
        house.drain()
    assert finished(house) == ["b", "a1"]


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_job_that_is_made_again_is_held_for_what_is_made_alone(house: House) -> None:
    drop(house, "catalogue.yaml", uid=4711, count=6, age=0)
    house.drain(PaintingRenderer(refuses=["shot-01_02.png"]))
    house.drop("catalogue.retry", "")
    os.chown(house.root / "inbox/catalogue.retry", 4711, -1)
    drop(house, "b.yaml", uid=4712, count=4, age=9)
    told: list[str] = []
    receipt = house.root / "outbox" / "receipts" / "catalogue.txt"

    def look(_: object) -> None:
        house.wait(20.0)
        told.append(receipt.read_text("utf-8") if receipt.exists() else "")

    painter = PaintingRenderer(after=look)
    worker = house.worker(painter, quota=4)
    with worker.spool.ownership.lock(house.wait):
        assert worker.daemon(MODEL).run(drain=True) == 0
    assert len(painter.painted) == 5
    assert "It asks for 1 picture." in told[3]
    assert "4711 has more than" not in "".join(told)
