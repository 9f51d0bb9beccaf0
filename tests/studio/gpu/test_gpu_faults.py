"""On a card, at full size: memory that runs out and numbers that are none, in any stage, at any step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from model_faults import exactly, fault, nan_everywhere, nan_in_item, run_out, up_to
from on_card import (
    BASELINE_MIB,
    NEEDS_CARD,
    OTHER_DEVICE_LEVELS,
    ROOM_MIB,
    SHOT,
    STEPS,
    allocated_mib,
    difference,
    levels,
    story,
)

pytestmark = NEEDS_CARD

PARTS = {
    "encode": lambda parts: parts.text_encoder,
    "denoise": lambda parts: parts.transformer,
    "decode": lambda parts: parts.vae.decoder,
}


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("place", PARTS)
def test_memory_that_runs_out_in_any_stage(full, planned, results_of, place: str, times: int) -> None:
    (undisturbed,) = results_of(planned(ROOM_MIB), [SHOT])
    before = allocated_mib()
    with fault(PARTS[place](full), run_out, at=up_to(times)) as count:
        (result,) = results_of(planned(ROOM_MIB), [SHOT])
    print(story(result))
    assert count.fired == times
    assert result.picture.rgb == undisturbed.picture.rgb
    (after,) = results_of(planned(ROOM_MIB), [SHOT])
    assert story(after) == [("first", "ok")]
    assert abs(allocated_mib() - before) <= BASELINE_MIB


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_memory_that_runs_out_at_any_step(full, planned, results_of, step: int) -> None:
    (undisturbed,) = results_of(planned(ROOM_MIB), [SHOT])
    before = allocated_mib()
    for times in (1, 2):
        with fault(full.transformer, run_out, at=lambda call, times=times: step <= call < step + times) as count:
            (result,) = results_of(planned(ROOM_MIB), [SHOT])
        assert count.fired
        assert result.picture.rgb == undisturbed.picture.rgb
    results_of(planned(ROOM_MIB), [SHOT])
    assert abs(allocated_mib() - before) <= BASELINE_MIB


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_latent_that_is_no_number_at_any_step(full, planned, results_of, step: int) -> None:
    (undisturbed,) = results_of(planned(ROOM_MIB), [SHOT])
    with fault(full.transformer, nan_everywhere, at=exactly(step)):
        (result,) = results_of(planned(ROOM_MIB), [SHOT])
    assert story(result) == [("first", "not_finite"), ("again", "ok")]
    assert result.picture.rgb == undisturbed.picture.rgb


def test_a_decode_that_is_no_number_is_decoded_in_fp32(full, planned, results_of) -> None:
    (undisturbed,) = results_of(planned(ROOM_MIB), [SHOT])
    with fault(full.vae.decoder, nan_everywhere, at=exactly(1)):
        (result,) = results_of(planned(ROOM_MIB), [SHOT])
    assert story(result) == [("first", "not_finite"), ("decode_fp32", "ok")]
    apart = difference(levels(result.picture), levels(undisturbed.picture))
    print(f"bf16 against fp32 decode: {apart} of 255")
    assert apart < OTHER_DEVICE_LEVELS


@pytest.mark.parametrize("item", range(4))
def test_one_bad_picture_of_a_batch_leaves_its_neighbours_as_they_were(full, planned, results_of, item: int) -> None:
    requests = [replace(SHOT, seed=n, file=f"{n}.png") for n in range(4)]
    undisturbed = {result.request.file: result for result in results_of(planned(ROOM_MIB, batch=4), requests)}
    with fault(full.transformer, nan_in_item(item), at=exactly(2)):
        results = {result.request.file: result for result in results_of(planned(ROOM_MIB, batch=4), requests)}
    for n, request in enumerate(requests):
        result = results[request.file]
        if n == item:
            assert story(result) == [("first", "not_finite"), ("alone", "ok")]
            apart = difference(levels(result.picture), levels(undisturbed[request.file].picture))
            print(f"alone against in a batch of 4: {apart} of 255")
            assert apart < OTHER_DEVICE_LEVELS
        else:
            assert story(result) == [("first", "ok")]
            assert result.picture.rgb == undisturbed[request.file].picture.rgb
