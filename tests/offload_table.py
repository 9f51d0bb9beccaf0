"""Group offloading: diffusers' `apply_group_offloading` beside this worker's own streaming, on one card, in one run.

`python tests/offload_table.py` from the repository's root, on a card of 80 GB or so; the model stands there at full
size with random weights. Lines are printed as they are measured: Markdown rows, `JSON {...}`, and `check:` lines for
what the offloading can and cannot do (resident blocks, fp32, undo). `--dry` runs the same code with the embedded model
on the CPU, where diffusers has no streams; its figures mean nothing. `--seconds` is when nothing new is begun.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from worker.studio.card.environment import FIXED, PACKAGE_ROOT, child_environment

if __name__ == "__main__" and any(os.environ.get(name) != value for name, value in FIXED.items()):
    environment = child_environment(os.environ, package_root=str(PACKAGE_ROOT))
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)

import diffusers
import torch
from offloading.bench import Bench, host_gib, opened
from offloading.checks import check, tried
from offloading.fp32_check import fp32_check
from offloading.speed import HEAD, Row, measured, summary, told
from offloading.undo_check import undo_check
from offloading.ways import Way, by_leaves, slow_ones, ways

BEGUN_S = time.monotonic()


@dataclass(frozen=True, kw_only=True)
class Time:
    """What there is of it."""

    seconds: float

    def is_left(self, what: str) -> bool:
        spent_s = time.monotonic() - BEGUN_S
        print(f"# {spent_s:.0f} s: {what}" + (" LEFT OUT" if spent_s > self.seconds else ""), flush=True)
        return spent_s <= self.seconds

    def measured(self, bench: Bench, some: Iterable[Way], round_number: int) -> list[Row]:
        return [
            told(measured(bench, way, round_number))
            for way in some
            if self.is_left(f"round {round_number}, {way.cap_gib} GiB, {way.name}")
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true", help="the embedded model on the CPU: does the script run")
    parser.add_argument("--seconds", type=float, default=450, help="after which nothing new is begun")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--pictures", type=int, default=4, help="of a way in a round, after one to warm up")
    options = parser.parse_args()
    bench, left = opened(dry=options.dry), Time(seconds=options.seconds)
    name = torch.cuda.get_device_name(bench.device) if bench.is_card else "CPU, a dry run"
    check("machine", device=name, torch=torch.__version__, diffusers=diffusers.__version__, host=host_gib())
    if left.is_left("undo"):
        with tried("undo"):
            undo_check(bench)
    bench.restore()
    print(HEAD, flush=True)
    rows = left.measured(bench, ways(bench, pictures=options.pictures), 1)
    if left.is_left("fp32"):
        with tried("fp32"):
            fp32_check(bench)
    rows += left.measured(bench, by_leaves(bench), 1)
    for round_number in range(2, options.rounds + 1):
        rows += left.measured(bench, ways(bench, pictures=options.pictures), round_number)
    rows += left.measured(bench, slow_ones(bench), 1)
    summary(rows)
    print(f"# {time.monotonic() - BEGUN_S:.0f} s in all", flush=True)


if __name__ == "__main__":
    main()
