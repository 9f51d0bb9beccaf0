"""The model at full size with random weights, loaded once, and renderers that plan for some memory."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import torch
from on_card import CARD

from worker.bench.measuring.synthetic import build_full_size
from worker.demo import weights_dir
from worker.studio.card.precision import lock_precision
from worker.studio.plan.memory import MemoryPlan, Work, make_plan
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.render.stages import Stages
from worker.studio.stages.loading import Parts
from worker.studio.units import MIB


@pytest.fixture(scope="session")
def full() -> Parts:
    lock_precision()
    return build_full_size(weights_dir() / "tokenizer", device=CARD)


@pytest.fixture(scope="session")
def stages(full) -> Stages:
    return build_stages(full, device=CARD)


@pytest.fixture
def cap() -> Iterator[Callable[[float], None]]:
    """Limits this process's memory on the card, in MiB, for one test."""
    total_mib = torch.cuda.get_device_properties(CARD).total_memory / MIB

    def limit(mib: float) -> None:
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction(min(1.0, mib / total_mib), CARD)

    yield limit
    limit(total_mib)


@pytest.fixture
def planned(full, stages) -> Callable[[float], StudioRenderer]:
    """A renderer that plans for so many MiB."""

    def make(room_mib: float, **changes) -> StudioRenderer:
        weights = full.weights()

        def plan(work: Work) -> MemoryPlan:
            return replace(make_plan(room_mib, weights, work), **changes)

        return StudioRenderer(stages=stages, plan=plan)

    return make
