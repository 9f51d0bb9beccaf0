"""Compiled blocks: near the eager picture, eager again to the bit, and no failure of the compiler reaches a picture."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import torch
from model_faults import exactly, fault, nan_everywhere, run_out
from structlog.testing import capture_logs

from worker.demo import weights_dir
from worker.records import Picture
from worker.studio.attention import RealRotaryAttention
from worker.studio.child import COMPILER_CACHE
from worker.studio.compiling import PAYS_FROM, Compilation, graphs
from worker.studio.group_norm import GroupNormAndSiLU
from worker.studio.memory import CPU_PLAN
from worker.studio.messages import Load
from worker.studio.opening import build_stages
from worker.studio.process import ChildRenderer
from worker.studio.renderer import StudioRenderer

CPU = torch.device("cpu")
LEVELS = 1.0
"""Of 255, mean absolute difference: what two correct orders of bf16 operations may come to."""


@pytest.fixture
def compiled(parts):
    stages = build_stages(parts, device=CPU, compile_wish="always")
    yield StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN)
    stages.denoise._compilation.turn(on=False)


def levels(picture: Picture) -> np.ndarray:
    return np.frombuffer(picture.rgb, np.uint8).astype(np.float64)


def story(result) -> list[tuple[str, str]]:
    return [(attempt.rung, attempt.outcome) for attempt in result.attempts]


def test_the_rotary_embedding_in_real_arithmetic_is_the_same(parts) -> None:
    latents = [torch.randn(16, 1, 16, 16).bfloat16()]
    text = [torch.randn(40, parts.transformer.config.cap_feat_dim).bfloat16()]
    with torch.no_grad():
        theirs = parts.transformer(latents, torch.tensor([0.5]), text)[0][0]
        kept = [block.attention.processor for block in parts.transformer_blocks]
        try:
            for block in parts.transformer_blocks:
                block.attention.processor = RealRotaryAttention()
            ours = parts.transformer(latents, torch.tensor([0.5]), text)[0][0]
        finally:
            for block, processor in zip(parts.transformer_blocks, kept, strict=True):
                block.attention.processor = processor
    assert (ours - theirs).abs().mean() <= 0.01 * theirs.abs().mean()


@pytest.mark.parametrize("channels", [32, 64])
def test_norm_and_activation_in_one_are_the_same(channels: int) -> None:
    norm = torch.nn.GroupNorm(8, channels)
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    states = (3 * torch.randn(2, channels, 24, 16) + 1).to(memory_format=torch.channels_last)
    theirs = torch.nn.functional.silu(norm(states))
    ours = GroupNormAndSiLU(norm)(states)
    assert torch.allclose(ours, theirs, atol=1e-5)
    assert ours.is_contiguous(memory_format=torch.channels_last)
    assert (GroupNormAndSiLU(norm)(states.bfloat16()).float() - theirs).abs().max() < 0.05


@pytest.mark.slow
def test_compiled_pictures_are_near_and_no_length_or_size_is_compiled_twice(compiled, ask, plain, results_of) -> None:
    sizes = [(128, 128), (192, 128), (256, 256), (128, 256)]
    requests = [
        ask(file=f"{n}.png", prompt="a red glossy mug" + ", white" * n, seed=n, width_px=width, height_px=height)
        for n, (width, height) in enumerate(sizes * 5)
    ]
    warm = results_of(compiled, [requests[0], replace(requests[2], guidance=3.0)])
    after_warm_up = graphs()
    results = results_of(compiled, requests)
    assert graphs() == after_warm_up
    for result in (*warm, *results):
        assert story(result) == [("first", "ok")]
        eager = np.frombuffer(plain(result.request), np.uint8).astype(np.float64)
        assert np.abs(levels(result.picture) - eager).mean() < LEVELS


@pytest.mark.slow
def test_what_goes_wrong_in_compiled_code_is_made_eagerly(compiled, parts, ask, plain, results_of) -> None:
    request = ask(width_px=128, height_px=128)
    with fault(parts.transformer, nan_everywhere, at=exactly(1)):
        (result,) = results_of(compiled, [request])
    assert story(result) == [("first", "not_finite"), ("eager", "ok")]
    assert result.picture.rgb == plain(request)
    with fault(parts.transformer, run_out, at=lambda call: call <= 2):
        (result,) = results_of(compiled, [request])
    assert story(result) == [("first", "oom"), ("free_cache", "oom"), ("eager", "ok")]
    assert result.picture.rgb == plain(request)


def test_a_compiler_that_fails_costs_a_warning_and_nothing_else(parts, ask, plain, results_of, monkeypatch) -> None:
    stages = build_stages(parts, device=CPU, compile_wish="always")

    def break_down(*_: object, **__: object) -> None:
        raise torch._dynamo.exc.TorchRuntimeError("no C compiler")

    monkeypatch.setattr("worker.studio.compiling._in_transformer", break_down)
    request = ask(width_px=128, height_px=128)
    with capture_logs() as logs:
        results = [
            result
            for _ in range(2)
            for result in results_of(StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN), [request])
        ]
    assert [story(result) for result in results] == [[("first", "ok")]] * 2
    assert {result.picture.rgb for result in results} == {plain(request)}
    assert [entry["event"] for entry in logs] == ["compiler.failed"]


def test_only_a_long_job_is_worth_compiling(parts) -> None:
    auto, always, never = (
        Compilation(parts.transformer_blocks, parts.vae, wish=wish) for wish in ("auto", "always", "never")
    )
    assert [auto.pays(PAYS_FROM - 1), auto.pays(PAYS_FROM)] == [False, True]
    assert always.pays(1)
    assert not never.pays(10_000)


@pytest.mark.slow
def test_compiled_code_outlives_the_process(ask, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv(COMPILER_CACHE, raising=False)
    load = Load(folder=weights_dir(), is_demo=True, device="cpu", compile="always", cache_dir=tmp_path / "compiled")
    with closing(ChildRenderer(load)) as renderer:
        renderer.start()
        (result,) = renderer.render([ask(width_px=64, height_px=64, steps=1)], on_progress=lambda _: None)
    assert story(result) == [("first", "ok")]
    assert list((tmp_path / "compiled").rglob("*.py"))
