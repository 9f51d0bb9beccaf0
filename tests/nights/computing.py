"""Another program that computes on the card, and then only holds memory.

`PYTHONPATH=tests python -m nights.computing DEVICE`; lines on standard input steer it: `compute`, `hold`.
"""

from __future__ import annotations

import select
import sys

from nights.steered import Steered

SIDE = 4096
HELD_GIB = 2
START_S = 60.0


def run(device: str) -> None:
    import torch

    held = torch.zeros(HELD_GIB * 1024**3 if device != "cpu" else 1, dtype=torch.uint8, device=device)
    factor = torch.randn(SIDE if device != "cpu" else 64, SIDE if device != "cpu" else 64, device=device)
    print(f"holds {held.nbytes / 1024**3:.0f} GiB", flush=True)
    is_computing = False
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], 0.0 if is_computing else 3600.0)
        if ready:
            line = sys.stdin.readline()
            if not line:
                return
            is_computing = line.strip() == "compute"
        for _ in range(20 if is_computing else 0):
            factor = torch.tanh(factor @ factor)
        if is_computing and device != "cpu":
            torch.cuda.synchronize()


class Computing(Steered):
    """That program, started."""

    def __init__(self, device: str) -> None:
        super().__init__("nights.computing", device, starts_s=START_S)
        print(f"# other program: process {self.pid}, {self.answer()}", flush=True)


if __name__ == "__main__":
    run(sys.argv[1])
