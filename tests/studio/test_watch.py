"""The watch over a silent child: what counts as silence, and what as a sign of life."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from waiting_for import wait_for

from worker.errors import RendererDied
from worker.studio.process.silence import Allowed
from worker.studio.process.vital_signs import VitalSigns, vital_signs
from worker.studio.process.watch import Watch

NOTHING = VitalSigns(0.0, 0)


@pytest.fixture
def child() -> SimpleNamespace:
    """As `Watch` sees one."""
    return SimpleNamespace(
        moved=0, is_amid_message=False, vital_signs=lambda: NOTHING, hung=lambda silent_s: RendererDied(f"{silent_s}")
    )


def seconds_until_hung(watch: Watch, *, at_once_s: float = 1.0, most_s: float = 1000.0) -> float:
    passed_s = 0.0
    while passed_s < most_s:
        passed_s += at_once_s
        try:
            watch.went_by(at_once_s)
        except RendererDied:
            return passed_s
    return most_s


def test_silence_is_counted_until_it_is_too_long(child) -> None:
    assert seconds_until_hung(Watch(child, Allowed(30), amid_s=60)) == 30


def test_in_the_middle_of_a_message_a_minute_is_too_long_whatever_it_is_at(child) -> None:
    child.is_amid_message = True
    assert seconds_until_hung(Watch(child, Allowed(900), amid_s=60)) == 60


def test_a_message_that_moves_is_no_silence(child) -> None:
    watch = Watch(child, Allowed(30), amid_s=20)
    child.is_amid_message = True
    for _ in range(100):
        child.moved += 1
        watch.went_by(1.0)
    assert seconds_until_hung(watch) == 20


def test_a_machine_that_slept_is_no_silence(child) -> None:
    watch = Watch(child, Allowed(30), amid_s=60)
    watch.went_by(8 * 3600.0)
    assert seconds_until_hung(watch) > 20


def test_what_computes_is_idle_only_afterwards_and_has_a_limit_all_the_same(child) -> None:
    watch, computed_s = Watch(child, Allowed(500, 60), amid_s=60), 0.0
    for _ in range(200):
        computed_s += 0.2
        child.vital_signs = lambda now_s=computed_s: VitalSigns(now_s, 0)
        watch.went_by(1.0)
    assert seconds_until_hung(watch) == 60
    child.vital_signs = lambda: NOTHING
    assert seconds_until_hung(Watch(child, Allowed(500, None), amid_s=600)) == 500


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    all_started: list[subprocess.Popen[bytes]] = []
    yield all_started
    for process in all_started:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("does", "is_alive"),
    [
        ("while True: pass", True),
        ("while True: open(sys.executable, 'rb').read()", True),
        ("signal.pause()", False),
    ],
)
def test_the_kernel_tells_who_computes_and_who_reads(started, does: str, is_alive: bool) -> None:
    code = f"import signal, sys; print('up', flush=True)\n{does}"
    started.append(subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE))
    assert started[0].stdout.readline() == b"up\n"
    before = vital_signs(started[0].pid)
    if is_alive:
        wait_for(lambda: vital_signs(started[0].pid).shows_life_since(before), 10)
    else:
        with pytest.raises(AssertionError, match="not within"):
            wait_for(lambda: vital_signs(started[0].pid).shows_life_since(before), 0.5)


def test_a_process_that_is_gone_shows_no_life() -> None:
    assert vital_signs(2**22 + 1) == NOTHING
