"""A process that hangs while it loads or computes, or cannot say what it has: told, replaced, nobody waits in vain."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from house import House
from scripted_child import Script
from scripted_children import AGAIN, ONCE, SHORT, made, processes, request, tries
from structlog.testing import capture_logs
from twins import PaintingRenderer, paint
from waiting_for import wait_for

from worker.errors import ExitCode, RendererDied, StopAsked

pytestmark = pytest.mark.slow

HANGS = "signal.pause()"
ENDLESS = "while True: pass"
COMPUTES = "begun_s = time.monotonic()\nwhile time.monotonic() - begun_s < 6: pass"


def test_a_driver_that_never_answers_is_told_and_replaced_and_in_the_end_the_worker_is(scripted, tmp_path) -> None:
    beats: list[float] = []
    renderer = scripted(Script(loads=HANGS, processes=9), on_idle=lambda: beats.append(time.monotonic()))
    begun_s = time.monotonic()
    with capture_logs() as logs, pytest.raises(RendererDied, match="said nothing for 4 s and was killed: it hung"):
        renderer.start()
    assert time.monotonic() - begun_s < 30
    assert processes(tmp_path) == 3
    assert [line["event"] for line in logs] == ["renderer.replaced"] * 2
    assert len(beats) >= 6
    assert renderer.pid is None


def test_a_driver_that_answers_the_second_process_costs_nothing_else(scripted, tmp_path) -> None:
    assert tries(made(scripted(Script(loads=HANGS)), [request(1)])["1.png"]) == ONCE
    assert processes(tmp_path) == 2


def test_a_load_that_computes_for_longer_is_not_hung(scripted, tmp_path) -> None:
    made(scripted(Script(loads=COMPUTES), limits=replace(SHORT, loading_idle_s=3)), [request(1)])
    assert processes(tmp_path) == 1


def test_a_stop_while_a_driver_does_not_answer_ends_the_load_at_once(scripted, tmp_path) -> None:
    begun_s = time.monotonic()
    renderer = scripted(Script(loads=HANGS), should_stop=lambda: processes(tmp_path) > 0)
    with pytest.raises(StopAsked):
        renderer.start()
    assert time.monotonic() - begun_s < 4
    assert renderer.pid is None


def test_a_cpu_that_computes_is_not_hung_however_long_it_says_nothing(scripted, tmp_path) -> None:
    made(scripted(Script(paints=COMPUTES), limits=replace(SHORT, cpu_idle_s=2)), [request(1)])
    assert processes(tmp_path) == 1


def test_a_cpu_that_computes_nothing_is_hung(scripted) -> None:
    assert tries(made(scripted(Script(paints=HANGS)), [request(1)])["1.png"]) == AGAIN


def test_a_card_that_stops_is_noticed_as_fast_as_it_was(scripted, tmp_path) -> None:
    """Whoever waits for a card computes: what it computes says nothing."""
    stops = f"if request.file == '3.png':\n    {ENDLESS}"
    renderer = scripted(Script(paints=stops, device="cuda:0"), limits=replace(SHORT, first_s=300))
    begun_s = time.monotonic()
    results = made(renderer, [request(number) for number in range(5)])
    assert time.monotonic() - begun_s < 30
    assert {file: tries(result) for file, result in results.items() if tries(result) != ONCE} == {"3.png": AGAIN}


@pytest.mark.parametrize("processes_", [1, 9])
def test_a_picture_that_cannot_be_sent_costs_its_process_a_try_and_nobody_waits(scripted, tmp_path, processes_) -> None:
    cannot = "if request.file == '1.png': request = unsendable(request)"
    results = made(scripted(Script(paints=cannot, processes=processes_)), [request(number) for number in range(3)])
    assert tries(results["0.png"]) == tries(results["2.png"]) == ONCE
    assert results["1.png"].tries[0].note.endswith("ended by itself (exit code 1): MemoryError: no room for a copy.")
    if processes_ == 1:
        assert tries(results["1.png"]) == AGAIN
    else:
        assert results["1.png"].error.startswith("The renderer died 2 times while making this picture: ")
        assert processes(tmp_path) == 2, "none is started for nothing"


def test_an_answer_that_cannot_be_read_costs_its_process_a_try(scripted, tmp_path) -> None:
    results = made(scripted(Script(paints="request = unreadable(request)")), [request(1)])
    assert tries(results["1.png"]) == AGAIN
    assert "cannot be read (ValueError" in results["1.png"].tries[0].note


def test_an_order_that_cannot_be_sent_is_its_callers_error_and_the_next_one_is_made(scripted) -> None:
    renderer = scripted(Script())
    with pytest.raises((AttributeError, TypeError)):
        made(renderer, [replace(request(1), metadata={"lock": lambda: 0})])
    assert made(renderer, [request(2)])["2.png"].picture == paint(request(2))


def test_a_process_that_cannot_even_be_killed_is_left_and_another_makes_the_pictures(scripted) -> None:
    beats: list[float] = []
    renderer = scripted(Script(), on_idle=lambda: beats.append(time.monotonic()))
    renderer.start()
    stuck = renderer._child
    kill, stuck._process.kill = stuck._process.kill, lambda: None  # as one in a driver's call that never ends
    os.kill(stuck.pid, signal.SIGSTOP)
    begun_s = time.monotonic()
    with capture_logs() as logs:
        results = made(renderer, [request(1)])
    assert time.monotonic() - begun_s < 40
    assert tries(results["1.png"]) == ONCE
    assert [line["pid"] for line in logs if line["event"] == "renderer.left"] == [stuck.pid]
    assert max(after - before for before, after in pairwise(beats)) < 4
    kill()
    wait_for(lambda: stuck._process.poll() is not None, 10)


def test_a_stop_does_not_wait_for_a_picture_without_end(scripted) -> None:
    stopped: list[int] = []
    renderer = scripted(Script(), should_stop=lambda: bool(stopped))
    renderer.start()
    results = renderer.render([request(1), request(2, steps=1_000_000)], on_progress=lambda _: None)
    next(results)
    stopped.append(1)
    begun_s = time.monotonic()
    results.close()
    assert time.monotonic() - begun_s < 8
    assert renderer.pid is None


def test_a_stop_waits_for_the_picture_in_work_but_not_for_ever(scripted) -> None:
    asked: list[float] = []

    def stop(progress) -> None:
        if progress.request.file == "2.png":
            asked.append(time.monotonic())

    more = {"should_stop": lambda: bool(asked), "limits": replace(SHORT, stopping_s=3)}
    renderer = scripted(Script(paints=f"if request.file == '2.png':\n    {ENDLESS}"), **more)
    results = made(renderer, [request(number) for number in (1, 2, 3)], on_progress=stop)
    assert results.keys() == {"1.png"}
    assert 2 < time.monotonic() - asked[0] < 20


def test_a_driver_that_dies_in_a_job_ends_the_worker_with_its_job_kept(scripted, tmp_path) -> None:
    """And with exit code 13, at which a service starts it again."""
    house = House(tmp_path / "house")
    house.drop("cups.yaml", "count: 3\nshots:\n  - {id: cups, prompt: a mug}\n")
    dies = "if request.file == 'cups_02.png': os.kill(os.getpid(), signal.SIGKILL)"
    renderer = scripted(Script(loads=f"if number > 1: {HANGS}", paints=dies, processes=9))
    with pytest.raises(RendererDied, match="said nothing for 4 s") as died:
        house.drain(renderer)
    assert died.value.exit_code == ExitCode.DEVICE_UNAVAILABLE == 13
    assert "cups.yaml" in house.names("inbox")
    painter = PaintingRenderer()
    assert house.drain(painter) == ExitCode.DONE
    assert painter.painted[-2:] == ["cups_02.png", "cups_03.png"]  # the first one may have died unsent with its process
    assert {shot["status"] for shot in house.manifest("cups")["shots"]} == {"ok"}
