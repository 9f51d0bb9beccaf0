"""The model at full size with random weights, loaded once, and renderers that plan for some memory."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import torch
from on_card import CARD

from worker.bench.measuring.synthetic import build_full_size
from worker.demo import weights_dir
from worker.studio.card.out_of_memory import reclaim
from worker.studio.card.precision import lock_precision
from worker.studio.plan.memory import MemoryPlan, Work, make_plan
from worker.studio.plan.setup import ON_CARD
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.render.stages import Stages
from worker.studio.stages.loading import Parts
from worker.studio.units import MIB

LEFT_MIB = 64
"""On the card besides the weights after a test: small tensors that the libraries keep."""


@pytest.fixture(scope="session")
def full() -> Parts:
    lock_precision()
    return build_full_size(weights_dir() / "tokenizer", device=CARD)


@pytest.fixture(scope="session")
def stages(full) -> Stages:
    return build_stages(full, device=CARD)


@pytest.fixture(autouse=True)
def as_before(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test leaves the process as it was: the model where it lay, nothing else on the card, no cap, no error."""
    names = request.fixturenames
    stages = request.getfixturevalue("stages") if "stages" in names else None
    weights = request.getfixturevalue("full").weights() if "full" in names else None
    yield
    for name in ("last_exc", "last_value", "last_traceback"):  # of a test that failed: they hold all its tensors
        if hasattr(sys, name):
            delattr(sys, name)
    torch.cuda.set_per_process_memory_fraction(1.0, CARD)
    torch._dynamo.reset()
    if stages is not None:
        stages.encode.leave()
        stages.denoise._placed.move_to(ON_CARD)
    reclaim()
    torch.ones(1, device=CARD).add_(1)  # raises what an earlier call left behind
    if weights is not None:
        left_mib = torch.cuda.memory_allocated(CARD) / MIB - weights.transformer.whole_mib - weights.vae_mib
        assert left_mib < LEFT_MIB, f"{left_mib:.0f} MiB were left on the card"


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
