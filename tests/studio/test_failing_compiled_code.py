"""Compiled code that fails when it runs: eager from then on, with the failed try's memory free."""

from __future__ import annotations

import weakref

import pytest
import torch
from structlog.testing import capture_logs

from worker.studio.plan.memory import CPU_PLAN
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.stages.compiling import CALL, Switch

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
WORDS = {
    "a kernel the card does not take": RuntimeError("Triton Error [CUDA]: device kernel image is invalid"),
    "no valid configuration": RuntimeError("No valid triton configs. OutOfResources: out of resource: shared memory"),
    "a full disk": OSError(28, "No space left on device"),
    "a wrong assumption": AssertionError("wrong number of dimensions"),
}


class Failing:
    """Compiled code of a block that fails whenever it runs."""

    def __init__(self, error: Exception) -> None:
        self.error, self.calls, self.held = error, 0, []

    def __call__(self, states: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
        self.calls += 1
        self.held.append(weakref.ref(spoilt := states + 1))
        raise self.error.with_traceback(None)
        return spoilt


def story(result) -> list[tuple[str, str]]:
    return [(one_try.rung, one_try.outcome) for one_try in result.tries]


@pytest.fixture
def failing(parts):
    """Stages whose compiled code fails when it runs, and that code."""

    def make(place: str, error: Exception):
        stages, code = build_stages(parts, device=CPU, compile_option="always"), Failing(error)
        owner = parts.transformer_blocks[-1] if place == "denoise" else parts.vae.decoder.mid_block.resnets[0]
        made.append(stages)
        stages.denoise._compilation._switches = [Switch(owner, CALL, None, code)]
        return stages, code

    made = []
    yield make
    for stages in made:
        stages.denoise._compilation.turn(on=False)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("place", ["denoise", "decode"])
def test_compiled_code_that_fails_when_it_runs_is_not_used_again(
    failing, parts, ask, plain, results_of, place: str, words: str
) -> None:
    stages, code = failing(place, WORDS[words])
    is_free = []
    part = parts.transformer if place == "denoise" else parts.vae.decoder
    watch = part.register_forward_pre_hook(lambda *_: is_free.append(not any(held() is not None for held in code.held)))
    requests = [ask(file=f"{n}.png", seed=n, width_px=64, height_px=64, steps=1) for n in range(3)]
    try:
        with capture_logs() as logs:
            results = results_of(StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN), requests)
    finally:
        watch.remove()
    assert [story(result) for result in results] == [[("first", "ok")]] * 3
    assert [result.picture.rgb for result in results] == [plain(request) for request in requests]
    assert code.calls == 1
    assert len(is_free) == 4
    assert all(is_free), "the failed try's tensors are gone before the next one begins"
    assert [entry["event"] for entry in logs] == ["compiler.failed"]


def test_an_error_that_eager_code_has_too_does_not_end_compiling(failing, parts, ask, results_of) -> None:
    stages, _code = failing("denoise", IndexError("index 512 is out of bounds"))

    def fail(*_: object) -> None:
        raise IndexError("index 512 is out of bounds")

    watch = parts.transformer.register_forward_pre_hook(fail)
    try:
        with pytest.raises(IndexError):
            results_of(StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN), [ask(width_px=64, height_px=64)])
    finally:
        watch.remove()
    assert stages.denoise._compilation.decide(1)


@pytest.mark.parametrize("words", ["CUDA error: unspecified launch failure", "Triton Error [CUDA]: out of memory"])
def test_a_broken_context_and_a_shortage_are_not_the_compilers_fault(failing, ask, results_of, words: str) -> None:
    stages, code = failing("denoise", RuntimeError(words))
    renderer = StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN)
    request = ask(width_px=64, height_px=64, steps=1)
    if "failure" in words:
        with pytest.raises(RuntimeError, match="launch failure"):
            results_of(renderer, [request])
        assert code.calls == 1
    else:
        (result,) = results_of(renderer, [request])
        assert story(result) == [("first", "oom"), ("free_cache", "oom"), ("eager", "ok")]
    assert stages.denoise._compilation.decide(1)
