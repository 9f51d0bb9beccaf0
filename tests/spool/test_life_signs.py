"""Who lives, for somebody who only looks: at once on the same machine, elsewhere by the share's clock or by ours."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lock_holder import HOLDER
from onlooker import move_away, onlooker, record, seen, states

from worker.spool.alive import locks
from worker.spool.alive.lease import LATE_S, Heartbeat, life_of
from worker.spool.alive.processes import is_running, process_mark

LEASE_S = 120.0


@pytest.fixture
def process(yard):
    """A worker in a process of its own."""
    command = [sys.executable, "-c", HOLDER, str(yard.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "held\n"
        yield one
        one.kill()


def lived(yard) -> None:
    """There was a worker, which is idle as it says."""
    record(yard.folders, "w1", "idle")
    with yard.worker("w1").ownership.lock():
        pass


def killed(process) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(5)


@pytest.mark.slow
def test_a_killed_worker_is_dead_at_once_by_its_lock(yard, process) -> None:
    reader = onlooker(yard.folders)
    record(yard.folders, "w1", "rendering", job="mugs")
    assert states(reader.look()) == {"w1": "rendering"}
    killed(process)
    (worker,) = reader.look().workers
    assert (worker.state, worker.job) == ("dead", None)


@pytest.mark.slow
def test_whoever_cannot_reach_the_locks_sees_by_the_process_that_it_is_dead(yard, process) -> None:
    mine = yard.root / "mine"
    record(yard.folders, "w1", "idle")
    assert states(seen(yard.folders, state=mine)) == {"w1": "idle"}
    killed(process)
    assert states(seen(yard.folders, state=mine)) == {"w1": "dead"}
    assert not mine.exists()


def test_a_worker_of_another_machine_is_silent_when_it_is_late_and_dead_when_its_lease_is_over(yard) -> None:
    lived(yard)
    for silent_s, state in ((1.0, "idle"), (LATE_S + 5, "silent"), (LEASE_S + 5, "dead")):
        move_away(yard.folders, "w1", silent_s=silent_s)
        assert states(seen(yard.folders)) == {"w1": state}, silent_s


@pytest.mark.parametrize("ahead_s", [-4_000.0, 4_000.0])
def test_a_clock_that_is_wrong_by_an_hour_makes_nobody_dead_and_nobody_alive(yard, ahead_s: float) -> None:
    """The share's own clock tells how old a heartbeat is, whatever ours says."""
    lived(yard)
    move_away(yard.folders, "w1", silent_s=1.0)
    assert states(seen(yard.folders, wall=lambda: time.time() + ahead_s)) == {"w1": "idle"}
    move_away(yard.folders, "w1", silent_s=LEASE_S + 5)
    assert states(seen(yard.folders, wall=lambda: time.time() + ahead_s)) == {"w1": "dead"}


def test_who_looks_again_goes_by_its_own_clock(yard) -> None:
    """Where a share gives any time to its files, only a change of the counter shows that somebody lives."""
    lived(yard)
    move_away(yard.folders, "w1", silent_s=-86_400.0)
    reader = onlooker(yard.folders, clock=lambda: yard.now_s)
    assert states(reader.look()) == {"w1": "idle"}
    yard.now_s += LEASE_S
    assert states(reader.look()) == {"w1": "dead"}
    beat = yard.folders.workers / "w1.beat"
    beat.write_text(json.dumps({**json.loads(beat.read_text()), "count": 99}))
    os.utime(beat, (1e9, 1e9))
    assert states(reader.look()) == {"w1": "idle"}
    yard.now_s += LATE_S
    assert states(reader.look()) == {"w1": "silent"}


def test_one_that_holds_its_lock_and_hangs_is_silent_and_works_no_more(yard) -> None:
    record(yard.folders, "w1", "rendering", job="mugs")
    with yard.worker("w1").ownership.lock():
        beat = yard.folders.workers / "w1.beat"
        then_s = time.time() - LEASE_S - 5
        yard.drop("mug.yaml")
        (worker,) = seen(yard.folders).workers
        assert (worker.state, worker.hangs) == ("rendering", False)
        os.utime(beat, (then_s, then_s))
        overview = seen(yard.folders)
        (worker,) = overview.workers
        assert (worker.state, worker.hangs, overview.nobody_works) == ("silent", True, True)


def test_one_that_has_stopped_is_stopped_wherever_it_was(yard) -> None:
    record(yard.folders, "w1", "rendering", job="mugs")
    with yard.worker("w1").ownership.lock():
        pass
    assert states(seen(yard.folders)) == {"w1": "stopped"}
    assert states(seen(yard.folders, state=yard.root / "mine")) == {"w1": "stopped"}


def test_looking_at_a_lock_keeps_nobody_from_starting(yard) -> None:
    """Who starts while somebody looks has only to try again."""
    with yard.worker("w1").ownership.lock():
        pass
    (file,) = (yard.root / "state/locks").glob("*.lock")
    tries = []
    with file.open() as looked_at:
        fcntl.flock(looked_at, fcntl.LOCK_SH)

        def look_is_over(_seconds: float) -> None:
            tries.append(fcntl.flock(looked_at, fcntl.LOCK_UN))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(locks.time, "sleep", look_is_over)
            with yard.worker("w1").ownership.lock():
                pass
    assert len(tries) == 1


def test_an_heir_that_holds_a_dead_worker_s_lock_does_not_make_it_live(yard) -> None:
    held = locks.WorkerLocks(yard.folders.spool_file, state_dir=yard.root / "state")
    with held.hold("w1"):
        assert held.is_held("w1") is True
    with held.hold("w1", as_heir=True):
        assert held.is_held("w1") is False
    assert held.is_held("w1") is False


def test_a_process_is_known_by_its_number_and_its_start() -> None:
    mark = process_mark()
    assert is_running(mark) is True
    number, started, namespace = mark.split(" ", 2)
    assert is_running(f"{number} {int(started) + 1} {namespace}") is False
    assert is_running(f"{2**22 + 1} {started} {namespace}") is False
    assert is_running(f"{number} {started} pid:[1]") is None
    for junk in ("", "-1 5 x", f"0 0 {namespace[:-1]}", f"{10**30} 1 {namespace}", "\x00 a b", "١ 1 1"):
        assert is_running(junk) in (None, False)


@given(
    is_stopped=st.booleans(), runs=st.none() | st.booleans(), silent_s=st.none() | st.floats(0, 1e6),
    lease_s=st.floats(1, 3600), is_there=st.booleans(),
)  # fmt: skip
def test_no_one_is_dead_whose_process_is_seen_to_run_and_nobody_lives_who_was_never_heard(
    is_stopped: bool, runs: bool | None, silent_s: float | None, lease_s: float, is_there: bool
) -> None:
    beat = Heartbeat(run="r", count=1, host="h", locks="l", is_stopped=is_stopped) if is_there else None
    life = life_of(beat, runs=runs, silent_s=silent_s, lease_s=lease_s)
    if runs:
        assert life in ("alive", "hung")
    elif is_there and is_stopped:
        assert life == "stopped"
    elif runs is False or silent_s is None or silent_s >= lease_s:
        assert life == "dead"
    else:
        assert life in ("alive", "silent")
