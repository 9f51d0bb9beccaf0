"""A random slip in a random job: how many are told.

`PYTHONPATH=.:tests python tests/slips/random_slips.py [TRIES] [SEED]` prints it, with `TRIES` of each kind.

Each kind weighs the same. M14 (no model on this computer) is true of every try here.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from random import Random
from typing import get_args

from slips.drops import GOOD, said_of, verdict
from slips.kinds import of_kind, variants
from slips.names import ALMOST, CONFLICTS, check_says, is_told
from slips.other_slips import OTHERS
from slips.tries import Try
from slips.variants import Kind
from worker.cli import main
from worker.translation import translated

OPTIONS = {
    "run": ("--drain", "--inbox", "--model"), "check": ("--strict", "--outbox"), "plan": ("--strict", "--failed"),
    "submit": ("--wait", "--strict"), "status": ("--watch", "--device"), "": ("--version", "--help"),
}  # fmt: skip
"""By command."""
HAN = re.compile("[\u4e00-\u9fff]")


def of_job(kind: Kind) -> Callable[[Random, Path], Try]:
    """A slip inside a job or its table: told at its line in words that name it, or read as it was meant."""

    def tried(random: Random, folder: Path) -> Try:
        variant = random.choice(of_kind(kind))
        slip = variant.slip(random.random())
        judged, said = verdict(slip, folder)
        return Try(what=f"{variant.name}\n{slip.drop.files}", is_told=judged in GOOD, said=f"{judged}: {said}")

    return tried


def of_name(names: tuple[str, ...]) -> Callable[[Random, Path], Try]:
    """A file under a name that no worker takes: told with what to do."""

    def tried(random: Random, folder: Path) -> Try:
        name = random.choice(names)
        return Try(what=name, is_told=is_told(name, folder / "1"), said=check_says(name, folder / "2"))

    return tried


def of_call(random: Random, folder: Path) -> Try:
    """An option with two letters swapped: named as it was written."""
    command = random.choice(sorted(OPTIONS))
    option = random.choice(OPTIONS[command])
    at = random.choice([i for i in range(2, len(option) - 1) if option[i] != option[i + 1]])
    wrong = option[:at] + option[at + 1] + option[at] + option[at + 2 :]
    jobs = ["job.yaml"] if command in ("check", "plan", "submit") else []
    said = StringIO()
    with redirect_stderr(said), redirect_stdout(StringIO()), suppress(SystemExit):
        main([*filter(None, (command, wrong)), *jobs])
    return Try(what=f"{command} {wrong}", is_told=wrong in said.getvalue().splitlines()[-1], said=said.getvalue())


def of_language(random: Random, folder: Path) -> Try:
    """Any slip, for a reader of Chinese: what is said of it is said in Chinese."""
    variant = random.choice(variants())
    said = said_of(variant.slip(random.random()).drop, folder / "slip")
    texts = [translated(text, "zh") for one in said.problems for text in (one.message, one.remedy) if text]
    return Try(what=variant.name, is_told=all(HAN.search(text) for text in texts), said="\n".join(texts))


KINDS: Mapping[str, Callable[[Random, Path], Try]] = {
    **{kind: of_job(kind) for kind in get_args(Kind)},
    "W9": of_name(CONFLICTS),
    "W11": of_name(ALMOST),
    "M13": of_call,
    "M15": of_language,
    **OTHERS,
}
"""How each kind of slip is tried, once."""


def tried(kind: str, random: Random, folder: Path) -> Try:
    """Try one slip of a kind in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        return KINDS[kind](random, Path(own))


def table(told: Counter[str], tries: Counter[str]) -> str:
    """A line a kind, and the rate of all."""
    lines = [f"{kind:4} {told[kind]:3} of {tries[kind]}" for kind in KINDS if tries[kind]]
    return "\n".join([*lines, f"all  {told.total()} of {tries.total()}: {told.total() / tries.total():.1%}"])


def print_rates(times: int = 100, seed: str = "random slips") -> None:
    """Print what is not told, then the rates."""
    random, told, tries = Random(seed), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            for _ in range(times):
                one = tried(kind, random, Path(folder))
                tries[kind] += 1
                told[kind] += one.is_told
                if not one.is_told:
                    print(f"{kind}: {one.what}\n{one.said}\n")
    print(table(told, tries))


if __name__ == "__main__":
    print_rates(*[int(one) for one in sys.argv[1:2]], *sys.argv[2:3])
