"""Requests through the ladders: real stages, with faults put into one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
import torch

from worker.studio.renderer import StudioRenderer

FIRST_ONLY = 1
ALWAYS = 99


@dataclass
class Faulty:
    """A real stage whose first calls go wrong."""

    stage: Callable
    spoil: Callable
    """Takes the stage's result and gives the spoilt one, or raises."""
    times: int
    calls: list = field(default_factory=list)

    def __call__(self, *args, **kwargs):
        self.calls.append(kwargs)
        made = self.stage(*args, **kwargs)
        return self.spoil(made) if len(self.calls) <= self.times else made

    def leave(self) -> None:
        self.stage.leave()


def out_of_memory(_):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore")


def nan_latents(denoised):
    return replace(denoised, are_finite=(False,))


def coloured(level: int) -> Callable:
    def paint(decoded):
        picture = replace(decoded[0].picture, rgb=bytes([level]) * len(decoded[0].picture.rgb))
        statistics = replace(decoded[0].statistics, mean=float(level), deviation=0.0)
        return (replace(decoded[0], picture=picture, statistics=statistics),)

    return paint


def not_finite(decoded):
    return (replace(decoded[0], statistics=replace(decoded[0].statistics, is_finite=False)),)


def half_size(decoded):
    return (replace(decoded[0], statistics=replace(decoded[0].statistics, width_px=128)),)


@pytest.fixture
def climb(ask, bench, results_of):
    """Render one request with a faulty stage: the result, and the stage."""

    def render(stage: str, spoil: Callable, times: int):
        faulty = Faulty(getattr(bench, stage), spoil, times)
        studio = StudioRenderer(bench=replace(bench, **{stage: faulty}), place=lambda _: "card")
        return results_of(studio, [ask()])[0], faulty

    return render


def story(result) -> list[tuple[str, str]]:
    return [(attempt.rung, attempt.outcome) for attempt in result.attempts]


@pytest.mark.parametrize(
    ("stage", "spoil", "expected"),
    [
        ("denoise", out_of_memory, [("first", "oom"), ("free_cache", "ok")]),
        ("decode", out_of_memory, [("first", "oom"), ("free_cache", "ok")]),
        ("denoise", nan_latents, [("first", "not_finite"), ("again", "ok")]),
        ("decode", not_finite, [("first", "not_finite"), ("decode_fp32", "ok")]),
        ("decode", coloured(0), [("first", "black"), ("decode_fp32", "ok")]),
        ("decode", coloured(255), [("first", "white"), ("decode_fp32", "ok")]),
        ("decode", coloured(90), [("first", "flat"), ("decode_fp32", "ok")]),
    ],
)
def test_one_fault_takes_the_right_rung_and_brings_the_picture_home(climb, ask, plain, stage, spoil, expected) -> None:
    result, _ = climb(stage, spoil, FIRST_ONLY)
    assert story(result) == expected
    assert result.error is None
    if expected[1][0] != "decode_fp32":  # that one may differ in the last place
        assert result.picture.rgb == plain(ask())


@pytest.mark.parametrize(
    ("stage", "spoil", "expected"),
    [
        ("denoise", out_of_memory, [("first", "oom"), ("free_cache", "oom")]),
        ("decode", out_of_memory, [("first", "oom"), ("free_cache", "oom"), ("decode_alone", "oom")]),
        ("denoise", nan_latents, [("first", "not_finite"), ("again", "not_finite")]),
        ("decode", coloured(0), [("first", "black"), ("decode_fp32", "black"), ("again", "black")]),
        ("decode", half_size, [("first", "wrong_size")]),
    ],
)
def test_a_lasting_fault_ends_the_ladder_with_an_error_and_no_picture(climb, stage, spoil, expected) -> None:
    result, _ = climb(stage, spoil, ALWAYS)
    assert story(result) == expected
    assert result.picture is None
    assert result.error.startswith(f"No usable picture after {len(expected)} tr")


def test_an_error_names_the_remedy(climb) -> None:
    short, _ = climb("decode", out_of_memory, ALWAYS)
    black, _ = climb("decode", coloured(0), ALWAYS)
    assert short.error.endswith(
        "The card's memory did not suffice for 256x256: end other programs on the card, or ask for a smaller size."
    )
    assert black.error == (
        "No usable picture after 3 tries: black (first), black (decode_fp32), black (again). "
        "Try another seed or prompt; if other shots fail too, check the model with `zimage-worker doctor`."
    )
    assert short.attempts[0].note == "decode: CUDA out of memory. Tried to allocate 2.00 GiB."


def test_refused_pictures_are_kept_as_evidence(climb) -> None:
    result, _ = climb("decode", coloured(0), ALWAYS)
    assert [(refused.rung, refused.outcome) for refused in result.refused] == story(result)
    assert all(set(refused.picture.rgb) == {0} for refused in result.refused)


def test_a_decode_that_fails_never_denoises_again(climb, ask, bench, results_of) -> None:
    steps = Faulty(bench.denoise, lambda made: made, 0)
    decode = Faulty(bench.decode, out_of_memory, 2)
    studio = StudioRenderer(bench=replace(bench, denoise=steps, decode=decode), place=lambda _: "card")
    (result,) = results_of(studio, [ask()])
    assert story(result)[-1] == ("decode_alone", "ok")
    assert len(steps.calls) == 1
    assert [call["alone"] for call in decode.calls] == [False, False, True]


def test_out_of_memory_while_encoding_ahead_costs_no_request_its_picture(ask, bench, plain, results_of) -> None:
    encode = Faulty(bench.encode, out_of_memory, 2)
    studio = StudioRenderer(bench=replace(bench, encode=encode), place=lambda _: "card")
    requests = [ask(), ask(prompt="a blue bowl")]
    results = results_of(studio, requests)
    assert [story(result) for result in results] == [[("first", "oom"), ("encode_on_host", "ok")], [("first", "ok")]]
    assert [result.picture.rgb for result in results] == [plain(request) for request in requests]
    assert [call["on_host"] for call in encode.calls] == [False, False, True, False]


def test_again_encodes_afresh(climb, ask, bench, results_of) -> None:
    encode = Faulty(bench.encode, lambda made: made, 0)
    denoise = Faulty(bench.denoise, nan_latents, FIRST_ONLY)
    studio = StudioRenderer(bench=replace(bench, encode=encode, denoise=denoise), place=lambda _: "card")
    results_of(studio, [ask()])
    assert len(encode.calls) == 2


def test_what_a_rung_changed_is_undone_for_the_next_request(ask, bench, results_of) -> None:
    decode = Faulty(bench.decode, coloured(0), FIRST_ONLY)
    studio = StudioRenderer(bench=replace(bench, decode=decode), place=lambda _: "card")
    results_of(studio, [ask(), ask(seed=8)])
    assert [call["in_fp32"] for call in decode.calls] == [False, True, False]


def test_other_errors_are_not_taken_for_a_lack_of_memory(climb) -> None:
    def crash(_):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal"):
        climb("denoise", crash, FIRST_ONLY)


def test_nan_in_a_step_is_found_though_nothing_in_the_loop_waits_for_the_device(ask, bench, parts) -> None:
    texts = bench.encode(ask().prompt)
    spoil = parts.transformer.register_forward_hook(lambda _, __, made: ([made[0][0] * float("nan")],))
    try:
        from worker.studio.stages import Texts

        denoised = bench.denoise([ask()], [Texts(prompt=texts, negative=None)], on_step=lambda _: False)
    finally:
        spoil.remove()
    assert denoised.are_finite == (False,)


def test_half_a_picture_of_nan_is_found_before_the_cast_turns_it_black(ask, bench) -> None:
    latents = torch.randn(1, 16, 32, 32, generator=torch.Generator().manual_seed(0))
    latents[..., :16] = float("nan")
    (decoded,) = bench.decode(latents)
    assert not decoded.statistics.is_finite


def test_an_interrupt_ends_within_a_step_and_the_studio_takes_new_work(ask, bench, plain, results_of) -> None:
    studio = StudioRenderer(bench=bench, place=lambda _: "card")
    steps = []
    results = studio.render(
        [ask(steps=50), ask()], on_progress=lambda heard: steps.append(heard.step), is_interrupted=lambda: 3 in steps
    )
    assert [*results] == []
    assert max(steps) == 3
    assert results_of(studio, [ask()])[0].picture.rgb == plain(ask())


@pytest.mark.slow
def test_no_plain_background_raises_a_false_alarm(ask, bench, results_of) -> None:
    prompts = [
        f"a {colour} {product}, {colour} background"
        for colour in ("black", "white")
        for product in ("mug", "bottle", "vase", "bowl", "box", "ball", "lamp", "jar", "goblet", "teapot")
    ]
    studio = StudioRenderer(bench=bench, place=lambda _: "card")
    results = results_of(studio, [ask(prompt=prompt, steps=8, guidance=3.0) for prompt in prompts])
    assert [story(result) for result in results] == [[("first", "ok")]] * len(prompts)
