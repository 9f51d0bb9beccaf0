"""On a card, at full size under caps of memory: what fits, what passes, what another program takes."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from model_faults import fault
from on_card import (
    BASELINE_MIB,
    GIB,
    NEEDS_CARD,
    ROOM_MIB,
    SHOT,
    allocated_mib,
    story,
)

from worker.studio.plan.memory import CPU_PLAN, Work, make_plan
from worker.studio.plan.setup import ON_CARD, ON_HOST, Placement, Setup, set_up

pytestmark = NEEDS_CARD

HOLD = """
import sys, time, torch
free, _ = torch.cuda.mem_get_info()
held = torch.empty(free - int(sys.argv[1]) * 1024 * 1024, dtype=torch.uint8, device="cuda")
print("held", flush=True)
time.sleep(60)
"""
"""Another program that takes all the card's memory but so many MiB."""


def setup_of(placement: Placement) -> Setup:
    return replace(set_up(CPU_PLAN), encoder=placement)


@pytest.mark.parametrize(
    ("gib", "side", "guidance"),
    [(23.5, 1024, 0.0), (23.5, 2048, 5.5), (15.5, 1024, 0.0), (15.5, 1536, 5.5), (15.5, 2048, 0.0), (11.5, 1024, 5.5),
     (11.5, 1536, 0.0), (7.5, 1024, 0.0)],
)  # fmt: skip
def test_every_size_fits_its_card_and_peaks_where_predicted(
    full, stages, cap, planned, results_of, gib, side, guidance
):
    stages.denoise._placed.move_to(ON_HOST)
    stages.encode.leave()
    cap(gib * GIB)
    requests = [
        replace(SHOT, width_px=side, height_px=side, steps=2, guidance=guidance, seed=n, file=f"{n}.png")
        for n in range(2)
    ]
    plan = make_plan(gib * GIB, full.weights(), Work(pixels=side * side, is_guided=guidance > 0))
    results = results_of(planned(gib * GIB), requests)
    peak_mib = max(one_try.peak_mib for result in results for one_try in result.tries)
    print(f"{gib} GiB {side} g{guidance}: predicted {plan.peak_mib:.0f}, measured {peak_mib:.0f} MiB; {plan}")
    assert [story(result) for result in results] == [[("first", "ok")]] * 2
    assert abs(peak_mib - plan.peak_mib) <= max(512, 0.1 * peak_mib)


def test_the_text_encoder_passes_and_leaves_no_memory_and_no_trace(stages) -> None:
    encode = stages.encode
    encode([SHOT.prompt], setup=setup_of(ON_CARD))  # the library's workspace comes with its first call, and stays
    encode.leave()
    before = allocated_mib()
    whole = encode([SHOT.prompt], setup=setup_of(ON_CARD))[0].cpu()
    begun_s = time.perf_counter()
    streamed = encode([SHOT.prompt], setup=setup_of(Placement(on_card=True, resident=0)))[0].cpu()
    print(f"a prompt encoded in streamed: {time.perf_counter() - begun_s:.2f} s with the way there")
    assert torch.equal(whole, streamed)
    encode.leave()
    assert abs(allocated_mib() - before) < 1


@pytest.mark.parametrize("left_mib", [200, 3000])
def test_another_program_takes_the_cards_memory_midway(full, stages, planned, results_of, left_mib: int) -> None:
    requests = [
        replace(SHOT, width_px=1024, height_px=1024, steps=2, seed=n, file=f"{n}.png", prompt=f"mug {n}")
        for n in range(5)
    ]
    undisturbed = [result.picture.rgb for result in results_of(planned(ROOM_MIB), requests)]
    before = allocated_mib()
    torch.cuda.empty_cache()
    stories, others = [], []
    try:
        for n, result in enumerate(
            planned(ROOM_MIB).render(requests, on_progress=lambda _: None, is_interrupted=lambda: False)
        ):
            stories.append(story(result))
            assert result.picture.rgb == undisturbed[n]
            if n == 0:
                torch.cuda.empty_cache()
                others.append(
                    subprocess.Popen([sys.executable, "-c", HOLD, str(left_mib)], stdout=subprocess.PIPE, text=True)
                )
                assert others[0].stdout.readline() == "held\n"
            if n == 2:
                others[0].kill()
                others[0].wait()
    finally:
        for other in others:
            other.kill()
            other.wait()
    print(left_mib, stories)
    assert any(len(one) > 1 for one in stories) == (left_mib < 1000)
    stages.encode.leave()
    stages.denoise._placed.move_to(ON_CARD)
    assert abs(allocated_mib() - before) <= BASELINE_MIB


def test_when_memory_really_runs_out_in_the_decode_the_latents_are_kept(full, stages, cap, planned, results_of) -> None:
    stages.encode.leave()
    stages.denoise._placed.move_to(ON_CARD)
    cap(allocated_mib() + 4 * GIB)  # the decode of 2048x2048 wants more than 9 GiB
    request = replace(SHOT, width_px=2048, height_px=2048, steps=2)
    with fault(full.transformer, lambda _: None, at=lambda _: True) as forwards:
        (result,) = results_of(planned(40 * GIB), [request])
    print(story(result))
    assert story(result)[-1] == ("decode_alone", "ok")
    assert forwards.calls == 2
