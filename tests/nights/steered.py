"""Another program on the card, steered by lines on its standard input; it ends with its input."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path


class Steered:
    """A Python program, started."""

    def __init__(self, module: str, *arguments: object, starts_s: float) -> None:
        """Start it.

        Args:
            module: below this folder of tests.
            arguments: of its command line.
            starts_s: seconds within which it answers.
        """
        command = [sys.executable, "-m", module, *map(str, arguments)]
        paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
        self._starts_s = starts_s
        self.pid = self._program.pid

    def say(self, line: str) -> None:
        assert self._program.stdin
        self._program.stdin.write(line + "\n")
        self._program.stdin.flush()

    def answer(self) -> str:
        """The line that it says next."""
        assert self._program.stdout
        ready, _, _ = select.select([self._program.stdout], [], [], self._starts_s)
        line = self._program.stdout.readline().strip() if ready else ""
        if not line:
            self.end()
            raise SystemExit("the other program does not answer: is there a card, and so much of it free?")
        return line

    def end(self) -> None:
        if self._program.stdin:
            self._program.stdin.close()
        try:
            self._program.wait(20)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
