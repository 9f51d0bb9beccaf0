"""Memory that runs out at every stage, at every step, once and again: the same picture, rung by rung."""

from __future__ import annotations

import weakref
from dataclasses import replace

import pytest
import torch
from lone_ladder import lone_ladder
from model_faults import always, exactly, fault, run_out, up_to

from worker.studio.plan.memory import CPU_PLAN
from worker.studio.retry.history import RestartRequest

pytestmark = pytest.mark.slow

STEPS = 2
RUNGS = lone_ladder("oom", "denoise")
"""Of a lone picture on a machine without a card."""
PLANS = {
    "whole": CPU_PLAN,
    "streamed": replace(CPU_PLAN, encoder="streamed", resident_blocks=4),
}
ALL_PLANS = [
    pytest.param(plan, id=name, marks=() if name == "whole" else pytest.mark.slow) for name, plan in PLANS.items()
]
PARTS = {
    "encode": lambda parts: parts.text_encoder,
    "denoise": lambda parts: parts.transformer,
    "decode": lambda parts: parts.vae.decoder,
}


def rungs(result) -> list[str]:
    return [one_try.rung for one_try in result.tries]


@pytest.fixture
def mug(ask):
    return ask(width_px=64, height_px=64, steps=STEPS, guidance=3.0, negative_prompt="text")


@pytest.fixture
def made(plain, mug):
    return plain(mug)


class Watcher:
    """Runs out of memory while it is told of a step, as anything between two steps might."""

    def __init__(self, *, step: int, times: int) -> None:
        self._step, self.left = step, times

    def __call__(self, progress) -> None:
        if progress.step == self._step and self.left:
            self.left -= 1
            run_out(None)


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
@pytest.mark.parametrize("plan", ALL_PLANS)
def test_after_any_step_any_number_of_times(studio, mug, made, plan, step: int, times: int) -> None:
    watcher = Watcher(step=step, times=times)
    (result,) = studio.renderer(plan).render([mug], on_progress=watcher, is_interrupted=lambda: False)
    assert watcher.left == 0
    assert rungs(result) == RUNGS[: times + 1]
    assert {one_try.note for one_try in result.tries[:-1]} == {
        "denoise: CUDA out of memory. Tried to allocate 2.00 GiB."
    }
    assert result.picture.rgb == made


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("place", PARTS)
@pytest.mark.parametrize("plan", ALL_PLANS)
def test_in_any_stage_any_number_of_times(studio, parts, results_of, mug, made, plan, place: str, times: int) -> None:
    # encoding ahead is one try more, for the whole window; nothing of it reaches the picture
    failures = times + 1 if place == "encode" else times
    with fault(PARTS[place](parts), run_out, at=up_to(failures)) as count:
        (result,) = results_of(studio.renderer(plan), [mug])
    assert count.fired == failures
    assert rungs(result) == RUNGS[: times + 1]
    assert result.picture.rgb == made


@pytest.mark.parametrize("plan", ALL_PLANS)
def test_in_one_stage_after_the_other(studio, parts, results_of, mug, made, plan) -> None:
    with (
        fault(parts.text_encoder, run_out, at=up_to(2)),
        fault(parts.transformer, run_out, at=exactly(2)),
        fault(parts.vae.decoder, run_out, at=exactly(1)),
    ):
        (result,) = results_of(studio.renderer(plan), [mug])
    assert [one_try.note.partition(":")[0] for one_try in result.tries] == ["encode", "denoise", "decode", ""]
    assert rungs(result) == RUNGS
    assert result.picture.rgb == made


def test_nothing_is_encoded_twice_for_a_lack_of_memory_later_on(studio, parts, results_of, mug) -> None:
    with (
        fault(parts.transformer, run_out, at=up_to(3)),
        fault(parts.text_encoder, lambda _: None, at=always) as encoded,
    ):
        results_of(studio.renderer(), [mug])
    assert encoded.calls == 2  # the prompt and the negative prompt


@pytest.mark.parametrize(
    "words",
    ["CUDA error: out of memory", "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
     "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"],
)  # fmt: skip
def test_other_words_of_the_libraries_for_it(studio, parts, results_of, mug, made, words: str) -> None:
    def complain(_):
        raise RuntimeError(words)

    with fault(parts.vae.decoder, complain, at=exactly(1)):
        (result,) = results_of(studio.renderer(), [mug])
    assert result.tries[0].outcome == "oom"
    assert result.picture.rgb == made


@pytest.mark.parametrize("place", PARTS)
def test_nothing_of_a_failed_try_is_left_when_the_next_begins(studio, parts, results_of, mug, place: str) -> None:
    failed = []

    def remember_and_run_out(made):
        assert not any(tensor() is not None for tensor in failed)
        failed.append(weakref.ref(first_tensor(made)))
        run_out(None)

    failures = 3 if place == "encode" else 2
    with fault(PARTS[place](parts), remember_and_run_out, at=up_to(failures)):
        (result,) = results_of(studio.renderer(), [mug])
    assert len(failed) == failures
    assert result.picture is not None


def first_tensor(made) -> torch.Tensor:
    return made if isinstance(made, torch.Tensor) else first_tensor(made[0])


@pytest.mark.parametrize("place", PARTS)
def test_what_lasts_ends_after_one_more_process_with_no_picture(studio, parts, results_of, mug, place: str) -> None:
    with fault(PARTS[place](parts), run_out, at=always):
        (restart,) = results_of(studio.renderer(), [mug])
        assert isinstance(restart, RestartRequest)
        assert (restart.history.latents is not None) == (place == "decode")
        (result,) = results_of(studio.renderer(), [mug], histories=[restart.history])
    assert rungs(result) == [*RUNGS, "new_process"]
    assert {one_try.outcome for one_try in result.tries} == {"oom"}
    assert (result.picture, result.refused) == (None, ())
    assert "64x64" in result.error


def test_a_fault_in_one_picture_leaves_the_next_ones_alone(studio, parts, results_of, mug, plain) -> None:
    requests = [replace(mug, file=f"{n}.png", seed=n, prompt=f"a bowl, number {n}") for n in range(3)]
    # the first forward of the second picture
    with fault(parts.transformer, run_out, at=exactly(STEPS + 1)):
        results = results_of(studio.renderer(), requests)
    assert [rungs(result) for result in results] == [["first"], ["first", "free_cache"], ["first"]]
    assert [result.picture.rgb for result in results] == [plain(request) for request in requests]
