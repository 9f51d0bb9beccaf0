"""Another program on the card, which takes and frees its memory.

`PYTHONPATH=tests python -m nights.neighbour CAP_GIB SEED`, steered by lines on standard input. It leaves CAP_GIB of
the card free and holds the rest. After `take` it also takes up to 97 % of what is free, by chance, holds it for a
moment and frees it, until `rest`. It ends with its input.
"""

from __future__ import annotations

import random
import select
import sys

from nights.steered import Steered

GIB = 1024**3
MOST = 0.97
HOLD_S, PAUSE_S = (0.1, 3.0), (0.1, 2.0)
START_S = 120.0


def hear(seconds: float) -> str | None:
    """A line said within this time, or None; nothing at the end of the input."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return sys.stdin.readline() if ready else None


def run(cap_gib: float, seed: int) -> None:
    import torch

    drawn = random.Random(seed)
    torch.zeros(1, device="cuda")
    free, _ = torch.cuda.mem_get_info()
    kept = torch.empty(max(0, free - int(cap_gib * GIB)), dtype=torch.uint8, device="cuda")
    print(f"held {kept.nbytes / GIB:.1f} GiB, {torch.cuda.mem_get_info()[0] / GIB:.1f} GiB free", flush=True)
    is_taking, takes, refused = False, list[float](), 0
    while (line := hear(drawn.uniform(*PAUSE_S) if is_taking else 3600.0)) != "":
        if line is not None:
            is_taking = line.strip() == "take"
            if not is_taking:
                told = f"{len(takes)} times, {max(takes, default=0) / GIB:.1f} GiB at most, {refused} times refused"
                print(f"took {told}", flush=True)
                takes, refused = [], 0
            continue
        if not is_taking:
            continue
        wanted = int(torch.cuda.mem_get_info()[0] * drawn.uniform(0.2, MOST))
        try:
            taken = torch.empty(wanted, dtype=torch.uint8, device="cuda")
        except torch.OutOfMemoryError:
            refused += 1
            continue
        takes.append(taken.nbytes)
        select.select([], [], [], drawn.uniform(*HOLD_S))
        del taken
        torch.cuda.empty_cache()


class Neighbour(Steered):
    """That program, started."""

    def __init__(self, cap_gib: float, *, seed: int) -> None:
        super().__init__("nights.neighbour", cap_gib, seed, starts_s=START_S)
        print(f"# neighbour: {self.answer()}", flush=True)

    def take(self) -> None:
        self.say("take")

    def rest(self) -> str:
        """What it took until now."""
        self.say("rest")
        return self.answer()


if __name__ == "__main__":
    run(float(sys.argv[1]), int(sys.argv[2]))
