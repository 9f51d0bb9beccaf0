"""Stopping: three signals ask, a second one ends at once, and every wait hears it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
from program import ENVIRONMENT, call_here

from worker.operations.stopping import StopFlag
from worker.spool import InboxWakeup

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # `nohup make test` hands on that it is ignored, to the workers too
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def stop() -> StopFlag:
    made = StopFlag()
    made.install()
    return made


def soon(number: signal.Signals) -> None:
    Timer(0.05, os.kill, (os.getpid(), number)).start()


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_asks_for_a_stop_and_ends_a_wait(stop: StopFlag, number: signal.Signals) -> None:
    assert not stop()
    begun_s = time.monotonic()
    soon(number)
    stop.wait(30.0)
    assert time.monotonic() - begun_s < 1.0
    assert stop()
    stop.wait(30.0)
    assert time.monotonic() - begun_s < 1.0


@pytest.mark.parametrize("number", SIGNALS)
def test_after_the_first_another_sigterm_or_ctrl_c_ends_it_at_once_and_a_hang_up_does_not(
    stop: StopFlag, number: signal.Signals
) -> None:
    """A terminal that closes hangs up twice: through its shell, and by itself."""
    signal.raise_signal(number)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    signal.raise_signal(signal.SIGHUP)
    assert stop()


def test_under_nohup_a_hang_up_is_none() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = StopFlag()
    stop.install()
    signal.raise_signal(signal.SIGHUP)
    assert not stop()


HANGS = {
    "in a call that lets no signal through": "signal.pthread_sigmask(signal.SIG_BLOCK, {15, 2}); time.sleep(60)",
    "in a call that goes on after one": "hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)",
}
ASKED = """
import hashlib, signal, sys, threading, time
from worker.operations.stopping import StopFlag
stop = StopFlag()
stop.install()
stop.add_bell(lambda: print("asked", flush=True))
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
threading.Timer(0.2, lambda: print("begun", flush=True)).start()  # inside the call by then
"""


@pytest.mark.slow
@pytest.mark.parametrize("hangs", HANGS)
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_hangs_in_a_call_hears_a_stop_and_a_second_one_ends_it(hangs: str, second: int) -> None:
    """A share that is away lets a call return after half a minute, or never, and a handler runs only then."""
    command = [sys.executable, "-c", ASKED + HANGS[hangs]]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "begun\n"
        worker.send_signal(signal.SIGTERM)
        assert worker.stdout.readline() == "asked\n"
        assert worker.poll() is None
        begun_s = time.monotonic()
        worker.send_signal(second)
        assert worker.wait(20) == 128 + second
        assert time.monotonic() - begun_s < 10.0


@pytest.mark.parametrize("when", ["before", "while"])
def test_a_stop_ends_the_wait_for_jobs(stop: StopFlag, tmp_path: Path, when: str) -> None:
    wakeup = InboxWakeup(tmp_path, kind_of_system=lambda _: "nfs4")
    begun_s = time.monotonic()
    if when == "before":
        signal.raise_signal(signal.SIGHUP)
    stop.add_bell(wakeup.ring)
    if when == "while":
        soon(signal.SIGHUP)
    wakeup.wait(30.0)
    assert time.monotonic() - begun_s < 1.0


def waits_for_its_id(folder: Path) -> str:
    beat = {"run": "x", "count": 5, "host": "old-name", "locks": "y", "stopped": False}
    (folder / "inbox/.zimage-worker/workers").mkdir(parents=True)
    (folder / "inbox/.zimage-worker/workers/me.beat").write_text(json.dumps(beat))
    return "start.delayed"


def waits_for_its_share(folder: Path) -> str:
    (folder / "inbox").rmdir()
    return "share.away"


def waits_for_its_model(folder: Path) -> str:
    (folder / "worker.yaml").write_text(
        (folder / "worker.yaml").read_text() + "transformer_file: gone/one.safetensors\n"
    )
    return "model.away"


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("waits", [waits_for_its_id, waits_for_its_share, waits_for_its_model])
def test_a_worker_that_waits_before_its_start_stops_at_once_and_in_order(tmp_path: Path, waits, number) -> None:
    call_here("init", tmp_path)
    event = waits(tmp_path)
    command = [sys.executable, "-m", "worker.cli", "run", "--worker-id", "me"]
    with subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        assert any(event in line for line in worker.stderr)
        begun_s = time.monotonic()
        worker.send_signal(number)
        assert worker.wait(30) == 0
        assert time.monotonic() - begun_s < 4.0, "beside other tests; alone within one"
        said = worker.stderr.read()
        assert "worker.stopping" in said
        assert "stop.asked" in said
