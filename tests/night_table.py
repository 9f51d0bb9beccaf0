"""A night of mixed pictures beside another program: the real program at full size, under a cap of the card.

On a card, from the repository's root: `PYTHONPATH=. python tests/night_table.py --cap 23.5`. Three nights of the same
job: undisturbed; beside a program that takes and frees up to 97 % of what is free on the card; and beside it with a
driver that locks no host memory. Printed: pictures, tries, rungs, and the seconds of each beside the undisturbed night.
What does not fit into `--seconds` is left out and said. The model is Z-Image's folder at full size with random weights,
written to `--model` once (21 GB). `--dry` runs the same with the embedded model on the CPU, without the neighbour.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from nights.host_limit import HostWatch
from nights.model_folder import ensure
from nights.neighbour import Neighbour
from nights.options import options_of
from nights.worker_run import SIZES, SMALL_SIZES, START_S, Made, WorkerRun, job_of

NIGHTS = {
    "undisturbed": (False, {}),
    "neighbour": (True, {}),
    "refused": (True, {"PLANT_REFUSED_PINNING": "1"}),
}
"""By name: whether the neighbour takes memory, and what is planted."""
SHORTEST_S = 60.0
"""No night is begun for less."""


def main() -> int:
    options = arguments()
    end_s = time.monotonic() + options.seconds
    model = ensure(options.model, dry=options.dry)
    steps, sizes = (2, SMALL_SIZES) if options.dry else (options.steps, SIZES)
    job = job_of(options.pictures, steps=steps, seed=options.seed, sizes=sizes)
    neighbour = None if options.dry else Neighbour(options.cap, seed=options.seed)
    nights: dict[str, dict[str, Made]] = {}
    is_well = True
    try:
        for name in options.nights.split(","):
            if end_s - time.monotonic() < SHORTEST_S:
                print(f"# {name}: LEFT OUT, {options.seconds:.0f} s are over", flush=True)
                is_well = False
                continue
            nights[name], is_whole = night(name, job, model, neighbour, options, end_s)
            is_well &= is_whole
    finally:
        if neighbour:
            neighbour.end()
    table(nights)
    return 0 if is_well else 1


def night(
    name: str, job: dict, model: Path, neighbour: Neighbour | None, options: argparse.Namespace, end_s: float
) -> tuple[dict[str, Made], bool]:
    """All pictures of one night, and whether none is lacking."""
    is_disturbed, plants = NIGHTS[name]
    folder = Path(tempfile.mkdtemp(prefix=f"night-{name}-", dir=options.work))
    run = WorkerRun(
        folder / "night", job, model=model, state=options.work / "state", device="cpu" if options.dry else "cuda",
        plants=plants,
    )  # fmt: skip
    took = "alone on its part of the card"
    with HostWatch(run.process.pid) as watch:
        run.wait_for("worker.ready", until_s=min(end_s, time.monotonic() + START_S))
        ready_s = time.monotonic()
        if is_disturbed and neighbour:
            neighbour.take()
        is_over = run.end_within(end_s - time.monotonic())
        if is_disturbed and neighbour:
            took = f"the neighbour {neighbour.rest()}"
        run.stop()
    made, seconds = run.made(), time.monotonic() - ready_s
    done = [one for one in made.values() if one.seconds is not None]
    rungs = Counter(one.tries for one in done)
    print(
        f"# {options.cap} GiB, {name}: {len(done)} of {options.pictures} pictures in {seconds:.0f} s after "
        f"{ready_s - run.begun_s:.0f} s to start, exit {run.process.returncode}"
        f"{'' if is_over else ', STOPPED as the time was over'}; {run.told()}; {took}; host: {watch}"
    )
    for tale, count in rungs.most_common():
        print(f"#   {count:3} x {tale}")
    for plan, count in run.plans().most_common(6):
        print(f"#   plan, {count} times: {plan}", flush=True)
    is_whole = len(done) == options.pictures and run.process.returncode == 0
    if not is_whole:
        print(run.last_words(), flush=True)
    shutil.rmtree(folder)
    return made, is_whole


def table(nights: dict[str, dict[str, Made]]) -> None:
    names = [*nights]
    print("\n| picture | what | " + " | ".join(f"{name}, s" for name in names) + " |\n|" + "---|" * (2 + len(names)))
    for file in sorted({file for made in nights.values() for file in made}):
        held = [made.get(file) for made in nights.values()]
        what = next(one.what for one in held if one)
        print(f"| {file} | {what} | " + " | ".join(seconds_of(one) for one in held) + " |")
    medians = []
    for made in nights.values():
        seconds = [one.seconds for one in made.values() if one.seconds is not None]
        medians.append(f"{statistics.median(seconds):.2f}" if seconds else "-")
    print(f"| median | | {' | '.join(medians)} |", flush=True)


def seconds_of(made: Made | None) -> str:
    return "-" if made is None or made.seconds is None else f"{made.seconds:.2f}"


def arguments() -> argparse.Namespace:
    parser = options_of(__doc__, cap_gib=23.5, pictures=60, seconds=530)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1, help="of the job and of the neighbour")
    parser.add_argument("--nights", default=",".join(NIGHTS), help="which, in their order")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
