"""The speed test: the plain loop, this worker eager and this worker compiled, by turns on one model.

Knows how to make pictures each way: anybody's loop, and the worker's stages with all that surrounds them.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from diffusers import ZImagePipeline

from worker.bench.measuring.profiling import profile_kernels
from worker.bench.measuring.roofline import matmul_roofline, tera_operations
from worker.bench.measuring.synthetic import build_full_size
from worker.bench.options import TOLD, SpeedOptions, Way
from worker.records import Picture, PictureResult, Progress, Request
from worker.studio.card.device import choose_device, room_mib
from worker.studio.card.precision import lock_precision
from worker.studio.model_files.parts import ModelSource
from worker.studio.plan.memory import CPU_PLAN, MemoryPlan, Work, make_plan
from worker.studio.plan.setup import ON_CARD
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.render.stages import Stages
from worker.studio.stages.compiling import graphs
from worker.studio.stages.loading import Parts, load_parts
from worker.studio.units import MIB
from worker.translation import gettext, translated

PROFILED = 4
"""Pictures of a job whose kernels are looked at."""

Write = Callable[[Picture, Path], None]
"""Makes a file of a picture, as the worker does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A model and what it is tried on."""

    options: SpeedOptions
    parts: Parts
    stages: Stages
    device: torch.device
    folder: Path
    write: Write
    writer: Executor

    def requests(self, seed: int) -> list[Request]:
        """A round's pictures: a catalogue with prompts of many lengths."""
        w = self.options
        return [
            Request(
                shot_id="bench", index=number, file=f"{seed}-{number}.png", seed=seed + number,
                prompt=f"白色陶瓷马克杯 product {number} on a light grey wall" + ", soft window light" * (number % 12),
                negative_prompt="text, watermark", width_px=w.width_px, height_px=w.height_px, steps=w.steps,
                guidance=w.guidance,
            )
            for number in range(w.pictures)
        ]  # fmt: skip

    def plain(self, seed: int) -> None:
        """Anybody's loop: the pipeline, then Pillow."""
        parts = self.parts
        pipe = ZImagePipeline(
            tokenizer=parts.tokenizer, text_encoder=parts.text_encoder, transformer=parts.transformer, vae=parts.vae,
            scheduler=parts.scheduler,
        )  # fmt: skip
        pipe.set_progress_bar_config(disable=True)
        for request in self.requests(seed):
            picture = pipe(
                request.prompt, negative_prompt=request.negative_prompt, width=request.width_px,
                height=request.height_px, num_inference_steps=request.steps, guidance_scale=request.guidance,
                generator=torch.Generator("cpu").manual_seed(request.seed),
            ).images[0]  # fmt: skip
            picture.save(self.folder / request.file)

    def worker(self, seed: int, *, compiled: bool, on_progress: Callable[[Progress], None] = lambda _: None) -> None:
        """This worker's stages, and its files: with labels, read back, synced, by another process as in the daemon.

        Args:
            seed: of the first picture.
            compiled: with compiled code.
            on_progress: hears of each step.
        """
        stages = replace(self.stages, compiles=lambda _: compiled)
        studio = StudioRenderer(stages=stages, plan=self.plan)
        results = studio.render(self.requests(seed), on_progress=on_progress, is_interrupted=lambda: False)
        for future in [self.write_later(result) for result in results if isinstance(result, PictureResult)]:
            future.result()

    def write_later(self, result: PictureResult) -> Future[None]:
        """One file, or the reason why not."""
        if result.picture is None:
            raise RuntimeError(result.error)
        return self.writer.submit(self.write, result.picture, self.folder / result.request.file)

    def lay_out_plain(self) -> None:
        """Everything on the card, eager, as the plain loop has it; not counted in its time."""
        stages: Any = self.stages
        if self.device.type == "cuda":
            stages.encode._placed.move_to(ON_CARD)
            stages.denoise._placed.move_to(ON_CARD)
        stages.denoise._compilation.turn(on=False)

    def plan(self, work: Work) -> MemoryPlan:
        """As the worker makes it, within the cap."""
        if self.device.type == "cpu":
            return CPU_PLAN
        room = room_mib(self.device, fraction=None)
        cap = self.options.memory_gib * 1024 if self.options.memory_gib else room
        return make_plan(min(room, cap), self.parts.weights(), work)


def measure(bench: Bench) -> Iterator[Way]:
    """All ways by turns, a warm-up first, then so many rounds."""
    one = replace(bench, options=replace(bench.options, pictures=2))
    ways, warm_ways = _ways(bench), _ways(one)
    seconds: dict[str, list[float]] = {}
    peaks: dict[str, float] = {}
    notes: dict[str, str] = {}
    warm_s: dict[str, float] = {}
    for round_number in range(-1, bench.options.rounds):
        for name, make in (warm_ways if round_number < 0 else ways).items():
            if name not in bench.options.ways or name in notes:
                continue
            if name == "plain":
                bench.lay_out_plain()
            _reclaim(bench.device)
            begun_s = time.perf_counter()
            try:
                make(1000 * (round_number + 2))
            except torch.OutOfMemoryError as error:
                notes[name] = str(error).partition("\n")[0][:120]
                continue
            taken_s = time.perf_counter() - begun_s
            if round_number < 0:
                warm_s[name] = taken_s
                text = gettext("{name}: first two pictures {seconds} s", name=name, seconds=f"{taken_s:.1f}")
                tell(translated(text, bench.options.language))
                continue
            text = gettext(
                "{name}: round {round}, {seconds} s a picture",
                name=name,
                round=round_number + 1,
                seconds=f"{taken_s / bench.options.pictures:.4f}",
            )
            tell(translated(text, bench.options.language))
            seconds.setdefault(name, []).append(taken_s / bench.options.pictures)
            peaks[name] = max(peaks.get(name, 0.0), _peak_mib(bench.device))
    for name in bench.options.ways:
        yield Way(
            name=name,
            seconds=statistics.median(seconds[name]) if name in seconds else None,
            spread=[round(one, 4) for one in seconds.get(name, [])],
            peak_mib=round(peaks.get(name, 0.0)),
            warm_up_s=round(warm_s.get(name, 0.0), 1),
            note=notes.get(name, ""),
        )


def tell(line: str) -> None:
    """Say how far it is, for whoever waits."""
    print(f"{TOLD}{line}", file=sys.stderr, flush=True)


def _ways(bench: Bench) -> dict[str, Callable[[int], None]]:
    return {
        "plain": bench.plain,
        "eager": partial(bench.worker, compiled=False),
        "compiled": partial(bench.worker, compiled=True),
    }


def card_usage(bench: Bench, made: Sequence[str]) -> dict[str, dict[str, float]]:
    """Where the card's time goes in each of this worker's ways.

    Args:
        bench: the model.
        made: names of the ways that made their pictures.

    Returns:
        Figures of `kernels.Usage` by name of the way; empty where there is no card.
    """
    if bench.device.type == "cpu":
        return {}
    few = replace(bench, options=replace(bench.options, pictures=PROFILED))
    used = {}
    for way in made:
        if way == "plain":
            continue
        seen = profile_kernels(partial(few.worker, 1, compiled=way == "compiled"), pictures=PROFILED)
        if seen is not None:
            used[way] = seen.as_dict()
    return used


def _reclaim(device: torch.device) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def _peak_mib(device: torch.device) -> float:
    return torch.cuda.max_memory_allocated(device) / MIB if device.type == "cuda" else 0.0


def measure_speed(options: SpeedOptions, *, demo: Path, folder: Path, write: Write) -> dict[str, object]:
    """Load the model and measure.

    Args:
        options: what is measured.
        demo: folder of the embedded model; a model of random weights borrows its tokenizer.
        folder: for the pictures.
        write: how the worker writes one.

    Raises:
        ModelInvalid: the model cannot be loaded.
        DeviceUnavailable: the device is absent, too old or too small.
    """
    lock_precision()
    device = choose_device(options.device, is_demo=options.model == str(demo))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    tell(translated(gettext("loading the model"), options.language))
    if options.synthetic:
        parts = build_full_size(demo / "tokenizer", device=device)
    else:
        parts = load_parts(ModelSource(folder=Path(options.model or demo)), device=device)
    roofline = matmul_roofline(device)
    if options.memory_gib and device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory / MIB / 1024
        torch.cuda.set_per_process_memory_fraction(min(1.0, options.memory_gib / total), device)
    stages = build_stages(parts, device=device, compile_option="always")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as writer:
        bench = Bench(
            options=options, parts=parts, stages=stages, device=device, folder=folder, write=write, writer=writer
        )
        ways = [*measure(bench)]
        made = [way.name for way in ways if way.seconds is not None]
        return {
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU",
            "torch": torch.__version__,
            "options": asdict(options),
            "ways": [asdict(way) for way in ways],
            "matmul_tflops": float(f"{roofline:.3g}"),  # a busy processor has 0.03
            "picture_tflop": float(f"{tera_operations(options, parts):.3g}"),
            "usage": card_usage(bench, made),
            "graphs": graphs(),
        }
