"""On a card: the same picture as the plain pipeline's, compiled or not, and near the CPU's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import ZImagePipeline
from on_card import (
    CARD,
    GIB,
    NEEDS_CARD,
    OTHER_DEVICE_LEVELS,
    OTHER_ORDER_LEVELS,
    ROOM_MIB,
    SAME_CARD_LEVELS,
    SHOT,
    difference,
    levels,
    story,
)

from worker.demo import weights_dir
from worker.studio.model_files.parts import ModelSource
from worker.studio.plan.memory import MOST_TOKENS, make_plan
from worker.studio.plan.setup import ON_CARD
from worker.studio.render.opening import build_renderer, build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.stages.compiling import graphs
from worker.studio.stages.loading import load_parts

pytestmark = NEEDS_CARD


@pytest.mark.parametrize("guidance", [0.0, 4.0])
def test_the_picture_is_the_plain_pipelines(full, stages, planned, results_of, monkeypatch, guidance: float) -> None:
    request = replace(SHOT, guidance=guidance, width_px=1024, height_px=1024, steps=8)
    (usual,) = results_of(planned(ROOM_MIB), [request])
    # as far as the plain pipeline pads prompts: nothing attends to padding, but kernels add up in another order
    monkeypatch.setattr(stages.encode, "padded_tokens", lambda _: MOST_TOKENS)
    (result,) = results_of(planned(ROOM_MIB), [request])
    (streamed,) = results_of(planned(7.5 * GIB), [request])
    stages.encode._placed.move_to(ON_CARD)
    stages.denoise._placed.move_to(ON_CARD)
    pipe = ZImagePipeline(
        tokenizer=full.tokenizer, text_encoder=full.text_encoder, transformer=full.transformer,
        vae=full.vae, scheduler=full.scheduler,
    )  # fmt: skip
    plain = pipe(
        request.prompt, width=1024, height=1024, num_inference_steps=8, guidance_scale=guidance,
        generator=torch.Generator("cpu").manual_seed(request.seed),
    ).images[0]  # fmt: skip
    plain_levels = np.asarray(plain, dtype=np.float64).ravel()
    apart, usually = (difference(levels(one.picture), plain_levels) for one in (result, usual))
    print(f"guidance {guidance}: {apart} of 255 from the plain pipeline; {usually} with prompts padded as needed")
    assert apart <= SAME_CARD_LEVELS
    assert usually <= OTHER_ORDER_LEVELS
    assert streamed.picture.rgb == result.picture.rgb


def test_captions_of_unequal_length_are_guided_in_two_passes_where_blocks_stay(
    full, stages, planned, results_of
) -> None:
    request = replace(
        SHOT, guidance=4.0, negative_prompt="text, watermark, logo, plastic skin, blur, noise, grain " * 3
    )
    (whole,) = results_of(planned(ROOM_MIB), [request])
    assert stages.denoise._passes.are_parted
    (streamed,) = results_of(planned(7.5 * GIB), [request])
    assert not stages.denoise._passes.are_parted
    apart = difference(levels(whole.picture), levels(streamed.picture))
    print(f"two passes beside one with a mask: {apart} of 255")
    assert apart <= OTHER_ORDER_LEVELS


def test_compiled_nothing_is_compiled_twice_and_rounding_is_all_that_differs(full, planned, results_of) -> None:
    stages = build_stages(full, device=CARD, compile_option="always")
    weights = full.weights()
    compiled = StudioRenderer(stages=stages, plan=lambda work: make_plan(ROOM_MIB, weights, work))
    sizes = [(1024, 1024), (864, 1152), (1280, 720), (768, 768)]
    requests = [
        replace(
            SHOT, prompt="a mug" + ", soft light" * (3 * n), seed=n, file=f"{n}.png", width_px=width, height_px=height
        )
        for n, (width, height) in enumerate(sizes * 5)
    ]
    try:
        results_of(compiled, [requests[0], replace(requests[1], guidance=4.0)])
        after_warm_up = graphs()
        results = results_of(compiled, requests)
        print(f"{after_warm_up} graphs after two pictures, {graphs()} after {len(requests)} lengths and 4 sizes")
        assert graphs() == after_warm_up
    finally:
        stages.denoise._compilation.turn(on=False)
    eager = {result.request.file: result for result in results_of(planned(ROOM_MIB), requests[:4])}
    for result in results:
        assert story(result) == [("first", "ok")]
        if result.request.file in eager:
            apart = difference(levels(result.picture), levels(eager[result.request.file].picture))
            print(f"compiled {result.request.width_px}x{result.request.height_px}: {apart} of 255 from eager")
            assert apart <= OTHER_ORDER_LEVELS


def test_the_embedded_model_on_the_card_is_near_the_cpus(results_of) -> None:
    request = replace(SHOT, prompt="a red glossy mug, white background", width_px=256, height_px=256, guidance=3.0)
    pictures = []
    for device in (torch.device("cpu"), CARD):
        parts = load_parts(ModelSource(folder=weights_dir()), device=device)
        room = (lambda: ROOM_MIB) if device.type == "cuda" else None
        studio = build_renderer(parts, build_stages(parts, device=device), room=room)
        requests = [replace(request, seed=seed, steps=8, file=f"{seed}.png") for seed in range(8)]
        pictures.append({result.request.file: result.picture for result in results_of(studio, requests)})
    apart = [difference(levels(pictures[0][file]), levels(pictures[1][file])) for file in sorted(pictures[0])]
    print(f"CPU against card, of 255: {[round(level, 2) for level in apart]}")
    assert max(apart) < OTHER_DEVICE_LEVELS
