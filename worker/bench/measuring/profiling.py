"""Profiling a card's kernels while it makes pictures.

Knows torch's profiler.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile

from worker.bench.kernels import Kernel, Usage, usage
from worker.records import Progress


def profile_kernels(make: Callable[..., None], *, pictures: int) -> Usage | None:
    """Where the card's time goes, from the first denoising step to the end.

    Args:
        make: makes the pictures, and tells `on_progress` of each step.
        pictures: how many.

    Returns:
        None where the card tells nothing of its kernels.
    """
    profiled = profile(activities=[ProfilerActivity.CUDA])
    is_begun = False

    def begin_at_the_first_step(progress: Progress) -> None:
        nonlocal is_begun
        if progress.step and not is_begun:
            is_begun = True
            profiled.start()

    make(on_progress=begin_at_the_first_step)
    torch.cuda.synchronize()
    profiled.stop()
    kernels = [
        Kernel(name=event.name, begin_us=event.time_range.start, end_us=event.time_range.end)
        for event in profiled.events()  # type: ignore[no-untyped-call]
        if event.device_type.name == "CUDA" and not event.name.startswith(("Memcpy", "Memset"))
    ]
    return usage(sorted(kernels, key=lambda kernel: kernel.begin_us), pictures=pictures) if kernels else None
