"""Group offloading: diffusers' `apply_group_offloading` beside this worker's own streaming, on one card, in one run.

`python tests/offload_table.py` from the repository's root, on a card of 80 GB or so; the model stands there at full
size with random weights. Lines are printed as they are measured: Markdown rows, `JSON {...}`, and `check:` lines for
what the offloading can and cannot do (resident blocks, fp32, undo). `--dry` runs the same code with the embedded model
on the CPU, where diffusers has no streams; its figures mean nothing. `--seconds` is when nothing new is begun.
"""

from __future__ import annotations

import argparse
import gc
import inspect
import json
import os
import statistics
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from worker.studio.card.environment import FIXED, child_environment

if __name__ == "__main__" and any(os.environ.get(name) != value for name, value in FIXED.items()):
    os.execve(sys.executable, [sys.executable, *sys.argv], child_environment(os.environ, package_root=str(Path.cwd())))

import diffusers
import torch
from diffusers.hooks import HookRegistry, apply_group_offloading, apply_layerwise_casting_hook

from worker.bench.measuring.synthetic import build_full_size
from worker.demo import weights_dir
from worker.records import Request
from worker.studio.card.placement import PlacedModule, streamed_blocks
from worker.studio.card.precision import lock_precision
from worker.studio.model_files.parts import ModelSource
from worker.studio.plan.memory import CPU_PLAN, WHOLE, MemoryPlan, Work, make_plan
from worker.studio.plan.setup import ON_HOST, Placement, set_up
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.render.stages import Stages
from worker.studio.retry.ladders import RUNGS, with_rungs
from worker.studio.stages.encode import PromptEmbeddings
from worker.studio.stages.loading import Parts, load_parts

BEGUN_S = time.monotonic()
MIB = 1024 * 1024
GIB = 1024 * MIB
HOOKS = ("lazy_prefetch_group_offloading", "layer_execution_tracker", "group_offloading")
"""Diffusers' names for what `apply_group_offloading` puts on modules; no public function takes it off."""
PROMPTS = (
    "一位穿米色高领毛衣的模特站在窗边 product shot of a knitted sweater on a model by the window, soft morning light",
    "white ceramic mug on a light grey wall, soft window light",
)


class Away:
    """Stands in for this worker's `PlacedModule`: somebody else moves the weights."""

    def move_to(self, placement: Placement) -> None:
        """Do nothing."""

    def card_mib(self) -> float:
        """Not known."""
        return 0.0


@dataclass(kw_only=True)
class Bench:
    """The model, loaded once."""

    parts: Parts
    stages: Stages
    device: torch.device
    side: int
    own: PlacedModule
    """This worker's way of moving the transformer."""
    reference: dict[int, torch.Tensor]
    """By seed and steps: the first way's pictures, which all others should equal."""
    prompt: torch.Tensor | None = None
    """Embedding of the prompt for single tries, encoded once."""

    @property
    def is_card(self) -> bool:
        return self.device.type == "cuda"

    def request(self, seed: int, steps: int) -> Request:
        return Request(
            shot_id="s", index=seed, file=f"{seed}.png", prompt=PROMPTS[seed % len(PROMPTS)], seed=seed,
            width_px=self.side, height_px=self.side, steps=steps, guidance=0.0,
        )  # fmt: skip

    def plan(self, cap_gib: float, resident: int | None = None) -> MemoryPlan:
        """The worker's plan under a cap, or the same with another number of resident blocks."""
        if self.is_card:
            plan = make_plan(cap_gib * 1024, self.parts.weights(), Work(pixels=self.side**2))
        else:
            plan = replace(CPU_PLAN, resident_blocks=WHOLE if cap_gib > 15 else self.blocks // 2)
        return plan if resident is None else replace(plan, resident_blocks=min(resident, self.blocks - 1))

    @property
    def blocks(self) -> int:
        return len(self.parts.transformer_blocks)

    def move_by(self, mover: PlacedModule | Away) -> None:
        denoise: Any = self.stages.denoise
        denoise._placed = mover

    def restore(self) -> None:
        """Whatever was tried: no hooks, all of the transformer on the host as this worker keeps it."""
        synchronize(self.device)
        strip(self.parts.transformer)
        self.move_by(self.own)
        self.own._placement = None
        self.own.move_to(ON_HOST)
        self.stages.encode.leave()
        clear(self.device)


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def clear(device: torch.device) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        getattr(torch._C, "_host_emptyCache", int)()  # pinned memory that nobody uses


def cap(device: torch.device, gib: float) -> None:
    clear(device)
    if device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, gib * GIB / total), device)


def allocated_mib(device: torch.device) -> float:
    synchronize(device)
    return torch.cuda.memory_allocated(device) / MIB if device.type == "cuda" else 0.0


def host_gib() -> dict[str, float]:
    """Of this process: resident memory, and what torch's own allocator has pinned (ours is pinned in place besides)."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    memory = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines() if ":" in line)
    found = {
        "rss": int(status["VmRSS"].split()[0]) / MIB,
        "machine_available": int(memory["MemAvailable"].split()[0]) / MIB,
    }
    try:
        found["torch_pinned"] = torch.cuda.host_memory_stats().get("active_bytes.current", 0) / GIB
    except (AttributeError, AssertionError, RuntimeError):  # no card, or a torch that does not count
        found["torch_pinned"] = -1.0
    return {name: round(value, 2) for name, value in found.items()}


# --- diffusers' way -------------------------------------------------------------------------------------------------


def offload(bench: Bench, module: torch.nn.Module, **options: object) -> None:
    """`apply_group_offloading`; on the CPU without streams, which it refuses there."""
    wished: dict[str, Any] = {
        "offload_type": "block_level", "num_blocks_per_group": 1, "non_blocking": True, "use_stream": True,
        "record_stream": True, "low_cpu_mem_usage": False, **options,
    }  # fmt: skip
    if not bench.is_card:
        wished |= {"use_stream": False, "record_stream": False}
    apply_group_offloading(module, onload_device=bench.device, offload_device=torch.device("cpu"), **wished)


def take_off(module: torch.nn.Module) -> None:
    """Remove the hooks as diffusers itself does it inside `_maybe_remove_and_reapply_group_offloading`."""
    for inside in module.modules():
        registry = inside.__dict__.get("_diffusers_hook")
        for name in HOOKS if registry else ():
            registry.remove_hook(name, recurse=False)


def strip(module: torch.nn.Module) -> None:
    """Remove by force whatever diffusers' hooks left on modules, casting hooks included."""
    for inside in module.modules():
        if inside.__dict__.pop("_diffusers_hook", None) is not None:
            inside.__dict__.pop("forward", None)


def offloaded(bench: Bench, **options: object) -> None:
    """All of the transformer by turns."""
    offload(bench, bench.parts.transformer, **options)


def offloaded_from_pageable(bench: Bench) -> None:
    """With `low_cpu_mem_usage`, which pins as it copies; it would find this worker's copies pinned already."""
    for tensor in bench.parts.transformer.parameters():
        tensor.data = tensor.data.clone()
    offload(bench, bench.parts.transformer, low_cpu_mem_usage=True)


def offloaded_but(bench: Bench, resident: int) -> None:
    """Some blocks stay: the hooks are applied to all, then taken off these (not documented; private names)."""
    offload(bench, bench.parts.transformer)
    passing = set(streamed_blocks(bench.blocks, resident))
    for number, block in enumerate(bench.parts.transformer_blocks):
        if number not in passing:
            take_off(block)
            block.to(bench.device)


def offloaded_inside(bench: Bench, resident: int) -> None:
    """Some blocks stay, by the public function alone: it is applied to each of the others, by leaves with a stream."""
    passing = [bench.parts.transformer_blocks[number] for number in streamed_blocks(bench.blocks, resident)]
    inside = {id(tensor) for block in passing for tensor in block.parameters()}
    for tensor in bench.parts.transformer.parameters():
        if id(tensor) not in inside:
            tensor.data = tensor.data.to(bench.device)
    for block in passing:
        offload(bench, block, offload_type="leaf_level", num_blocks_per_group=None)


# --- speed ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way under one cap."""

    cap_gib: float
    name: str
    place: Callable[[Bench], None] | None = None
    """How diffusers' hooks are put on; None for this worker's own streaming."""
    resident: int | None = None
    """Blocks that stay; None for what this worker's plan says."""
    pictures: int = 4
    steps: int = 8


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
        if not hasattr(result, "picture"):  # a Renewal
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


def ways(bench: Bench, *, pictures: int) -> Iterator[Way]:
    """Those that are compared, in their order within a round."""
    for gib in (7.5, 11.5, 15.5):
        plan = bench.plan(gib)
        way = partial(Way, cap_gib=gib, pictures=pictures)
        yield way(name="ours, as planned")
        if gib == 7.5:
            yield way(name="ours, no resident block", resident=0)
            # no block stays, so that the cap makes no difference: once is enough
            yield way(name="group 1, stream", place=partial(offloaded, record_stream=False))
        yield way(name="group 1, stream, record_stream", place=offloaded)
        some = plan.resident_blocks
        if plan.is_whole:  # nothing is streamed there: compare what 14.5 GiB would be given
            some = bench.plan(14.5).resident_blocks
            yield way(name=f"ours, {some} resident blocks", resident=some)
        yield way(
            name=f"group 1, stream, record_stream, {some} resident blocks", resident=some,
            place=partial(offloaded_but, resident=some),
        )  # fmt: skip


def by_leaves(bench: Bench) -> Iterator[Way]:
    """Measured once."""
    some = bench.plan(11.5).resident_blocks
    yield Way(
        cap_gib=7.5, name="leaf level, stream, record_stream", pictures=2,
        place=partial(offloaded, offload_type="leaf_level", num_blocks_per_group=None),
    )  # fmt: skip
    yield Way(
        cap_gib=11.5, name=f"leaf level inside the passing blocks, {some} resident blocks (public API)", pictures=2,
        place=partial(offloaded_inside, resident=some),
    )  # fmt: skip


def slow_ones(bench: Bench) -> Iterator[Way]:
    """Measured once, last, with 2 steps: they may take many seconds a step."""
    slow = partial(Way, cap_gib=11.5, pictures=1, steps=2)
    yield slow(name="ours, no resident block", resident=0)
    yield slow(name="group 1, stream, low_cpu_mem_usage", place=offloaded_from_pageable)
    yield slow(
        name="group 4, no stream",
        place=partial(offloaded, num_blocks_per_group=4, use_stream=False, record_stream=False),
    )


# --- what it can do -------------------------------------------------------------------------------------------------


def check(name: str, **found: object) -> None:
    print(f"check: {name}: " + ", ".join(f"{key} {value}" for key, value in found.items()), flush=True)
    print("JSON " + json.dumps({"check": name, **found}, default=str), flush=True)


@contextmanager
def tried(name: str) -> Iterator[None]:
    """One failure does not end the rest."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - one failure does not end the rest
        traceback.print_exc(limit=-4, file=sys.stdout)
        check(name, failed=f"{type(error).__name__}: {error}"[:300])


def latents(bench: Bench, *, gib: float = 1000, fp32: bool = False, steps: int = 2) -> tuple[torch.Tensor, float]:
    """One picture's latents on the host, and the seconds it took; `gib` is what the plan is made for."""
    setup = with_rungs(set_up(bench.plan(gib)), (RUNGS["denoise_fp32"],) if fp32 else ())
    request = bench.request(0, steps)
    if bench.prompt is None:
        (bench.prompt,) = bench.stages.encode([request.prompt], setup=setup)
        bench.stages.encode.leave()
    synchronize(bench.device)
    begun_s = time.perf_counter()
    texts = [PromptEmbeddings(prompt=bench.prompt, negative=None)]
    made = bench.stages.denoise([request], texts, setup=setup, on_step=lambda _: False).latents
    values = made.to("cpu")
    return values, time.perf_counter() - begun_s


@contextmanager
def failing(bench: Bench) -> Iterator[None]:
    """In the second pass the attention of a block in the middle finds no memory."""
    passes = Counter[str]()

    def fail(*_: object) -> None:
        passes["begun"] += 1
        if passes["begun"] == 2:
            raise torch.OutOfMemoryError("tried: no memory in the middle of a pass")

    block: Any = bench.parts.transformer_blocks[bench.blocks // 2]
    hook = block.attention.register_forward_pre_hook(fail)
    try:
        yield
    finally:
        hook.remove()


def fails(bench: Bench) -> None:
    try:
        with failing(bench):
            latents(bench, steps=3)
    except torch.OutOfMemoryError:
        return
    raise RuntimeError("the failure did not come through")


def where(module: torch.nn.Module) -> dict[str, int]:
    """Tensors by place."""
    return dict(Counter(str(tensor.device) for tensor in (*module.parameters(), *module.buffers())))


def undo_check(bench: Bench) -> None:
    """On the model as it was loaded, whole on the card: hooks on, a picture, a failure, hooks off."""
    transformer = bench.parts.transformer
    bench.move_by(Away())
    first, _ = latents(bench)
    begun_mib = allocated_mib(bench.device)
    with torch.no_grad():
        kept = {name: tensor.detach().clone() for name, tensor in transformer.state_dict(keep_vars=True).items()}
    ids = {name: id(tensor) for name, tensor in transformer.state_dict(keep_vars=True).items()}
    own_mib = sum(tensor.numel() * tensor.element_size() for tensor in kept.values()) / MIB
    bare_mib = allocated_mib(bench.device) - own_mib  # with the copy, without the transformer
    host_before = host_gib()
    begun_s = time.perf_counter()
    offload(bench, transformer)
    synchronize(bench.device)
    clear(bench.device)
    check(
        "undo: hooks on", seconds=round(time.perf_counter() - begun_s, 2), host_before=host_before, host=host_gib(),
        transformer_mib=round(own_mib), left_on_card_mib=round(allocated_mib(bench.device) - bare_mib, 1),
    )  # fmt: skip
    with tried("undo: picture"):
        check("undo: picture", equal_to_whole=bool(torch.equal(latents(bench)[0], first)))
    clear(bench.device)
    check("undo: after a picture", left_on_card_mib=round(allocated_mib(bench.device) - bare_mib, 1))
    with tried("undo: failure in a block"):
        fails(bench)
        clear(bench.device)
        check(
            "undo: failure in a block", left_on_card_mib=round(allocated_mib(bench.device) - bare_mib, 1),
            tensors=where(transformer),
        )  # fmt: skip
        again = latents(bench)[0]
        clear(bench.device)
        check(
            "undo: next picture after the failure", equal_to_whole=bool(torch.equal(again, first)),
            left_on_card_mib=round(allocated_mib(bench.device) - bare_mib, 1),
        )  # fmt: skip
    with tried("undo: hooks off after a failure"):
        fails(bench)
        take_off(transformer)
        clear(bench.device)
        check(
            "undo: hooks off after a failure", tensors=where(transformer), were_on=str(bench.device),
            left_on_card_mib=round(allocated_mib(bench.device) - bare_mib, 1),
            bit_equal=all(
                torch.equal(kept[name], tensor.detach().to(bench.device))
                for name, tensor in transformer.state_dict(keep_vars=True).items()
            ),
            same_parameter_objects=ids == {n: id(t) for n, t in transformer.state_dict(keep_vars=True).items()},
            modules_with_own_forward=sum("forward" in module.__dict__ for module in transformer.modules()),
            modules_with_registry=sum("_diffusers_hook" in module.__dict__ for module in transformer.modules()),
            host=host_gib(),
        )  # fmt: skip
    with tried("groups of 4 with a stream"):
        offload(bench, transformer, num_blocks_per_group=4)
        groups = {
            id(hook.group): len(hook.group.modules)
            for module in transformer.modules()
            if (registry := module.__dict__.get("_diffusers_hook")) and (hook := registry.get_hook("group_offloading"))
        }
        check("groups of 4 with a stream", groups=len(groups), modules_each=dict(Counter(groups.values())))
    with tried("undo: back on the card"):
        take_off(transformer)
        strip(transformer)
        with torch.no_grad():
            for name, tensor in transformer.state_dict(keep_vars=True).items():
                tensor.data = kept[name]
        kept.clear()
        bench.move_by(bench.own)
        clear(bench.device)
        is_equal = bool(torch.equal(latents(bench)[0], first))
        clear(bench.device)
        check(
            "undo: back on the card", equal_to_whole=is_equal,
            more_than_before_mib=round(allocated_mib(bench.device) - begun_mib, 1), host=host_gib(),
        )  # fmt: skip


def fp32_check(bench: Bench) -> None:
    """Ours widens blocks on arrival; diffusers has a second kind of hook for it, which must be put on first."""
    options = list(inspect.signature(apply_group_offloading).parameters)
    check("fp32: options of apply_group_offloading", dtypes=[name for name in options if "dtype" in name])
    cap(bench.device, 7.5)
    try:
        latents(bench, gib=7.5, fp32=True)
        reset_peak(bench)
        ours, ours_s = latents(bench, gib=7.5, fp32=True)
        check("fp32: ours", seconds_2_steps=round(ours_s, 3), peak_mib=peak(bench), finite=bool(ours.isfinite().all()))
        bench.restore()
        narrow, _ = latents(bench, gib=7.5)
        bench.restore()
        bench.move_by(Away())
        cast(bench)
        offload(bench, bench.parts.transformer)
        latents(bench, gib=7.5, fp32=True)
        reset_peak(bench)
        theirs, theirs_s = latents(bench, gib=7.5, fp32=True)
        check(
            "fp32: casting hooks under group offloading", seconds_2_steps=round(theirs_s, 3), peak_mib=peak(bench),
            equal_to_ours=bool(torch.equal(ours, theirs)), difference=float((ours - theirs).abs().mean()),
            difference_bf16=float((ours - narrow).abs().mean()),
        )  # fmt: skip
        take_off(bench.parts.transformer)
        block: Any = bench.parts.transformer_blocks[0]
        registry = HookRegistry.check_if_exists_or_initialize(block)
        with tried("fp32: casting hooks off"):
            registry.remove_hook("layerwise_casting")
            check("fp32: casting hooks off", removed=True)
    finally:
        bench.restore()


def cast(bench: Bench) -> None:
    """Casting hooks on whole blocks and what is beside them; diffusers' own choice of leaves would leave out norms."""
    inside: Any = bench.parts.transformer
    beside = (
        inside.t_embedder,
        *inside.cap_embedder,
        *inside.all_x_embedder.values(),
        *inside.all_final_layer.values(),
    )
    for module in (*bench.parts.transformer_blocks, *beside):
        apply_layerwise_casting_hook(module, torch.bfloat16, torch.float32, non_blocking=True)


def reset_peak(bench: Bench) -> None:
    if bench.is_card:
        torch.cuda.reset_peak_memory_stats(bench.device)


def peak(bench: Bench) -> int:
    return round(torch.cuda.max_memory_allocated(bench.device) / MIB) if bench.is_card else 0


# --- all of it ------------------------------------------------------------------------------------------------------


def opened(*, dry: bool) -> Bench:
    lock_precision()
    device = torch.device("cpu") if dry else torch.device("cuda", 0)
    if dry:
        parts = load_parts(ModelSource(folder=weights_dir()), device=device)
    else:
        torch.cuda.set_device(device)
        parts = build_full_size(weights_dir() / "tokenizer", device=device)
    stages = build_stages(parts, device=device)
    denoise: Any = stages.denoise
    return Bench(
        parts=parts, stages=stages, device=device, side=128 if dry else 1024, own=denoise._placed, reference={}
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


@dataclass(frozen=True, kw_only=True)
class Time:
    """What there is of it."""

    seconds: float

    def is_left(self, what: str) -> bool:
        spent_s = time.monotonic() - BEGUN_S
        print(f"# {spent_s:.0f} s: {what}" + (" LEFT OUT" if spent_s > self.seconds else ""), flush=True)
        return spent_s <= self.seconds

    def measured(self, bench: Bench, some: Iterable[Way], round_number: int) -> list[Row]:
        return [
            told(measured(bench, way, round_number))
            for way in some
            if self.is_left(f"round {round_number}, {way.cap_gib} GiB, {way.name}")
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true", help="the embedded model on the CPU: does the script run")
    parser.add_argument("--seconds", type=float, default=450, help="after which nothing new is begun")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--pictures", type=int, default=4, help="of a way in a round, after one to warm up")
    wishes = parser.parse_args()
    bench, left = opened(dry=wishes.dry), Time(seconds=wishes.seconds)
    name = torch.cuda.get_device_name(bench.device) if bench.is_card else "CPU, a dry run"
    check("machine", device=name, torch=torch.__version__, diffusers=diffusers.__version__, host=host_gib())
    if left.is_left("undo"):
        with tried("undo"):
            undo_check(bench)
    bench.restore()
    print(HEAD, flush=True)
    rows = left.measured(bench, ways(bench, pictures=wishes.pictures), 1)
    if left.is_left("fp32"):
        with tried("fp32"):
            fp32_check(bench)
    rows += left.measured(bench, by_leaves(bench), 1)
    for round_number in range(2, wishes.rounds + 1):
        rows += left.measured(bench, ways(bench, pictures=wishes.pictures), round_number)
    rows += left.measured(bench, slow_ones(bench), 1)
    summary(rows)
    print(f"# {time.monotonic() - BEGUN_S:.0f} s in all", flush=True)


if __name__ == "__main__":
    main()
