from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.spool.settling import (
    LOOK_AGAIN_S,
    UNREAD,
    Sighting,
    fresh_until,
    is_settled,
    looked_again,
    must_read,
)

LOOKS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.floats(0.0, 5.0)), min_size=1, max_size=12)


def seen(stamp: str, content: str, now_s: float) -> Sighting:
    return Sighting(stamp=stamp, fingerprint=content, since_s=now_s)


@given(looks=LOOKS, settle_s=st.floats(0.1, 6.0))
def test_settled_means_two_equal_readings_at_least_settle_s_apart_and_nothing_else_between(
    looks: list[tuple[str, str, float]], settle_s: float
) -> None:
    now_s, sighting = 0.0, None
    readings: list[tuple[float, str, str]] = []
    for stamp, content, step_s in looks:
        now_s += step_s
        if must_read(sighting, stamp=stamp, now_s=now_s, settle_s=settle_s):
            sighting = looked_again(sighting, now=seen(stamp, content, now_s))
            readings.append((now_s, stamp, content))
        assert sighting is not None
        if is_settled(sighting, now_s=now_s, settle_s=settle_s):
            (first_s, *first), (last_s, *last) = readings[-2:]
            assert first == last
            assert last_s - first_s >= settle_s


def test_a_change_that_the_stamp_does_not_show_starts_the_wait_anew() -> None:
    former = seen("s", "old", 0.0)
    assert must_read(former, stamp="s", now_s=2.0, settle_s=2.0)
    again = looked_again(former, now=seen("s", "new", 2.0))
    assert not is_settled(again, now_s=2.0, settle_s=2.0)
    assert again.since_s == 2.0


def test_contents_are_read_at_first_and_once_to_confirm() -> None:
    first = looked_again(None, now=seen("s", "f", 0.0))
    assert not must_read(first, stamp="s", now_s=1.9, settle_s=2.0)
    assert must_read(first, stamp="s", now_s=2.0, settle_s=2.0)
    confirmed = looked_again(first, now=seen("s", "f", 2.0))
    assert is_settled(confirmed, now_s=2.0, settle_s=2.0)
    assert not must_read(confirmed, stamp="s", now_s=99.0, settle_s=2.0)


def test_what_is_large_is_read_only_after_it_was_quiet_and_once_to_confirm() -> None:
    def reads(known: Sighting | None, *, now_s: float) -> bool:
        return must_read(known, stamp="s", is_much=True, now_s=now_s, settle_s=2.0)

    assert not reads(None, now_s=0.0)
    unread = looked_again(None, now=seen("s", UNREAD, 0.0))
    assert not reads(unread, now_s=1.9)
    assert reads(unread, now_s=2.0)
    first = looked_again(unread, now=seen("s", "f", 2.0))
    assert not is_settled(first, now_s=9.0, settle_s=2.0)
    assert not reads(first, now_s=3.9)
    assert reads(first, now_s=4.0)
    confirmed = looked_again(first, now=seen("s", "f", 4.0))
    assert is_settled(confirmed, now_s=4.0, settle_s=2.0)
    assert not reads(confirmed, now_s=99.0)


def test_what_is_large_and_changes_behind_its_stamp_is_read_ever_more_rarely() -> None:
    readings, sighting = 0, None
    for now_s in range(200):
        if must_read(sighting, stamp="s", is_much=True, now_s=now_s, settle_s=2.0):
            readings += 1
            sighting = looked_again(sighting, now=seen("s", f"contents at {now_s}", now_s))
        elif sighting is None:
            sighting = looked_again(None, now=seen("s", UNREAD, now_s))
    assert readings <= 8


def test_what_is_small_is_read_as_often_as_before_whatever_it_did() -> None:
    former = looked_again(seen("s", "old", 0.0), now=seen("s", "new", 2.0))
    assert must_read(former, stamp="s", now_s=4.0, settle_s=2.0)


def test_a_settled_job_is_left_alone_for_a_while_and_then_looked_at_again() -> None:
    first = seen("s", "f", 0.0)
    assert fresh_until(None, looked_s=1.0) == fresh_until(first, looked_s=1.0) == 0.0
    confirmed = looked_again(first, now=seen("s", "f", 2.0))
    assert fresh_until(confirmed, looked_s=2.0) == 2.0 + LOOK_AGAIN_S
