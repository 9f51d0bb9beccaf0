"""A worker with `nice: true` beside another program on one card: when pictures were made, and when it waited.

On a card, from the repository's root: `PYTHONPATH=. python tests/nice_table.py`, two minutes. The other program
computes for 20 s, holds memory for 25 s without computing, computes for 15 s, and ends. Printed: a row for each five
seconds, what the worker said of its waits, stages and temperature. It fails where a picture was made after the worker
had time to hear of the other program, where none was made beside one that only holds memory, or where nobody was named.
The model is the embedded one, which is on the card too. `--dry` only shows that the script runs, on the CPU.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pynvml
from nights.computing import Computing
from nights.worker_run import WorkerRun

from worker.daemon.card_manners import LOOK_EVERY_S
from worker.studio.card.nvml import NvmlCard

PHASES = (("alone", 15), ("computes", 20), ("holds memory", 25), ("computes", 15), ("ended", 20))
BLIND_PHASES = (("alone", 5), ("computes", 80), ("holds memory", 25), ("ended", 5))
"""Where the driver does not say who uses the card, as in a container: the worker looks once a minute."""
HEARS_S = 8.0
"""Two readings in a row, and the pictures in work."""
GOES_ON_S = 13.0
"""After the last use: ten seconds of quiet, a reading, and the first picture."""
START_S = 60.0
ROW_S = 5.0

Spans = Sequence[tuple[str, float, float]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--size", default="1024x1024")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--ceiling", type=int, help="max_temperature_c, for a look at that")
    parser.add_argument("--dry", action="store_true", help="on the CPU, short phases: does the script run")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nice-", dir=options.work))
    size, steps, device = ("64x64", 2, "cpu") if options.dry else (options.size, options.steps, "cuda")
    ceiling = {} if options.ceiling is None else {"max_temperature_c": options.ceiling}
    job = {"prompt": "a white mug on a grey wall, soft light", "count": 5000, "size": size, "steps": steps}
    run = WorkerRun(
        folder / "night", job, model=Path("demo"), state=folder / "state", device=device, plants={},
        more={"model": "demo", "model_kind": "auto", "nice": True, **ceiling},
    )  # fmt: skip
    try:
        if not run.wait_for("picture.made", until_s=time.monotonic() + START_S):
            print(run.last_words())
            return 1
        is_blind = not options.dry and not tells_users()
        spans, pid = phases(device, BLIND_PHASES if is_blind else PHASES, shorter=10 if options.dry else 1)
    finally:
        run.stop()
    events = run.events()
    print_rows(events, spans)
    print_costs(events)
    return 0 if options.dry else verdict(events, spans, pid, is_blind=is_blind)


def tells_users() -> bool:
    """Whether the driver says who uses the first card, and by numbers of processes that are known here."""
    pynvml.nvmlInit()
    card = NvmlCard(pynvml.nvmlDeviceGetUUID(pynvml.nvmlDeviceGetHandleByIndex(0)))
    time.sleep(1.5)
    reading = card.read()
    print(f"# the driver tells: {reading}", flush=True)
    return reading.tells_users


def phases(device: str, planned: Sequence[tuple[str, int]], *, shorter: int) -> tuple[Spans, int]:
    """When each phase of the other program was, by the wall clock; and its process id."""
    other, spans = Computing(device), []
    try:
        for name, seconds in planned:
            begun_s = time.time()
            if name == "ended":
                other.end()
            elif name != "alone":
                other.say("compute" if name == "computes" else "hold")
            time.sleep(seconds / shorter)
            spans.append((name, begun_s, time.time()))
            print(f"# {name} for {seconds / shorter:.0f} s", flush=True)
    finally:
        other.end()
    return spans, other.pid


def at_s(event: Mapping[str, object]) -> float:
    return datetime.fromisoformat(str(event["timestamp"]).replace("Z", "+00:00")).timestamp()


def made_within(events: Sequence[Mapping[str, object]], begin_s: float, end_s: float) -> int:
    return sum(one["event"] == "picture.made" and begin_s <= at_s(one) < end_s for one in events)


def print_rows(events: Sequence[Mapping[str, object]], spans: Spans) -> None:
    begun_s = spans[0][1]
    print("\n| from, s | the other program | pictures | the worker |\n|---|---|---|---|")
    told = [one for one in events if one["event"] in ("worker.paused", "worker.resumed", "card.unread", "card.hot")]
    for name, span_begun_s, span_end_s in spans:
        edges = [span_begun_s]
        while edges[-1] + ROW_S < span_end_s:
            edges.append(edges[-1] + ROW_S)
        for begin_s, end_s in pairwise([*edges, span_end_s]):
            here = [one for one in told if begin_s <= at_s(one) < end_s]
            words = "; ".join(
                f"{at_s(one) - begun_s:.1f} s {one['event']} {one.get('reason', '')}".strip() for one in here
            )
            print(f"| {begin_s - begun_s:.0f} | {name} | {made_within(events, begin_s, end_s)} | {words} |")
    print(flush=True)


def print_costs(events: Sequence[Mapping[str, object]]) -> None:
    made = [one for one in events if one["event"] == "picture.made"]
    sums: Counter[str] = Counter()
    for one in made:
        for name in ("seconds", "encode_s", "denoise_s", "decode_s"):
            value = one.get(name)
            sums[name] += value if isinstance(value, int | float) else 0  # type: ignore[assignment]
    figures = ", ".join(f"{name} {value / max(1, len(made)):.3f}" for name, value in sums.items())
    print(f"# {len(made)} pictures; means: {figures}")
    print(f"# {Counter(str(one['event']) for one in events)}", flush=True)


def verdict(events: Sequence[Mapping[str, object]], spans: Spans, pid: int, *, is_blind: bool) -> int:
    """0 where the worker kept its word."""
    wrong = []
    hears_s = HEARS_S + (LOOK_EVERY_S if is_blind else 0.0)
    for number, (name, begin_s, end_s) in enumerate(spans):
        if name == "computes" and made_within(events, begin_s + hears_s, end_s):
            wrong.append(f"phase {number}: pictures were made beside a program that computes")
        if (
            name in ("holds memory", "ended")
            and end_s - begin_s > GOES_ON_S
            and not made_within(events, begin_s + GOES_ON_S, end_s)
        ):
            wrong.append(f"phase {number}: it did not go on")
    reasons = [str(one["reason"]) for one in events if one["event"] == "worker.paused"]
    if not is_blind and not any(f"(process {pid})" in reason for reason in reasons):
        wrong.append(f"process {pid} was never named; told: {reasons}")
    print("\n".join(f"WRONG: {one}" for one in wrong) or "well: it waited while the other computed, and only then")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
