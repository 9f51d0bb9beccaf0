"""The `parameters` text has the form that Stable Diffusion tools parse."""

from __future__ import annotations

from dataclasses import replace

from worker.delivery.provenance import TEXT_CHARACTERS, labels, parameters


def test_parameters_have_a1111s_form(samples):
    request = samples.request(negative_prompt="text, logo", guidance=4.0)
    assert parameters(request, model=samples.record.model, worker=samples.record.worker) == (
        "a red mug, white background\n"
        "Negative prompt: text, logo\n"
        "Steps: 8, Sampler: Euler, CFG scale: 4, Seed: 7, Size: 64x48, "
        "Model hash: ab12ab12ab, Model: Z-Image-Turbo, Version: zimage-worker 0.1.0"
    )


def test_without_a_negative_prompt_there_is_no_line_of_it(samples):
    text = parameters(samples.request(), model=samples.record.model, worker=samples.record.worker)
    assert text.count("\n") == 1


def test_a_model_name_with_a_comma_cannot_pose_as_settings(samples):
    model = replace(samples.record.model, id="mine, Seed: 9")
    text = parameters(samples.request(), model=model, worker=samples.record.worker)
    assert 'Model: "mine, Seed: 9", Version' in text


def test_a_long_prompt_is_clipped_with_a_mark_and_fits_a_jpeg_segment(samples):
    request = samples.request(prompt="&" * 100_000, negative_prompt="𝒻" * 100_000)
    written = labels(request, record=samples.record)
    assert len(written.xmp.encode()) < 65_000
    assert len(written.parameters.encode("utf-16-be")) < 65_000
    assert f"{'&' * (TEXT_CHARACTERS - 1)}…\n" in written.parameters
