"""Numbers that are no numbers at every step and place: what each rung of the picture's ladder really does."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from diffusers.models.attention_dispatch import AttentionBackendName
from lone_ladder import lone_ladder
from model_faults import always, exactly, fault, nan_everywhere, painted, run_out, up_to

from worker.studio.plan.memory import CPU_PLAN
from worker.studio.plan.setup import Placement
from worker.studio.render.request_state import SEED_STEP
from worker.studio.retry.history import RestartRequest

pytestmark = pytest.mark.slow

STEPS = 2
LADDER = lone_ladder("not_finite", "denoise", "new_seed")
"""Of bad latents, of a lone picture on a machine without a card."""


def rungs(result) -> list[str]:
    return [one_try.rung for one_try in result.tries]


@pytest.fixture
def mug(ask):
    return ask(width_px=64, height_px=64, steps=STEPS, guidance=3.0, allow=frozenset({"new_seed"}))


@contextmanager
def spoilt(module: torch.nn.Module):
    """A weight that went bad in memory; the file has the right one."""
    weight = next(module.parameters())
    right = weight.data.flatten()[0].clone()
    weight.data.view(-1)[0] = float("nan")
    try:
        yield
    finally:
        weight.data.view(-1)[0] = right


@pytest.mark.parametrize("times", range(1, len(LADDER)))
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_bad_latents_take_one_rung_per_fault_with_the_same_picture(
    studio, parts, results_of, mug, plain, step: int, times: int
) -> None:
    # with NaN in it a try goes on to its last step: nothing stops the device in the loop
    spoilt_calls = {one_try * STEPS + step for one_try in range(times)}
    with fault(parts.transformer, nan_everywhere, at=lambda call: call in spoilt_calls) as count:
        (result,) = results_of(studio.renderer(), [mug])
    assert count.calls == STEPS * (times + 1)
    assert rungs(result) == LADDER[: times + 1]
    assert {one_try.outcome for one_try in result.tries[:-1]} == {"not_finite"}
    if result.tries[-1].rung in ("again", "fresh_weights"):
        assert result.picture.rgb == plain(mug)


def test_what_each_rung_computes_with(studio, parts, results_of, mug) -> None:
    seen = []

    def note(made):
        processor = parts.transformer_blocks[0].attention.processor
        backend = getattr(processor, "_attention_backend", None) or AttentionBackendName.NATIVE
        seen.append((AttentionBackendName(backend).value, made[0][0].dtype))
        return nan_everywhere(made)

    with fault(parts.transformer, note, at=always):
        results_of(studio.renderer(), [mug])
    by_rung = dict(zip(LADDER, seen[::STEPS], strict=True))
    assert by_rung["first"] == by_rung["again"] == by_rung["fresh_weights"] == ("native", torch.bfloat16)
    assert by_rung["attention_math"] == ("_native_math", torch.bfloat16)
    assert by_rung["denoise_fp32"] == by_rung["new_seed"] == ("native", torch.float32)


def test_the_math_kernel_is_named_again_native_after_an_error_in_it(studio, parts, results_of, mug, plain) -> None:
    def crash(_):
        raise RuntimeError("CUDA error: device-side assert triggered")

    with (
        fault(parts.transformer, nan_everywhere, at=up_to(2 * STEPS)),
        fault(parts.vae.decoder, crash, at=always),
        pytest.raises(RuntimeError, match="device-side assert"),
    ):
        results_of(studio.renderer(), [mug])
    assert results_of(studio.renderer(), [mug])[0].picture.rgb == plain(mug)


def test_streams_are_switched_off_where_blocks_pass(studio, parts, results_of, mug) -> None:
    placements = []

    def note(made):
        placements.append(studio.transformer._placement)
        return nan_everywhere(made)

    plan = replace(CPU_PLAN, resident_blocks=4)
    with fault(parts.transformer, note, at=up_to(3 * STEPS)), fault(parts.transformer, lambda _: None, at=always):
        (result,) = results_of(studio.renderer(plan), [mug])
    assert rungs(result) == ["first", "again", "attention_math", "streams_off"]
    assert placements[0] == Placement(on_card=True, resident=4)
    assert studio.transformer._placement == Placement(on_card=True, resident=0, ahead=False)


@pytest.mark.parametrize("place", ["transformer", "vae.decoder", "vae.encoder"])
def test_a_weight_that_went_bad_is_read_again_from_its_file(studio, parts, results_of, mug, plain, place: str) -> None:
    module = parts.transformer_blocks[4].feed_forward if place == "transformer" else parts.vae.get_submodule(place[4:])
    with spoilt(module):
        first, second = results_of(studio.renderer(), [mug, replace(mug, file="b.png", seed=8)])
        assert all(torch.isfinite(parameter).all() for parameter in module.parameters()) or place == "vae.encoder"
    expected = {
        "transformer": ["first", "again", "attention_math", "fresh_weights"],
        "vae.decoder": ["first", "decode_fp32", "again", "attention_math", "fresh_weights"],
        "vae.encoder": ["first"],  # takes no part
    }[place]
    assert rungs(first) == expected
    assert rungs(second) == ["first"]
    assert second.picture.rgb == plain(replace(mug, seed=8))


def test_a_weight_of_the_text_encoder_that_went_bad_needs_a_new_process(studio, parts, results_of, mug, plain) -> None:
    with spoilt(parts.text_encoder_blocks[0].mlp):
        (restart,) = results_of(studio.renderer(), [mug])
    assert isinstance(restart, RestartRequest)
    assert restart.why == "not finite: the latents are not finite"
    (result,) = results_of(studio.renderer(), [mug], histories=[restart.history])
    assert rungs(result) == [*LADDER, "new_process"]
    assert result.picture.rgb == plain(mug)
    assert result.tries[-1].seed is None


def test_another_seed_gives_another_picture_and_is_written_down(studio, parts, results_of, mug, plain) -> None:
    with fault(parts.transformer, nan_everywhere, at=up_to(LADDER.index("new_seed") * STEPS)):
        (result,) = results_of(studio.renderer(), [mug])
    seed = (mug.seed + SEED_STEP) % 2**32
    assert [one_try.seed for one_try in result.tries] == [None] * LADDER.index("new_seed") + [seed]
    assert result.request == mug
    other = plain(replace(mug, seed=seed))

    def apart(one: bytes, two: bytes) -> float:
        return sum(abs(a - b) for a, b in zip(one, two, strict=True)) / len(one)

    # in fp32, as the rung before
    assert apart(result.picture.rgb, other) < apart(result.picture.rgb, plain(mug)) / 4


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("level", [float("nan"), float("-inf"), -1.0, 1.0])
def test_a_bad_decode_is_cured_from_the_same_latents_or_by_another_try(
    studio, parts, results_of, mug, plain, level: float, times: int
) -> None:
    with (
        fault(parts.vae.decoder, painted(level), at=up_to(times)),
        fault(parts.transformer, lambda _: None, at=always) as forwards,
    ):
        (result,) = results_of(studio.renderer(), [mug])
    assert rungs(result) == ["first", "decode_fp32", "again", "attention_math"][: times + 1]
    assert forwards.calls == STEPS * max(1, times)
    assert len(result.refused) == times
    assert [(one.rung, one.outcome) for one in result.refused] == [
        (one_try.rung, one_try.outcome) for one_try in result.tries[:-1]
    ]


def test_inf_in_the_latents_is_found_like_nan(studio, parts, results_of, mug, plain) -> None:
    def infinite(made):
        return ([torch.full_like(one, float("inf")) for one in made[0]],)

    with fault(parts.transformer, infinite, at=exactly(1)):
        (result,) = results_of(studio.renderer(), [mug])
    assert rungs(result) == ["first", "again"]
    assert result.picture.rgb == plain(mug)


def test_a_rung_with_too_little_memory_for_it_gives_way_to_the_next_one(studio, parts, results_of, mug, plain) -> None:
    def run_out_in_fp32(made):
        if made.dtype == torch.float32:
            run_out(made)

    with (
        fault(parts.vae.decoder, run_out_in_fp32, at=always),
        fault(parts.vae.decoder, painted(-1.0), at=exactly(1)),
    ):
        (result,) = results_of(studio.renderer(), [mug])
    assert [(one_try.rung, one_try.outcome) for one_try in result.tries] == [
        ("first", "black"), ("decode_fp32", "oom"), ("free_cache", "oom"), ("stream_blocks", "oom"),
        ("stream_in_turn", "oom"), ("again", "ok"),
    ]  # fmt: skip
    assert result.picture.rgb == plain(mug)


def test_another_try_is_told_before_it_begins(studio, parts, mug) -> None:
    """It may be a slow one: who waits for the next step must know."""
    heard: list = []
    with fault(parts.transformer, nan_everywhere, at=up_to(STEPS)):
        [*studio.renderer().render([mug], on_progress=heard.append, is_interrupted=lambda: False)]
    begun = next(index for index, one in enumerate(heard) if one.plan)
    assert [one.step for one in heard[begun:]] == 2 * [*range(STEPS + 1)]
    assert {one.files for one in heard} == {(mug.file,)}
