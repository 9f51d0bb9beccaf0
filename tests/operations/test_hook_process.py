"""A hook's program: its own session, no input, a time limit, and nothing of it left afterwards."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from waiting_for import wait_for

from worker.operations.hooks.process import KEPT_BYTES, Ran, run_program


def ran(program: str, *, limit_s: float = 20.0, **more: object) -> Ran:
    given = {"environment": dict(os.environ), "should_stop": lambda: False, **more}
    return run_program([sys.executable, "-c", program], limit_s=limit_s, **given)  # type: ignore[arg-type]


def is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_its_exit_code_and_what_it_wrote_are_kept() -> None:
    told = ran("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert told.exit_code == 3
    assert sorted(told.output.split()) == ["err", "out"]


def test_it_has_no_input_and_a_session_of_its_own() -> None:
    told = ran("import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())")
    assert told.output == "'' True"


def test_of_much_output_the_end_is_kept_and_it_is_never_held_up() -> None:
    told = ran("for n in range(40_000): print(f'line {n}')")
    assert told.exit_code == 0
    assert told.output.endswith("line 39999")
    assert len(told.output) <= KEPT_BYTES


def test_bytes_that_are_no_text_are_told_all_the_same() -> None:
    assert ran(r"import os; os.write(1, b'a\xffb')").output == "a\ufffdb"


@pytest.mark.slow
def test_it_is_ended_at_its_limit_with_all_that_it_has_started() -> None:
    start = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    told = ran(f"{start}; print(p.pid, flush=True); time.sleep(600)", limit_s=1.5)
    assert told.exit_code is None
    assert not told.was_stopped
    assert told.seconds < 10
    child = int(told.output)
    wait_for(lambda: not is_alive(child), 5)


@pytest.mark.slow
def test_what_does_not_hear_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.operations.hooks.process.ENDS_S", 0.3)
    told = ran("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)", limit_s=1.0)
    assert told.exit_code is None
    assert told.seconds < 10


@pytest.mark.slow
def test_what_it_leaves_behind_goes_with_it() -> None:
    child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    told = ran(f"import subprocess, sys; print({child}.pid)")
    assert told.exit_code == 0
    assert told.seconds < 10  # although the one left behind holds its output open
    wait_for(lambda: not is_alive(int(told.output)), 5)


def test_one_that_is_stopped_is_told_from_one_that_takes_too_long() -> None:
    told = ran("import time; time.sleep(600)", should_stop=lambda: True)
    assert (told.exit_code, told.was_stopped) == (None, True)


@pytest.mark.parametrize(("command", "why"), [("/nowhere/hook", "No such file"), ("/etc/passwd", "ermission")])
def test_one_that_cannot_begin_says_why(command: str, why: str) -> None:
    told = run_program([command], environment={}, limit_s=5, should_stop=lambda: False)
    assert told.exit_code is None
    assert why in told.error
