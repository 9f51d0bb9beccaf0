"""How fast a way is, in how much memory, and whether its pictures are the same."""

from __future__ import annotations

import json
import statistics
import sys
import time
import traceback
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

import torch
from offloading.bench import Away, Bench, cap, host_gib, synchronize
from offloading.ways import Way

from worker.studio.plan.memory import MemoryPlan
from worker.studio.render.renderer import StudioRenderer
from worker.studio.retry.history import RestartRequest
from worker.studio.units import MIB


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a way came to in a round."""

    cap_gib: float
    way: str
    round: int
    seconds: float | None = None
    """Median from result to result: denoise and decode; prompts were encoded before. The warm-up is not in it."""
    each: tuple[float, ...] = ()
    card_seconds: float | None = None
    """Median of the tries' own clock, on the card."""
    peak_mib: float = 0.0
    reserved_mib: float = 0.0
    setup_s: float = 0.0
    """To put the hooks on, host copies included."""
    steps: int = 8
    difference: float | None = None
    """Mean over all pictures, of 255, from the first way's."""
    story: str = ""
    host: dict[str, float] | None = None

    def __str__(self) -> str:
        seconds = "-" if self.seconds is None else f"{self.seconds:.3f}"
        card = "-" if self.card_seconds is None else f"{self.card_seconds:.3f}"
        off = "-" if self.difference is None else f"{self.difference:.4f}"
        return (
            f"| {self.cap_gib} | {self.way} | {self.round} | {self.steps} | {seconds} | {card} | {self.peak_mib:.0f} | "
            f"{self.reserved_mib:.0f} | {off} | {self.setup_s:.1f} | {self.story} |"
        )


HEAD = (
    "| cap GiB | way | round | steps | s a picture | s on the card | peak MiB | reserved MiB | difference | setup s "
    "| tries |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def measured(bench: Bench, way: Way, round_number: int) -> Row:
    """One way, all its pictures; it ends as it began, with the transformer on the host."""
    row = Row(cap_gib=way.cap_gib, way=way.name, round=round_number, steps=way.steps)
    try:
        cap(bench.device, way.cap_gib)
        begun_s = time.perf_counter()
        if way.place is not None:
            bench.move_by(Away())
            way.place(bench)
        synchronize(bench.device)
        row = replace(row, setup_s=time.perf_counter() - begun_s)
        plan = bench.plan(way.cap_gib, way.resident)
        if bench.is_card:
            torch.cuda.reset_peak_memory_stats(bench.device)
        return pictures_of(bench, way, plan, row)
    except Exception as error:  # noqa: BLE001 - one failure does not end the rest
        traceback.print_exc(limit=-4, file=sys.stdout)
        return replace(
            row, story=f"failed: {type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
        )
    finally:
        bench.restore()


def pictures_of(bench: Bench, way: Way, plan: MemoryPlan, row: Row) -> Row:
    """The first picture warms up: diffusers learns the order of the blocks in its first pass."""
    studio = StudioRenderer(stages=bench.stages, plan=lambda _: plan)
    requests = [bench.request(seed, way.steps) for seed in range(way.pictures + 1)]
    moments, stories, card_s, off = list[float](), set[str](), list[float](), list[float]()
    made = []
    for result in studio.render(requests, on_progress=lambda _: None, is_interrupted=lambda: False):
        moments.append(time.perf_counter())
        if isinstance(result, RestartRequest):
            raise RuntimeError(f"the process would be replaced: {result}"[:200])
        stories.add(", ".join(f"{one.rung} {one.outcome}" for one in result.tries))
        card_s.append(result.tries[-1].seconds)
        if result.picture is None:
            raise RuntimeError(f"no picture: {result.error}")
        made.append((result.request.seed, result.picture.rgb))
    synchronize(bench.device)
    for seed, rgb in made:
        values = torch.frombuffer(bytearray(rgb), dtype=torch.uint8)
        first = bench.reference.setdefault(seed * 1000 + way.steps, values)
        off.append(float((values.float() - first.float()).abs().mean()))
    each = [after - before for before, after in pairwise(moments)]
    if bench.stages.overlaps:  # a result is read when the next picture has been begun: after the last there is none
        each.pop()
    return replace(
        row,
        seconds=statistics.median(each or card_s[1:]),
        each=tuple(round(one, 4) for one in each),
        card_seconds=statistics.median(card_s[1:]),
        peak_mib=torch.cuda.max_memory_allocated(bench.device) / MIB if bench.is_card else 0.0,
        reserved_mib=torch.cuda.max_memory_reserved(bench.device) / MIB if bench.is_card else 0.0,
        difference=statistics.mean(off),
        story="; ".join(sorted(stories)) + ("" if way.place or way.resident is not None else f" ({plan})"),
        host=host_gib(),
    )


def told(row: Row) -> Row:
    print(row, flush=True)
    print("JSON " + json.dumps(asdict(row), ensure_ascii=False), flush=True)
    return row


def summary(rows: list[Row]) -> None:
    """Medians of all rounds."""
    print(
        "\n| cap GiB | way | s a picture | of rounds | peak GiB | difference |\n|---|---|---|---|---|---|", flush=True
    )
    for key in dict.fromkeys((row.cap_gib, row.way, row.steps) for row in rows):
        mine = [row for row in rows if (row.cap_gib, row.way, row.steps) == key]
        done = [row for row in mine if row.seconds is not None and row.difference is not None]
        if not done:
            print(f"| {key[0]} | {key[1]} | {mine[0].story} | | | |", flush=True)
            continue
        print(
            f"| {key[0]} | {key[1]}{'' if key[2] == 8 else f', {key[2]} steps'} "
            f"| {statistics.median(one for row in done for one in row.each or (row.seconds,)):.2f} "
            f"| {', '.join(f'{row.seconds:.2f}' for row in done)} | {max(row.peak_mib for row in done) / 1024:.1f} "
            f"| {max(row.difference or 0.0 for row in done):.4f} |",
            flush=True,
        )
