"""Who is alive, by counters and one's own clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.spool.alive.lease import Heartbeat, is_dead, must_prove, watched

LEASE_S = 120.0


def beat(count: int, *, is_stopped: bool = False) -> Heartbeat:
    return Heartbeat(run="r", count=count, host="h", locks="l", is_stopped=is_stopped)


@pytest.mark.slow
@given(st.lists(st.floats(0.1, 39.0), min_size=1, max_size=50), st.floats(-1e6, 1e6))
def test_a_worker_that_beats_within_the_lease_is_never_dead(gaps: list[float], start_s: float) -> None:
    """Whatever the clocks of both say: only the observer's differences count."""
    seen, now_s = None, start_s
    for count, gap in enumerate(gaps):
        seen = watched(seen, beat(count), now_s=now_s)
        now_s += gap
        assert not is_dead(watched(seen, beat(count), now_s=now_s), now_s=now_s, lease_s=LEASE_S)


def test_silence_for_the_whole_lease_is_death_and_not_a_second_less() -> None:
    seen = watched(None, beat(7), now_s=10.0)
    assert not is_dead(watched(seen, beat(7), now_s=129.9), now_s=129.9, lease_s=LEASE_S)
    assert is_dead(watched(seen, beat(7), now_s=130.0), now_s=130.0, lease_s=LEASE_S)


def test_a_worker_without_a_beat_is_watched_from_the_first_look() -> None:
    seen = watched(None, None, now_s=0.0)
    assert not is_dead(seen, now_s=119.0, lease_s=LEASE_S)
    assert is_dead(watched(seen, None, now_s=120.0), now_s=120.0, lease_s=LEASE_S)


def test_a_worker_that_said_goodbye_is_dead_at_once() -> None:
    assert is_dead(watched(None, beat(9, is_stopped=True), now_s=0.0), now_s=0.0, lease_s=LEASE_S)


@given(st.floats(0, 1e6), st.floats(61, 3600))
def test_an_owner_stops_trusting_itself_before_any_observer_gives_it_up(last_s: float, lease_s: float) -> None:
    """An observer may have seen the last beat as early as it was written, never earlier."""
    given_up_s = last_s + lease_s
    assert must_prove(last_s, now_s=given_up_s, lease_s=lease_s)
    assert must_prove(last_s, now_s=last_s + lease_s / 2 + 1e-3, lease_s=lease_s)
    assert not must_prove(last_s, now_s=last_s + lease_s / 2 - 1, lease_s=lease_s)
