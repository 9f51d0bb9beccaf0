"""The stages against the plain pipeline: the same bits one at a time, the same noise in a batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from worker.studio.plan.memory import CPU_PLAN
from worker.studio.plan.setup import set_up
from worker.studio.retry.history import History
from worker.studio.stages.embeddings import EmbeddingCache

pytestmark = pytest.mark.slow

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
def test_one_at_a_time_the_bits_are_those_of_the_plain_pipeline(ask, studio, plain, results_of, changes) -> None:
    request = ask(**changes)
    (result,) = results_of(studio.renderer(), [request])
    assert result.picture.rgb == plain(request)
    assert (result.picture.width_px, result.picture.height_px) == (request.width_px, request.height_px)


PLAIN = set_up(CPU_PLAN)


@pytest.mark.slow
def test_a_picture_does_not_depend_on_what_was_made_before_it(ask, studio, plain, results_of) -> None:
    changes = ({}, {"guidance": 3.0, "steps": 3, "negative_prompt": "white"}, {}, {"prompt": "a blue bowl"}, {})
    requests = [ask(file=f"{n}.png", **change) for n, change in enumerate(changes)]
    results = results_of(studio.renderer(), requests)
    assert {result.request.file for result in results} == {request.file for request in requests}
    pictures = {result.request.file: result.picture.rgb for result in results}
    assert pictures == {request.file: plain(request) for request in requests}


@pytest.mark.slow
def test_a_batch_has_the_noise_of_its_seeds_and_nearly_the_pictures(ask, studio) -> None:
    stages = studio.stages
    requests = [ask(seed=seed, prompt=f"a {colour} mug") for seed, colour in enumerate(COLOURS)]
    embeddings = EmbeddingCache(stages.encode)
    texts = [embeddings.of(request, setup=PLAIN) for request in requests]

    def levels(wanted, embeddings) -> list:
        latents = stages.denoise(wanted, embeddings, setup=PLAIN, on_step=lambda _: False).latents
        return [
            np.frombuffer(stages.decode(one, setup=PLAIN).picture().rgb, np.uint8).astype(float)
            for one in latents.split(1)
        ]

    together = levels(requests, texts)
    for request, text, beside in zip(requests, texts, together, strict=True):
        (alone,) = levels([request], [text])
        assert np.abs(alone - beside).mean() < BATCH_MEAN_LEVELS


def test_the_noise_of_a_batch_is_bit_for_bit_that_of_its_seeds(ask, studio, parts) -> None:
    requests = [ask(seed=seed) for seed in (3, 4)]
    texts = [EmbeddingCache(studio.stages.encode).of(request, setup=PLAIN) for request in requests]
    noise = []
    hook = parts.transformer.register_forward_pre_hook(lambda _, given: noise.append(torch.cat(given[0], 1)))
    try:
        for batch in (requests, requests[:1], requests[1:]):
            studio.stages.denoise(batch, texts[: len(batch)], setup=PLAIN, on_step=lambda _: True)
    finally:
        hook.remove()
    assert torch.equal(noise[0], torch.cat(noise[1:], 1))


@pytest.mark.parametrize("batch", [1, 2, 16])
def test_each_distinct_prompt_is_encoded_once(ask, studio, batch: int) -> None:
    heard = []

    class Counting:
        def __call__(self, prompts, *, setup):
            heard.extend(prompts)
            return studio.stages.encode(prompts, setup=setup)

        def padded_tokens(self, prompt: str) -> int:
            return studio.stages.encode.padded_tokens(prompt)

        def leave(self) -> None:
            studio.stages.encode.leave()

    embeddings = EmbeddingCache(Counting())
    requests = [ask(seed=seed, guidance=3.0, negative_prompt="text") for seed in range(5)] + [ask(prompt="a bowl")]
    embeddings.turn_to(requests, setup=PLAIN, batch=batch, before_each=lambda _: False)
    for request in requests:
        embeddings.of(request, setup=PLAIN)
    assert sorted(heard) == ["a bowl", requests[0].prompt, "text"]


def test_before_prompts_are_encoded_together_all_their_pictures_are_told(ask, studio) -> None:
    told: list[list[str]] = []

    def tell(requests) -> bool:
        told.append([request.file for request in requests])
        return False

    requests = [ask(file=f"{n}.png", prompt=f"a mug, number {n // 2}") for n in range(4)]
    EmbeddingCache(studio.stages.encode).turn_to(requests, setup=PLAIN, batch=16, before_each=tell)
    assert told == [["0.png", "1.png", "2.png", "3.png"]]


def test_what_may_have_killed_a_process_is_encoded_alone_too(ask, studio) -> None:
    together: list[int] = []

    class Counting(type(studio.stages.encode)):
        def __init__(self) -> None:
            vars(self).update(vars(studio.stages.encode))

        def __call__(self, prompts, *, setup):
            together.append(len(prompts))
            return super().__call__(prompts, setup=setup)

    requests = [ask(file=f"{n}.png", prompt=f"a mug, number {n}", width_px=64, height_px=64, steps=1) for n in range(4)]
    renderer = studio.renderer(replace(CPU_PLAN, encode_batch=16), encode=Counting())
    heard: list = []
    histories = [History(file=request.file, tries=()) for request in requests[:2]]
    results = renderer.render(requests, on_progress=heard.append, is_interrupted=lambda: False, histories=histories)
    assert [[one.rung for one in result.tries] for result in results] == [["first"]] * 4
    assert together == [1, 1, 2]
    assert [one.files for one in heard if not one.step and not one.plan] == [("2.png", "3.png")]


def test_prompts_encoded_together_are_nearly_those_encoded_alone(studio) -> None:
    prompts = [f"a {colour} mug on a table" for colour in COLOURS]
    together = studio.stages.encode(prompts, setup=PLAIN)
    for prompt, beside in zip(prompts, together, strict=True):
        (alone,) = studio.stages.encode([prompt], setup=PLAIN)
        assert alone.shape == beside.shape
        assert (alone - beside).abs().mean() < 0.02 * alone.abs().mean()


def test_decoding_in_fp32_leaves_the_vae_as_it_was(studio, parts) -> None:
    before = {name: tensor.clone() for name, tensor in parts.vae.state_dict().items()}
    latents = torch.randn(1, 16, 32, 32, generator=torch.Generator().manual_seed(0))
    fine = studio.stages.decode(latents, setup=replace(PLAIN, decode_fp32=True))
    usual = studio.stages.decode(latents, setup=PLAIN)
    assert all(torch.equal(tensor, before[name]) for name, tensor in parts.vae.state_dict().items())
    assert fine.picture().rgb != usual.picture().rgb


@pytest.mark.slow
def test_tiles_have_their_stated_size_and_leave_the_vae_as_it_was(studio, parts) -> None:
    latents = torch.randn(1, 16, 96, 96, generator=torch.Generator().manual_seed(0))
    seen = []
    hook = parts.vae.decoder.register_forward_pre_hook(lambda _, given: seen.append(tuple(given[0].shape[-2:])))
    try:
        tiled = studio.stages.decode(latents, setup=replace(PLAIN, tile_px=512))
        whole = studio.stages.decode(latents, setup=PLAIN)
    finally:
        hook.remove()
    assert max(seen[:-1]) == (64, 64)
    assert seen[-1] == (96, 96)
    assert tiled.picture().rgb != whole.picture().rgb
    assert tiled.statistics().height_px == whole.statistics().height_px == 768
