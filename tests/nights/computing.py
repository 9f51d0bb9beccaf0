"""Another program that computes on the card, and then only holds memory: `python tests/nights/computing.py DEVICE`.

Lines on standard input steer it: `compute`, `hold`. It ends with its input.
"""

from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path

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


class Computing:
    """That program, started."""

    def __init__(self, device: str) -> None:
        command = [sys.executable, str(Path(__file__)), device]
        self._program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._program.stdout
        ready, _, _ = select.select([self._program.stdout], [], [], START_S)
        line = self._program.stdout.readline().strip() if ready else ""
        if not line:
            self.end()
            raise SystemExit("the other program does not answer: is there a card?")
        self.pid = self._program.pid
        print(f"# other program: process {self.pid}, {line}", flush=True)

    def say(self, word: str) -> None:
        assert self._program.stdin
        self._program.stdin.write(word + "\n")
        self._program.stdin.flush()

    def end(self) -> None:
        if self._program.stdin:
            self._program.stdin.close()
        try:
            self._program.wait(20)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()


if __name__ == "__main__":
    run(sys.argv[1])
