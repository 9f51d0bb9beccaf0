"""Requests through the ladders: the real model, with faults put into its own modules."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from lone_ladder import lone_ladder
from model_faults import always, exactly, fault, first_only, half_nan, nan_everywhere, painted, run_out, up_to

from worker.studio.retry.history import RestartRequest

pytestmark = pytest.mark.slow

STEPS = 3
BAD_LATENTS = lone_ladder("not_finite", "denoise", "new_seed")


def story(result) -> list[tuple[str, str]]:
    return [(one_try.rung, one_try.outcome) for one_try in result.tries]


def rungs(result) -> list[str]:
    return [one_try.rung for one_try in result.tries]


@pytest.fixture
def mug(ask):
    return ask(width_px=64, height_px=64, steps=STEPS)


@pytest.fixture
def made(studio, results_of, mug):
    """The undisturbed picture."""
    (result,) = results_of(studio.renderer(), [mug])
    return result.picture


PLACES = {
    "encode": lambda parts: parts.text_encoder,
    "denoise": lambda parts: parts.transformer,
    "decode": lambda parts: parts.vae.decoder,
}


@pytest.mark.parametrize(("place", "call"), [("encode", 1), ("encode", 2), ("decode", 1),
                                             *(("denoise", step) for step in range(1, STEPS + 1))])  # fmt: skip
def test_running_out_once_anywhere_brings_the_same_picture_home(
    studio, parts, results_of, mug, made, place: str, call: int
) -> None:
    # the first call of the text encoder is the one ahead, for the whole window: nothing of it reaches the picture
    at = up_to(2) if (place, call) == ("encode", 2) else exactly(call)
    with fault(PLACES[place](parts), run_out, at=at) as count:
        (result,) = results_of(studio.renderer(), [mug])
    assert count.fired == (2 if (place, call) == ("encode", 2) else 1)
    assert story(result)[-1][1] == "ok"
    assert rungs(result) == (["first"] if (place, call) == ("encode", 1) else ["first", "free_cache"])
    assert result.picture == made


@pytest.mark.parametrize(("place", "last"), [("denoise", "stream_in_turn"), ("decode", "stream_in_turn")])
def test_every_lossless_rung_gives_the_same_picture(
    studio, parts, results_of, mug, made, place: str, last: str
) -> None:
    for failures, expected in enumerate(("first", "free_cache", "stream_blocks", "stream_in_turn")):
        with fault(PLACES[place](parts), run_out, at=up_to(failures)):
            (result,) = results_of(studio.renderer(), [mug])
        assert story(result)[-1] == (expected, "ok")
        assert result.picture == made


def test_a_decode_that_runs_out_never_denoises_again(studio, parts, results_of, mug, made) -> None:
    with (
        fault(parts.vae.decoder, run_out, at=up_to(3)),
        fault(parts.transformer, lambda made: made, at=always) as forwards,
    ):
        (result,) = results_of(studio.renderer(), [mug])
    assert story(result)[-1] == ("stream_in_turn", "ok")
    assert forwards.calls == STEPS
    assert result.picture == made


def test_a_lack_of_memory_that_lasts_asks_for_a_new_process_and_the_next_one_keeps_the_latents(
    studio, parts, results_of, mug, made
) -> None:
    with fault(parts.vae.decoder, run_out, at=always):
        (end,) = results_of(studio.renderer(), [mug])
    assert isinstance(end, RestartRequest)
    assert end.why == "oom: decode: CUDA out of memory. Tried to allocate 2.00 GiB."
    assert [a.rung for a in end.history.tries] == ["first", "free_cache", "stream_blocks", "stream_in_turn"]
    with fault(parts.transformer, lambda made: made, at=always) as forwards:
        (result,) = results_of(studio.renderer(), [mug], histories=[end.history])
    assert story(result)[-1] == ("new_process", "ok")
    assert forwards.calls == 0
    assert result.picture == made


def test_the_new_process_is_the_last_try(studio, parts, results_of, mug) -> None:
    with fault(parts.vae.decoder, run_out, at=always):
        (end,) = results_of(studio.renderer(), [mug])
        (result,) = results_of(studio.renderer(), [mug], histories=[end.history])
    assert story(result)[-1] == ("new_process", "oom")
    assert result.error == (
        "No usable picture after 5 tries: out of memory (first), out of memory (free cache), "
        "out of memory (stream blocks), out of memory (stream in turn), out of memory (new process). The card's memory "
        "did not suffice for 64x64: end other programs on the card, ask for a smaller size, or permit "
        "`allow: [tiled_decode]`."
    )


def test_tiles_are_taken_only_where_the_job_allows_it(studio, parts, results_of, mug) -> None:
    permitted = replace(mug, allow=frozenset({"tiled_decode"}))
    with fault(parts.vae.decoder, run_out, at=up_to(4)):
        (result,) = results_of(studio.renderer(), [permitted])
    assert story(result)[-1] == ("tiled_decode", "ok")


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_nan_in_any_step_is_found_and_the_same_seed_made_again(studio, parts, results_of, mug, made, step: int) -> None:
    with fault(parts.transformer, nan_everywhere, at=exactly(step)):
        (result,) = results_of(studio.renderer(), [mug])
    assert story(result) == [("first", "not_finite"), ("again", "ok")]
    assert result.picture == made


@pytest.mark.parametrize(
    ("wrong", "outcome"),
    [(nan_everywhere, "not_finite"), (half_nan, "not_finite"), (painted(float("inf")), "not_finite"),
     (painted(-1.0), "black"), (painted(1.0), "white"), (painted(0.2), "flat")],
)  # fmt: skip
def test_a_bad_decode_is_decoded_again_in_fp32_from_the_same_latents(
    studio, parts, results_of, mug, wrong, outcome: str
) -> None:
    with (
        fault(parts.vae.decoder, wrong, at=first_only),
        fault(parts.transformer, lambda made: made, at=always) as forwards,
    ):
        (result,) = results_of(studio.renderer(), [mug])
    assert story(result) == [("first", outcome), ("decode_fp32", "ok")]
    assert forwards.calls == STEPS
    assert [(one.rung, one.outcome) for one in result.refused] == [("first", outcome)]
    assert {parameter.dtype for parameter in parts.vae.parameters()} == {torch.bfloat16}


def test_a_fault_of_the_picture_takes_every_rung_of_the_ladder_and_keeps_the_evidence(
    studio, parts, results_of, mug
) -> None:
    permitted = replace(mug, allow=frozenset({"new_seed"}))
    with fault(parts.vae.decoder, painted(-1.0), at=always):
        (end,) = results_of(studio.renderer(), [permitted])
        assert isinstance(end, RestartRequest)
        (result,) = results_of(studio.renderer(), [permitted], histories=[end.history])
    expected = [*lone_ladder("black", "decode", "new_seed"), "new_process"]
    assert rungs(result) == expected
    assert result.picture is None
    assert "if other shots fail too, check the model with `zimage-worker doctor`" in result.error
    assert [one.rung for one in result.refused] == expected
    assert all(set(one.picture.rgb) == {0} for one in result.refused)


def test_another_seed_is_taken_only_where_the_job_allows_it_and_is_recorded(studio, parts, results_of, mug) -> None:
    lower = BAD_LATENTS.index("new_seed")
    with fault(parts.transformer, nan_everywhere, at=up_to(lower * STEPS)):
        (result,) = results_of(studio.renderer(), [replace(mug, allow=frozenset({"new_seed"}))])
    assert story(result)[-1] == ("new_seed", "ok")
    assert result.request.seed == mug.seed
    assert result.tries[-1].seed not in (None, mug.seed)
    with fault(parts.transformer, nan_everywhere, at=up_to(lower * STEPS)):
        (end,) = results_of(studio.renderer(), [mug])
    assert isinstance(end, RestartRequest)


def test_weights_that_were_spoilt_in_memory_are_read_again(studio, parts, results_of, mug, made) -> None:
    parts.transformer_blocks[4].attention.to_q.weight.data[0, 0] = float("nan")
    (result,) = results_of(studio.renderer(), [mug])
    assert story(result)[-1] == ("fresh_weights", "ok")
    assert result.picture == made


def test_the_transformer_can_compute_in_fp32(studio, parts, results_of, mug, made) -> None:
    with fault(parts.transformer, nan_everywhere, at=up_to(BAD_LATENTS.index("denoise_fp32") * STEPS)):
        (result,) = results_of(studio.renderer(), [mug])
    assert story(result)[-1] == ("denoise_fp32", "ok")
    apart = [abs(a - b) for a, b in zip(result.picture.rgb, made.rgb, strict=True)]
    assert sum(apart) / len(apart) < 6
    assert results_of(studio.renderer(), [mug])[0].picture == made


def test_what_a_rung_changed_is_undone_for_the_next_request(studio, parts, results_of, mug, made) -> None:
    with fault(parts.vae.decoder, painted(-1.0), at=first_only):
        spoilt, next_one = results_of(studio.renderer(), [replace(mug, file="a.png"), replace(mug, file="b.png")])
    assert story(spoilt)[-1] == ("decode_fp32", "ok")
    assert story(next_one) == [("first", "ok")]
    assert next_one.picture == made


def test_two_of_a_kind_in_a_row_hold_the_rung_for_the_run(studio, parts, results_of, mug) -> None:
    def black_in_bf16(made):
        return painted(-1.0)(made) if made.dtype == torch.bfloat16 else None

    with fault(parts.vae.decoder, black_in_bf16, at=always):
        results = results_of(studio.renderer(), [replace(mug, file=f"{n}.png", seed=n) for n in range(4)])
    cured = [("first", "black"), ("decode_fp32", "ok")]
    held = [("decode_fp32", "ok")]
    assert [story(result) for result in results] == [cured, cured, held, held]


def test_a_size_that_ran_out_begins_lower_and_smaller_ones_do_not(studio, parts, results_of, mug) -> None:
    def short_when_large(made):
        if made.shape[-1] >= 128 and not studio.transformer._streaming:
            run_out(made)

    small, large = mug, replace(mug, width_px=128, height_px=128)
    requests = [replace(one, file=f"{n}.png") for n, one in enumerate((large, large, small))]
    with fault(parts.vae.decoder, short_when_large, at=always):
        results = results_of(studio.renderer(), requests)
    assert [rungs(result) for result in results] == [
        ["first", "free_cache", "stream_blocks"],
        ["stream_blocks"],
        ["first"],
    ]


def test_other_errors_are_not_taken_for_a_lack_of_memory(studio, parts, results_of, mug) -> None:
    def crash(_):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with fault(parts.transformer, crash, at=first_only), pytest.raises(RuntimeError, match="illegal"):
        results_of(studio.renderer(), [mug])


def test_an_interrupt_ends_within_a_step_and_the_studio_takes_new_work(studio, results_of, mug, made) -> None:
    renderer, steps = studio.renderer(), []
    results = renderer.render(
        [replace(mug, steps=50), replace(mug, file="b.png")],
        on_progress=lambda heard: steps.append(heard.step),
        is_interrupted=lambda: 3 in steps,
    )
    assert [*results] == []
    assert max(steps) == 3
    assert results_of(renderer, [mug])[0].picture == made
