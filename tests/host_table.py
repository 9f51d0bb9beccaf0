"""The host's memory beside a small card: the real program at full size under a limit, and what it took.

On a card, from the repository's root: `PYTHONPATH=. python tests/host_table.py --cap 11.5 --limit 24`. The model is
Z-Image's folder at full size with random weights, written to `--model` once (21 GB); another process holds all of the
card but the cap. The limit is a control group where one may be made; elsewhere the worker is told so much by a plant,
and what it takes is watched. The exit code is 1 where it took more than the limit, swapped, or lacks a picture.
`--dry` runs the same with the embedded model on the CPU.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from nights.host_limit import HostWatch, host_limit
from nights.model_folder import ensure, forget_pages
from nights.neighbour import Neighbour
from nights.options import options_of
from nights.worker_run import START_S, WorkerRun, job_of

SIZES = ((1024, 1024), (1024, 1024), (1536, 1536))


def main() -> int:
    options = arguments()
    begun_s = time.monotonic()
    model = ensure(options.model, dry=options.dry)
    limit = host_limit(options.limit)
    print(f"# host: {limit.told}", flush=True)
    neighbour = None if options.dry else Neighbour(options.cap, seed=0)
    if not options.dry:
        forget_pages(model)
    plants = {} if limit.folder else {"PLANT_HOST_GB": str(options.limit)}
    if options.refuse:
        plants["PLANT_REFUSED_PINNING"] = "1"
    sizes = ((64, 64),) if options.dry else SIZES
    job = job_of(options.pictures, steps=2 if options.dry else 8, seed=1, sizes=sizes)
    folder = Path(tempfile.mkdtemp(prefix="host-", dir=options.work))
    run = WorkerRun(
        folder / "night", job, model=model, state=options.work / "state", device="cpu" if options.dry else "cuda",
        plants=plants, enter=limit.enter,
    )  # fmt: skip
    try:
        with HostWatch(run.process.pid) as watch:
            is_ready = run.wait_for("worker.ready", until_s=time.monotonic() + START_S)
            print(f"# ready: {is_ready}, after {time.monotonic() - run.begun_s:.0f} s", flush=True)
            run.end_within(options.seconds - (time.monotonic() - begun_s))
            run.stop()
    finally:
        if neighbour:
            neighbour.end()
    code = told(run, watch, options)
    print(f"# {limit.seen() or 'nothing was limited by the kernel'}")
    limit.end()
    shutil.rmtree(folder)
    return code


def told(run: WorkerRun, watch: HostWatch, options: argparse.Namespace) -> int:
    made = run.made()
    for picture in made.values():
        print(f"| {picture.file} | {picture.what} | {picture.seconds} s | {picture.tries} |")
    done = sum(picture.seconds is not None for picture in made.values())
    print(f"pictures {done} of {options.pictures}, exit {run.process.returncode}; {run.told()}")
    for plan, count in run.plans().items():
        print(f"plan, {count} times: {plan}")
    print(f"host: {watch}")
    faults = [
        f"{watch.own_gb:.1f} GB of its own, more than {options.limit}" * (watch.own_gb > options.limit),
        f"{watch.swapped_gb:.1f} GB swapped" * (watch.swapped_gb > 0.1),
        "pictures are lacking" * (done < options.pictures),
    ]
    if any(faults):
        print("FAILED:", "; ".join(filter(None, faults)))
        print(run.last_words())
        return 1
    print(f"within {options.limit} GB")
    return 0


def arguments() -> argparse.Namespace:
    parser = options_of(__doc__, cap_gib=11.5, pictures=6, seconds=540)
    parser.add_argument("--limit", type=float, default=24.0, help="GB of the host's memory")
    parser.add_argument("--refuse", action="store_true", help="the driver locks no memory")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
