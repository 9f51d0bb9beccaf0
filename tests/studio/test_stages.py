"""The stages against the plain pipeline: the same bits one at a time, the same noise in a batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.studio.renderer import StudioRenderer
from worker.studio.texts import TextBook

BATCH_MEAN_LEVELS = 2.0
"""Of 255: mean absolute difference, per picture, of a batch of 4 in bf16 on the CPU against the pictures made alone.
Measured 0 to 0.9 (4 prompts of different lengths, 8 steps, guidance 3): bf16 sums in another order."""

COLOURS = ("red", "blue", "green", "gold")

REQUESTS = {
    "english": {},
    "chinese, guided": {"prompt": "一只蓝色哑光花瓶，黑色背景，柔光", "guidance": 3.0},
    "negative": {"prompt": "a yellow ball", "guidance": 3.0, "negative_prompt": "black background", "seed": 2**32 - 1},
    "wide": {"width_px": 384, "seed": 11},
    "tall, guided": {"height_px": 384, "guidance": 3.0, "seed": 0, "prompt": "绿色玻璃瓶 green glossy bottle"},
    "negative without effect": {"negative_prompt": "never read", "guidance": 0.0},
    "beyond 512 tokens": {"prompt": "a red mug, " * 400, "steps": 1},
}


@pytest.mark.parametrize("changes", REQUESTS.values(), ids=REQUESTS)
def test_one_at_a_time_the_bits_are_those_of_the_plain_pipeline(ask, bench, plain, results_of, changes) -> None:
    request = ask(**changes)
    (result,) = results_of(StudioRenderer(bench=bench, place=lambda _: "card"), [request])
    assert result.picture.rgb == plain(request)
    assert (result.picture.width_px, result.picture.height_px) == (request.width_px, request.height_px)


def test_a_picture_does_not_depend_on_what_was_made_before_it(ask, bench, plain, results_of) -> None:
    requests = [ask(), ask(guidance=3.0, steps=3, negative_prompt="white"), ask(), ask(prompt="a blue bowl"), ask()]
    results = results_of(StudioRenderer(bench=bench, place=lambda _: "visits"), requests)
    assert [result.request for result in results] == requests
    assert {results[0].picture.rgb, results[2].picture.rgb, results[4].picture.rgb} == {plain(requests[0])}


def test_a_batch_has_the_noise_of_its_seeds_and_nearly_the_pictures(ask, bench) -> None:
    requests = [
        ask(seed=seed, prompt=f"a {colour} mug") for seed, colour in enumerate(("red", "blue", "green", "gold"))
    ]
    book = TextBook(bench.encode)
    texts = [book.of(request, on_host=False) for request in requests]
    together = bench.decode(bench.denoise(requests, texts, on_step=lambda _: False).latents)
    for request, text, beside in zip(requests, texts, together, strict=True):
        (alone,) = bench.decode(bench.denoise([request], [text], on_step=lambda _: False).latents)
        levels = [np.frombuffer(decoded.picture.rgb, np.uint8).astype(float) for decoded in (alone, beside)]
        assert np.abs(levels[0] - levels[1]).mean() < BATCH_MEAN_LEVELS


def test_the_noise_of_a_batch_is_bit_for_bit_that_of_its_seeds(ask, bench, parts) -> None:
    requests = [ask(seed=seed) for seed in (3, 4)]
    texts = [TextBook(bench.encode).of(request, on_host=False) for request in requests]
    noise = []
    hook = parts.transformer.register_forward_pre_hook(lambda _, given: noise.append(torch.cat(given[0], 1)))
    try:
        for batch in (requests, requests[:1], requests[1:]):
            bench.denoise(batch, texts[: len(batch)], on_step=lambda _: True)
    finally:
        hook.remove()
    assert torch.equal(noise[0], torch.cat(noise[1:], 1))


def test_each_distinct_prompt_is_encoded_once(ask, bench, results_of) -> None:
    heard = []

    class Counting:
        def __call__(self, prompt, *, on_host=False):
            heard.append(prompt)
            return bench.encode(prompt, on_host=on_host)

        def leave(self) -> None:
            bench.encode.leave()

    book = TextBook(Counting())
    requests = [ask(seed=seed, guidance=3.0, negative_prompt="text") for seed in range(5)] + [ask(prompt="a bowl")]
    book.turn_to(requests, on_host=False, before_each=lambda _: False)
    for request in requests:
        book.of(request, on_host=False)
    assert sorted(heard) == ["a bowl", requests[0].prompt, "text"]


def test_decoding_in_fp32_leaves_the_vae_as_it_was(ask, bench, parts) -> None:
    before = {name: tensor.clone() for name, tensor in parts.vae.state_dict().items()}
    latents = torch.randn(1, 16, 32, 32, generator=torch.Generator().manual_seed(0))
    (fine,), (usual,) = bench.decode(latents, in_fp32=True), bench.decode(latents)
    assert all(torch.equal(tensor, before[name]) for name, tensor in parts.vae.state_dict().items())
    assert fine.picture.rgb != usual.picture.rgb
