"""Measures the studio README's table of cards: this worker against the plain pipeline, under caps of memory.

Run it on a card of 80 GB or so, as the model stands there at full size with random weights:
`PYTHONPATH=. python tests/card_table.py`. Each line is one row: seconds a picture (median), peak of what was allocated,
and the plain pipeline's figures under the same cap, in the same run.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from worker.studio.card.environment import FIXED, child_environment

if __name__ == "__main__" and any(os.environ.get(name) != value for name, value in FIXED.items()):
    os.execve(sys.executable, [sys.executable, *sys.argv], child_environment(os.environ, package_root=str(Path.cwd())))

import torch
from diffusers import ZImagePipeline

from worker.bench.measuring.synthetic import build_full_size
from worker.demo import weights_dir
from worker.records import Request
from worker.studio.card.placement import PlacedModule
from worker.studio.card.precision import lock_precision
from worker.studio.model_files.weights import Weights
from worker.studio.plan.memory import Work, make_plan
from worker.studio.plan.setup import ON_CARD, ON_HOST
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.stages.loading import Parts

CARD = torch.device("cuda", 0)
MIB = 1024 * 1024
PROMPT = (
    "一位穿米色高领毛衣的模特站在窗边 product shot of a knitted sweater on a model by the window, soft morning light"
)


@dataclass(frozen=True)
class Row:
    cap_gib: float
    side: int
    steps: int
    guidance: float
    pictures: int
    plain: tuple[str, ...] = ("whole",)
    """Ways of the plain pipeline to compare with."""


ROWS = [
    Row(23.5, 1024, 12, 0.0, 20),
    Row(23.5, 1024, 12, 5.5, 20),
    Row(22.5, 1024, 12, 0.0, 20),
    Row(22.5, 1024, 12, 5.5, 20),
    Row(23.5, 2048, 8, 0.0, 3),
    Row(15.5, 1024, 8, 0.0, 4, ("whole", "model offload")),
    Row(15.5, 1536, 8, 0.0, 3, ("whole",)),
    Row(15.5, 2048, 8, 0.0, 3, ("whole",)),
    Row(11.5, 1024, 8, 0.0, 4, ("whole", "model offload", "sequential offload")),
    Row(7.5, 1024, 8, 0.0, 4, ("whole", "model offload", "sequential offload")),
]


@dataclass(frozen=True)
class Seen:
    """Of one row and one way."""

    seconds: float | None
    peak_gib: float
    reserved_gib: float
    story: str

    def __str__(self) -> str:
        if self.seconds is None:
            return f"{self.story}"
        return f"{self.seconds:.2f} s, {self.peak_gib:.1f} GiB ({self.reserved_gib:.1f} reserved) {self.story}"


def cap(gib: float) -> None:
    gc.collect()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(CARD).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, gib * 1024 * MIB / total), CARD)
    torch.cuda.reset_peak_memory_stats(CARD)


def seen(seconds: float | None, story: str) -> Seen:
    return Seen(
        seconds,
        torch.cuda.max_memory_allocated(CARD) / MIB / 1024,
        torch.cuda.max_memory_reserved(CARD) / MIB / 1024,
        story,
    )


def ours(row: Row, studio: StudioRenderer) -> Seen:
    """All pictures of a row as one job; the seconds are from result to result, files not included."""
    requests = [request_of(row, seed) for seed in range(row.pictures)]
    moments, stories, begun_s = [time.perf_counter()], set(), time.perf_counter()
    for result in studio.render(requests, on_progress=lambda _: None, is_interrupted=lambda: False):
        moments.append(time.perf_counter())
        stories.add(", ".join(f"{one_try.rung} {one_try.outcome}" for one_try in result.tries))
        assert result.picture is not None, result.error
    each = [after - before for before, after in pairwise(moments[1:])]
    torch.cuda.synchronize(CARD)
    whole_s = moments[-1] - begun_s
    return seen(
        statistics.median(each), f"[{len(moments) - 1} pictures in {whole_s:.1f} s: {'; '.join(sorted(stories))}]"
    )


def request_of(row: Row, seed: int) -> Request:
    return Request(
        shot_id="s", index=seed, file=f"{seed}.png", prompt=PROMPT, negative_prompt="text, watermark", seed=seed,
        width_px=row.side, height_px=row.side, steps=row.steps, guidance=row.guidance,
    )  # fmt: skip


def plain(row: Row, pipe: ZImagePipeline, pictures: int) -> Seen:
    seconds = []
    for seed in range(pictures):
        begun_s = time.perf_counter()
        try:
            pipe(
                PROMPT, negative_prompt="text, watermark", width=row.side, height=row.side,
                num_inference_steps=row.steps, guidance_scale=row.guidance,
                generator=torch.Generator("cpu").manual_seed(seed),
            )  # fmt: skip
        except torch.OutOfMemoryError:
            return seen(None, "out of memory")
        seconds.append(time.perf_counter() - begun_s)
    return seen(statistics.median(seconds[1:] or seconds), "")


def main() -> None:
    lock_precision()
    torch.cuda.set_device(CARD)
    parts = build_full_size(weights_dir() / "tokenizer", device=CARD)
    weights = parts.weights()
    print(torch.cuda.get_device_name(CARD), "torch", torch.__version__, flush=True)
    stages = build_stages(parts, device=CARD)
    for row in ROWS:
        stages.denoise._placed.move_to(ON_HOST)
        stages.encode.leave()
        cap(row.cap_gib)
        plan = make_plan(row.cap_gib * 1024, weights, Work(pixels=row.side**2, is_guided=row.guidance > 0))
        studio = StudioRenderer(stages=stages, plan=planner(row.cap_gib, weights))
        print(
            f"{row.cap_gib} GiB {row.side} x {row.steps} g{row.guidance} | worker | {ours(row, studio)} | {plan}",
            flush=True,
        )
    cap(1000)
    in_place(parts, stages.encode._placed, stages.denoise._placed)
    for way in ("whole", "model offload", "sequential offload"):
        for row in ROWS:
            if way not in row.plain:
                continue
            cap(1000)
            with_pipe(row, way, parts)


def planner(gib: float, weights: Weights) -> Callable:
    return lambda work: make_plan(gib * 1024, weights, work)


def in_place(parts: Parts, *modules: PlacedModule) -> None:
    """Back to a model that is on the card as anybody's would be."""
    for placed in modules:
        placed.move_to(ON_CARD)


def with_pipe(row: Row, way: str, parts: Parts) -> None:
    pipe = ZImagePipeline(
        tokenizer=parts.tokenizer, text_encoder=parts.text_encoder, transformer=parts.transformer, vae=parts.vae,
        scheduler=parts.scheduler,
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    label = f"{row.cap_gib} GiB {row.side} x {row.steps} g{row.guidance} | plain, {way} |"
    if way == "whole" and row.cap_gib < 20:
        print(label, "out of memory: the weights are 19.3 GiB", flush=True)
        return
    if way == "whole":
        cap(row.cap_gib)
        print(label, plain(row, pipe, 3), flush=True)
        return
    for part in (parts.text_encoder, parts.transformer, parts.vae):
        part.to("cpu")
    cap(row.cap_gib)
    try:
        if way == "model offload":
            pipe.enable_model_cpu_offload()
        else:
            pipe.enable_sequential_cpu_offload()
        print(label, plain(row, pipe, 2 if way == "model offload" else 1), flush=True)
    except torch.OutOfMemoryError:
        print(label, "out of memory", flush=True)
    finally:
        pipe.remove_all_hooks()


if __name__ == "__main__":
    main()
