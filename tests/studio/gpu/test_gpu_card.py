"""On a card: what its driver tells, and what the stages of pictures took."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace

import pytest
import torch
from on_card import CARD, NEEDS_CARD, ROOM_MIB, SHOT
from waiting_for import wait_for

from worker.doctor.device_report import report_device
from worker.studio.card.device import describe
from worker.studio.card.watch import CardWatch

pytestmark = NEEDS_CARD


def test_the_driver_tells_of_this_very_card_and_of_this_program_on_it() -> None:
    held = torch.zeros(256 * 1024**2, dtype=torch.uint8, device=CARD)
    uuid = describe(CARD).card_uuid
    assert uuid
    with closing(CardWatch()) as watch:
        watch.follow(uuid)

        def busy() -> bool:
            factor = torch.randn(4096, 4096, device=CARD)
            for _ in range(50):
                factor = torch.tanh(factor @ factor)
            torch.cuda.synchronize(CARD)
            return any(any(one.used_percent for one in timed.reading.programs) for timed in watch.recent())

        wait_for(busy, within_s=30.0, told=lambda: f"{watch.problem}: {watch.recent()[-1:]}")
        newest = watch.recent()[-1].reading
        hottest_c = watch.take_hottest_c()
    print(newest)
    assert 10 < (newest.temperature_c or 0) < 110
    assert hottest_c is not None
    assert newest.slowdown_c is None or newest.slowdown_c > newest.temperature_c
    assert {os.getpid()} & {one.pid for one in newest.programs}, "numbers of processes are another namespace's here"
    del held


def test_doctor_hears_what_the_driver_tells() -> None:
    report = report_device("auto", is_demo=False)
    print(report.card, report.card_problem)
    assert report.card is not None
    assert report.card.temperature_c


@pytest.mark.parametrize("batch", [1, 3])
def test_stages_of_a_picture_add_up_to_its_seconds(planned, batch: int) -> None:
    requests = [replace(SHOT, seed=seed, file=f"{seed}.png", prompt=f"a mug, number {seed}") for seed in range(3)]
    renderer = planned(ROOM_MIB, batch=batch)
    for _ in range(2):  # the first time kernels are chosen and memory is taken
        results = [*renderer.render(requests, on_progress=lambda _: None, is_interrupted=lambda: False)]
    for result in results:
        (one_try,) = result.tries
        stages = one_try.stages
        print(f"batch {batch}: {one_try.seconds} s, {stages}")
        assert stages.denoise_s > stages.decode_s > 0
        assert stages.denoise_s + stages.decode_s == pytest.approx(one_try.seconds, rel=0.05)
    assert results[0].tries[0].stages.encode_s == 0.0, "its prompt was encoded the first time"
