"""Measures how far forecasts of the time are off: the embedded model in sizes, steps and guidance it has not learned.

From the repository's root: `PYTHONPATH=. python tests/forecast_table.py [--wall]`; some minutes on a CPU. Each kind of
picture is made `--pictures` times after one that does not count. Then a table of speeds is taught some kinds, and asked
for the others; printed is how far each answer is from what was taken. Seconds are those of the processor, as a machine
that others use at the same time tells nothing by the clock; `--wall` takes the clock's.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import torch

from worker.demo import weights_dir
from worker.operations.speeds import learned, seconds_each
from worker.records import PictureKind, Request
from worker.studio.render.load_request import Load
from worker.studio.render.opening import open_studio
from worker.studio.render.renderer import StudioRenderer

SIZES, STEPS, GUIDANCE = (256, 384, 512), (4, 8, 12), (0.0, 3.0)
LESSONS = {
    "one kind": [(256, 8, True)],
    "two kinds": [(256, 8, True), (512, 8, True)],
    "three kinds": [(256, 8, True), (384, 12, False), (512, 4, True)],
    "six kinds": [
        (size, steps, guided) for (size, steps), guided in zip(
            [(256, 4), (256, 12), (384, 8), (384, 4), (512, 12), (512, 8)], itertools.cycle([False, True]), strict=False
        )
    ],
}  # fmt: skip
"""What is taught before the others are asked: size, steps, guided."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=2)
    parser.add_argument("--wall", action="store_true")
    options = parser.parse_args()
    studio, _ = open_studio(Load(folder=weights_dir(), is_demo=True, device="cpu", compile="never"))
    torch.set_num_threads(1)
    clock = time.perf_counter if options.wall else time.process_time
    taken = {}
    for size, steps, guidance in itertools.product(SIZES, STEPS, GUIDANCE):
        requests = [request(size, steps, guidance, index) for index in range(options.pictures + 1)]
        taken[requests[0].kind] = seconds(studio, requests, clock)
    for kind, mean in taken.items():
        print(f"# {kind.pixels} pixels, {kind.steps} steps, {'guided' if kind.is_guided else 'unguided'}: {mean:.3f} s")
    print("\n| learned from | median error | largest error |\n|---|---|---|")
    for name, lessons in LESSONS.items():
        errors = errors_after([PictureKind(pixels=s * s, steps=n, is_guided=g) for s, n, g in lessons], taken)
        print(f"| {name} | {statistics.median(errors):.0%} | {max(errors):.0%} |")
    return 0


def request(size: int, steps: int, guidance: float, index: int) -> Request:
    return Request(
        shot_id="mug", index=index, file=f"mug_{size}_{steps}_{guidance:g}_{index}.png", prompt="a red mug on a table",
        seed=index, width_px=size, height_px=size, steps=steps, guidance=guidance,
    )  # fmt: skip


def seconds(studio: StudioRenderer, requests: Sequence[Request], clock: Callable[[], float]) -> float:
    """Of a picture in the mean, without the first."""
    results = studio.render(requests, on_progress=lambda _: None, is_interrupted=lambda: False)
    next(iter(results))
    begun_s = clock()
    count = sum(1 for _ in results)
    return (clock() - begun_s) / count


def errors_after(lessons: Sequence[PictureKind], taken: dict[PictureKind, float]) -> list[float]:
    """How far each answer is off, as a part of what was taken."""
    rows = ()
    for kind in lessons:
        rows = learned(rows, kind, seconds=taken[kind])
    asked = seconds_each(rows, [kind for kind in taken if kind not in lessons])
    return [abs(expected / taken[kind] - 1) for kind, expected in asked.items()]


if __name__ == "__main__":
    sys.exit(main())
