"""The renderer's process stopped and killed at every message, at both ends: every picture comes, within a bound.

The process is the real one, with a painting studio in place of the model (`scripted_child.py`).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace

import pytest
from scripted_child import Script
from scripted_children import AGAIN, ONCE, SHORT, made, processes, request, tries
from twins import paint

from worker.errors import RendererDied

SENT = ["Loaded 1", "Progress 1", "Progress 2", "Progress 4", "PictureResult 1", "PictureResult 2", "Finished 1"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGSTOP", "SIGKILL"])
@pytest.mark.parametrize("where", ["before", "amid", "after"])
@pytest.mark.parametrize("at", [*(f"send {kind}" for kind in SENT), "receive 1", "receive 2"])
def test_a_process_that_ends_at_any_message_costs_no_picture(scripted, tmp_path, at: str, where: str, how: str) -> None:
    renderer = scripted(Script(at=at, where=where, signal=how))
    requests = [request(number) for number in range(3)]
    begun_s = time.monotonic()
    results = made(renderer, requests)
    assert time.monotonic() - begun_s < 20
    assert results.keys() == {asked.file for asked in requests}
    for asked in requests:
        assert results[asked.file].picture == paint(asked)
        assert tries(results[asked.file]) in (ONCE, AGAIN)
    assert sum(tries(result) == AGAIN for result in results.values()) <= 1
    # with every picture home no other process is needed
    is_heard_all = at == "send Finished 1" or (at == "send Loaded 1" and where == "after")
    assert processes(tmp_path) == 2 or is_heard_all


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cpu", "cuda:0"])
@pytest.mark.parametrize("count", [1, 9_000])
def test_a_process_stopped_while_idle_is_replaced_and_no_picture_is_blamed(scripted, tmp_path, count, device) -> None:
    beats: list[float] = []
    renderer = scripted(Script(device=device), on_idle=lambda: beats.append(time.monotonic()))
    renderer.start()
    os.kill(renderer.pid, signal.SIGSTOP)
    begun_s = time.monotonic()
    order = [request(number, side_px=16, steps=1, prompt="a mug " * 50) for number in range(count)]
    results = renderer.render(order, on_progress=lambda _: None)
    first = next(results)
    assert time.monotonic() - begun_s < 15
    assert [beat for beat in beats if beat > begun_s], "the heart beats meanwhile"
    assert all(tries(result) == ONCE for result in (first, *results))
    assert processes(tmp_path) == 2


@pytest.mark.slow
def test_a_process_stopped_while_an_order_is_taken_up_is_replaced(scripted, tmp_path) -> None:
    """In the middle of 9,000 pictures, which no pipe holds."""
    renderer = scripted(Script(at="receive 2", where="amid"))
    results = made(renderer, [request(number, side_px=16, steps=1, prompt="a mug " * 50) for number in range(9_000)])
    assert len(results) == 9_000
    assert all(tries(result) == ONCE for result in results.values())
    assert processes(tmp_path) == 2


@pytest.mark.slow
def test_processes_that_never_say_a_word_end_the_renderer(scripted, tmp_path) -> None:
    renderer = scripted(Script(at="receive 2", where="after", processes=9))
    with pytest.raises(RendererDied, match=r"said nothing for . s and was killed"):
        made(renderer, [request(1)])
    assert processes(tmp_path) == 3
    assert renderer.pid is None


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGSTOP", "SIGKILL"])
def test_an_interrupt_that_is_never_answered_ends_within_a_bound_and_the_next_order_is_made(scripted, how) -> None:
    renderer = scripted(Script(at="receive 3", where="after", signal=how))
    renderer.start()
    results = renderer.render([request(number, steps=2_000) for number in range(2)], on_progress=lambda _: None)
    with closing(results):
        next(results)
    assert made(renderer, [request(7)])["7.png"].picture is not None


@pytest.mark.slow
def test_stopped_and_killed_at_random_while_the_machine_is_busy(scripted, tmp_path) -> None:
    draw = random.Random(13)
    renderer = scripted(Script(paints="time.monotonic()"), limits=replace(SHORT, loading_idle_s=20))
    hurt: dict[str, int] = {}

    def hurt_it(progress) -> None:
        file = progress.request.file
        # every other one at most: three in a row that fail alike end a run
        if file not in hurt and int(file.removesuffix(".png")) % 2 == 0 and draw.random() < 0.5:
            hurt[file] = renderer.pid
            os.kill(renderer.pid, draw.choice([signal.SIGSTOP, signal.SIGKILL]))

    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        results = made(renderer, [request(number, steps=3) for number in range(30)], on_progress=hurt_it)
    finally:
        for one in busy:
            one.kill()
            one.wait()
    assert len(hurt) >= 5
    assert len(results) == 30
    assert all(result.picture is not None for result in results.values())


@pytest.mark.slow
@pytest.mark.parametrize("processes_", [1, 9])
def test_of_prompts_encoded_together_only_the_one_that_kills_alone_too_is_blamed(
    scripted, tmp_path, processes_
) -> None:
    kills = "if '2.png' in files: os.kill(os.getpid(), signal.SIGKILL)"
    results = made(
        scripted(Script(encodes=kills, together=4, processes=processes_)), [request(number) for number in range(8)]
    )
    assert {file for file, result in results.items() if tries(result) != ONCE} == (
        {"2.png"} if processes_ > 1 else set()
    )
    if processes_ > 1:
        assert tries(results["2.png"]) == [("first", "error"), ("new_process", "error")]
    assert processes(tmp_path) == (4 if processes_ > 1 else 2)
