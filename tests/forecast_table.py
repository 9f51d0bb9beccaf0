"""What a worker tells a job to take, beside what it took: the real program at full size, on kinds that it never made.

On a card, from the repository's root: `PYTHONPATH=.:tests python tests/forecast_table.py`. First a night of a few kinds
of picture (size, steps, guidance), from which the worker learns; then a job of each other kind, told before and timed
afterwards. Random weights cost what real ones cost. `--dry` runs the same with the embedded model on the CPU.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from nights.model_folder import ensure
from nights.options import options_of

from worker.operations.recorded_figures import read_learned
from worker.operations.speeds import seconds_of
from worker.records import PictureKind

PROGRAM = (sys.executable, "-c", "import sys; from worker.cli import main; sys.exit(main())")
LEARNT = ((512, 8, 0), (1024, 8, 0), (768, 20, 0), (1024, 12, 4), (512, 30, 4), (1280, 8, 0))
ASKED = (
    (768, 8, 0),
    (1024, 20, 0),
    (1024, 40, 4),
    (768, 12, 4),
    (1280, 12, 4),
    (1536, 8, 0),
    (640, 50, 0),
    (512, 8, 4),
)
"""Side in pixels, steps, guidance."""
SMALL = 4
"""Dry, sides are so many times shorter."""


def main() -> int:
    parser = options_of(__doc__, cap_gib=23.5, pictures=6, seconds=500)
    options = parser.parse_args()
    model = ensure(options.model, dry=options.dry)
    root = Path(tempfile.mkdtemp(prefix="forecast-", dir=options.work))
    subprocess.run([*PROGRAM, "init", str(root)], check=True, stdout=subprocess.DEVNULL)
    settings = {
        "model": str(model), "device": "cpu" if options.dry else "cuda", "log": "json", "settle_s": 0.2, "scan_s": 1,
        "compile": "never", "state_dir": str(options.work / "state"), "worker_id": "forecast",
    }  # fmt: skip
    settings |= {name: str(root / name) for name in ("inbox", "outbox", "failed")}
    settings |= {} if options.dry else {"model_kind": "base", "max_pixels": 4_194_304}
    (root / "worker.yaml").write_text(json.dumps(settings), "utf-8")
    share = SMALL if options.dry else 1
    known = drain(root, [(side // share, steps, guidance) for side, steps, guidance in LEARNT], options.pictures)
    [learned] = read_learned(next(root.glob("inbox/.zimage-worker/workers/*.speed.json"))).values()
    for one in learned:
        print(f"# learnt: {one}")
    print(f"# jobs from which that was learnt, s: {known}", flush=True)
    asked = [(side // share, steps, guidance) for side, steps, guidance in ASKED]
    told = {one: seconds_of(learned, {kind_of(one): options.pictures}) for one in asked}
    took = drain(root, asked, options.pictures)
    print("| size | steps | guidance | pictures | told | took | off by |\n|---|---|---|---|---|---|---|")
    off = []
    for one in asked:
        side, steps, guidance = one
        seconds, foreseen = took[name_of(one)], told[one] or 0.0
        off.append(abs(foreseen - seconds) / seconds)
        cells = (f"{side}x{side}", steps, guidance, options.pictures, f"{foreseen:.1f} s", f"{seconds:.1f} s")
        print("|", *(f"{cell} |" for cell in cells), f"{off[-1]:.0%} |")
    print(f"# off by {statistics.median(off):.0%} in the median, {max(off):.0%} at most", flush=True)
    return 0


def name_of(one: tuple[int, int, int]) -> str:
    side, steps, guidance = one
    return f"s{side}-{steps}-{guidance}"


def kind_of(one: tuple[int, int, int]) -> PictureKind:
    side, steps, guidance = one
    return PictureKind(pixels=side * side, steps=steps, is_guided=guidance > 0)


def drain(root: Path, kinds: list[tuple[int, int, int]], pictures: int) -> dict[str, float]:
    """Seconds of work on each job, by its name."""
    for one in kinds:
        side, steps, guidance = one
        job = {
            "prompt": "a white mug",
            "size": f"{side}x{side}",
            "steps": steps,
            "guidance": guidance,
            "count": pictures,
        }
        (root / "inbox" / f"{name_of(one)}.yaml").write_text(json.dumps(job), "utf-8")
    done = subprocess.run(
        [*PROGRAM, "run", "--drain", "-c", str(root / "worker.yaml")], capture_output=True, text=True, check=False
    )
    events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    took = {str(one["job"]): float(one["seconds"]) for one in events if one["event"] == "job.settled"}
    if done.returncode or len(took) < len(kinds):
        raise SystemExit(f"exit {done.returncode}\n{done.stderr[-3000:]}")
    return took


if __name__ == "__main__":
    sys.exit(main())
