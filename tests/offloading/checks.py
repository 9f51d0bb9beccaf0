"""Telling what a way can do: a line a check, one picture's latents, a failure in the middle of a pass."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from offloading.bench import Bench, synchronize

from worker.studio.plan.setup import set_up
from worker.studio.retry.ladders import RUNGS, with_rungs
from worker.studio.stages.encode import PromptEmbeddings


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
