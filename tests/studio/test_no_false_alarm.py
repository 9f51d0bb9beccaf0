"""Dark, light and plain pictures are legal: sixty of the embedded model's, and the same in the dark.

Every two of thing, colour and ground meet; `ALL_GROUNDS=1` takes all three hundred.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import product

import pytest
import torch

from worker.studio.retry.verdict import judge
from worker.studio.stages.decode import measured

pytestmark = pytest.mark.slow

THINGS = ("mug", "bottle", "vase", "bowl", "box", "ball", "table lamp", "jar", "goblet", "teapot")
COLOURS = ("black", "white", "grey", "brown", "blue", "red")
GROUNDS = ("black", "white", "grey", "red", "blue")
DARKER = (2, 4, 8)
"""Divisors of the brightness."""


def test_plain_pictures_raise_no_alarm_even_in_the_dark(ask, studio, results_of) -> None:
    pairs = list(product(THINGS, COLOURS))
    shown = [(*pair, GROUNDS[number % len(GROUNDS)]) for number, pair in enumerate(pairs)]  # each pair of the three
    if "ALL_GROUNDS" in os.environ:
        shown = list(product(THINGS, COLOURS, GROUNDS))
    prompts = [f"a {colour} {thing}, {ground} background" for thing, colour, ground in shown]
    requests = [ask(file=f"{n}.png", prompt=prompt, steps=4, guidance=3.0, seed=n) for n, prompt in enumerate(prompts)]
    results = results_of(studio.renderer(), requests)
    assert len(results) == len(shown) >= 60
    assert Counter(one_try.outcome for result in results for one_try in result.tries) == {"ok": len(shown)}
    lost = Counter()
    for result in results:
        rgb = torch.frombuffer(bytearray(result.picture.rgb), dtype=torch.uint8).view(256, 256, 3)
        for divisor in DARKER:
            darker = (rgb.float() / divisor).round().to(torch.uint8)
            verdict = judge(measured(darker, is_finite=torch.tensor(True)).statistics(), width_px=256, height_px=256)
            lost[divisor] += verdict != "ok"
    print("refused when darker:", dict(lost))
    assert not +lost
