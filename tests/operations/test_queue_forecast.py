"""When waiting jobs begin, by who is free when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.operations.queue_forecast import InWork, forecast
from worker.operations.speeds import learned
from worker.queued_job import QueuedJob
from worker.records import PictureKind

ONE = PictureKind(pixels=4096, steps=2, is_guided=False)
SPEEDS = learned((), ONE, seconds=2.0)


def jobs(*pictures: int) -> list[QueuedJob]:
    return [QueuedJob(name=str(number), work={ONE: count} if count else {}) for number, count in enumerate(pictures)]


def starts(*pictures: int, free: list[float | None]) -> list[float | None]:
    return [turn.starts_in_s for turn in forecast(jobs(*pictures), SPEEDS, free_in_s=free).turns]


def test_one_worker_does_one_after_the_other_and_what_it_has_in_work_first() -> None:
    assert starts(3, 0, 5, free=[7.0]) == [7.0, 13.0, 13.0]
    assert forecast(jobs(3, 0, 5), SPEEDS, free_in_s=[7.0]).ends_in_s == 23.0


def test_whoever_is_free_first_takes_the_next() -> None:
    assert starts(10, 1, 1, free=[0.0, 5.0]) == [0.0, 5.0, 7.0]


def test_where_nobody_works_or_nothing_is_known_no_time_is_told() -> None:
    assert starts(1, 1, free=[]) == [None, None]
    assert starts(1, free=[None]) == [None]
    unknown = forecast(jobs(0, 1, 1), (), free_in_s=[0.0])
    assert [turn.starts_in_s for turn in unknown.turns] == [0.0, 0.0, None]
    assert unknown.ends_in_s is None


def test_a_more_urgent_job_begins_at_once_and_what_is_in_work_comes_before_all_of_its_own_priority() -> None:
    queue = [QueuedJob(name="high", work={ONE: 2}, priority=10), *jobs(3), QueuedJob(name="low", priority=-1)]
    in_work = InWork(priority=0, left_s=100.0)
    told = forecast(queue, SPEEDS, free_in_s=[0.0], in_work=in_work, between_s=1.0)
    assert [turn.starts_in_s for turn in told.turns] == [0.0, 106.0, 113.0]
    assert told.ends_in_s == 113.0


def test_an_urgent_job_waits_for_the_picture_in_work_which_is_part_of_what_is_left() -> None:
    urgent = [QueuedJob(name="high", work={ONE: 2}, priority=10)]
    in_work = InWork(priority=0, left_s=100.0, gives_way_in_s=30.0)
    told = forecast(urgent, SPEEDS, free_in_s=[0.0], in_work=in_work)
    assert (told.turns[0].starts_in_s, told.ends_in_s) == (30.0, 104.0)
    assert forecast(jobs(1), SPEEDS, free_in_s=[0.0], in_work=in_work).turns[0].starts_in_s == 100.0


def test_a_worker_that_is_idle_takes_the_urgent_job_and_a_held_one_interrupts_nobody() -> None:
    urgent = [QueuedJob(name="high", work={ONE: 2}, priority=10)]
    in_work = InWork(priority=0, left_s=100.0)
    assert forecast(urgent, SPEEDS, free_in_s=[0.0, 0.0], in_work=in_work).ends_in_s == 100.0
    held = [QueuedJob(name="high", work={ONE: 2}, priority=10, is_held=True)]
    assert forecast(held, SPEEDS, free_in_s=[0.0], in_work=in_work).turns[0].starts_in_s == 100.0


def test_nothing_is_told_of_what_comes_after_a_job_of_which_nobody_knows_how_long_it_takes() -> None:
    queue = [QueuedJob(name="high", work={ONE: 2}, priority=10), *jobs(3)]
    told = forecast(queue, SPEEDS, free_in_s=[0.0], in_work=InWork(priority=0, left_s=None))
    assert [turn.starts_in_s for turn in told.turns] == [0.0, None]
    assert told.ends_in_s is None


@given(
    pictures=st.lists(st.integers(0, 50), max_size=30), free=st.lists(st.floats(0, 1e4), min_size=1, max_size=4)
)  # fmt: skip
def test_more_workers_never_end_later_than_one_and_nobody_is_idle_before_the_end(
    pictures: list[int], free: list[float]
) -> None:
    told = forecast(jobs(*pictures), SPEEDS, free_in_s=list(free))
    work = 2.0 * sum(pictures)
    assert told.ends_in_s is not None
    assert told.ends_in_s <= max(free) + work + 1e-6
    assert told.ends_in_s + 1e-6 >= max(*free, (sum(free) + work) / len(free))
    begun = [turn.starts_in_s for turn in told.turns]
    assert begun == sorted(begun), "in the order in which they are taken"
