"""Compiled blocks: near the eager picture, eager again to the bit, and no failure of the compiler reaches a picture."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers.models.resnet import ResnetBlock2D
from model_faults import exactly, fault, nan_everywhere, run_out
from structlog.testing import capture_logs

from worker.demo import weights_dir
from worker.records import Picture
from worker.studio.card.environment import COMPILER_CACHE
from worker.studio.plan.break_even import COLD, PICTURE, WARM
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.plan.setup import ON_CARD
from worker.studio.process.parent import ChildRenderer
from worker.studio.render.load_request import Load
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.stages.attention import RealRotaryAttention
from worker.studio.stages.compiling import Compilation, graphs
from worker.studio.stages.vae_blocks import GroupNormAndSiLU, ResidualBlock, no_bias

CPU = torch.device("cpu")
LEVELS = 1.0
"""Of 255, mean absolute difference: what two correct orders of bf16 operations may come to."""


@pytest.fixture
def compiled(parts):
    stages = build_stages(parts, device=CPU, compile_option="always")
    yield StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN)
    stages.denoise._compilation.turn(on=False)


@pytest.fixture
def stages(parts):
    made = build_stages(parts, device=CPU)
    yield made
    made.denoise._placed.move_to(ON_CARD)  # the parts are everybody's


def levels(picture: Picture) -> np.ndarray:
    return np.frombuffer(picture.rgb, np.uint8).astype(np.float64)


def story(result) -> list[tuple[str, str]]:
    return [(one_try.rung, one_try.outcome) for one_try in result.tries]


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
@pytest.mark.parametrize("mean", [0.0, 1.0, 40.0])
def test_norm_and_activation_in_one_are_the_same(channels: int, mean: float) -> None:
    norm = torch.nn.GroupNorm(8, channels)
    torch.nn.init.normal_(norm.weight)
    torch.nn.init.normal_(norm.bias)
    states = (torch.randn(2, channels, 24, 16) + mean).to(memory_format=torch.channels_last)
    theirs = torch.nn.functional.silu(norm(states))
    ours = GroupNormAndSiLU(norm)(states, no_bias(norm))
    # a mean of 40 deviations costs sums of squares digits, far fewer than bf16 has lost there already
    assert torch.allclose(ours, theirs, atol=1e-5 if mean < 2 else 5e-3)
    assert ours.is_contiguous(memory_format=torch.channels_last)
    coarse = states.bfloat16()
    assert (
        GroupNormAndSiLU(norm)(coarse, no_bias(norm)).float() - torch.nn.functional.silu(norm(coarse.float()))
    ).abs().max() < 0.05


@pytest.mark.parametrize("out_channels", [32, 64])
def test_a_residual_block_whose_biases_are_added_later_is_the_same(out_channels: int) -> None:
    block = ResnetBlock2D(in_channels=32, out_channels=out_channels, temb_channels=None, groups=8).eval()
    for parameter in block.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    states = torch.randn(2, 32, 12, 20).to(memory_format=torch.channels_last)
    with torch.no_grad():
        theirs, ours = block(states, None), ResidualBlock(block)(states, None)
    assert torch.allclose(ours, theirs, atol=1e-4 * float(theirs.abs().max()))


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


@pytest.mark.slow
def test_a_compiler_that_fails_costs_a_warning_and_nothing_else(parts, ask, plain, results_of, monkeypatch) -> None:
    stages = build_stages(parts, device=CPU, compile_option="always")

    def break_down(*_: object, **__: object) -> None:
        raise torch._dynamo.exc.TorchRuntimeError("no C compiler")

    monkeypatch.setattr("worker.studio.stages.compiling._in_transformer", break_down)
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


def test_compiling_pays_once_enough_work_has_come_in_whatever_jobs(parts) -> None:
    def waits(option: str, *, is_warm: bool = False) -> Compilation:
        return Compilation(parts.transformer_blocks, parts.vae, option=option, is_warm=is_warm)

    auto = waits("auto")
    with capture_logs() as logs:
        assert [auto.decide(n * PICTURE) for n in (1, COLD - 1, COLD)] == [False, False, True]
    assert [(entry["event"], entry["compiled"]) for entry in logs] == [
        ("compiling.decided", False), ("compiling.decided", True),
    ]  # fmt: skip
    assert logs[1]["why"] == f"work of {COLD} pictures (1024x1024, 8 steps) since the start; compiling pays from {COLD}"
    assert waits("auto", is_warm=True).decide(WARM * PICTURE)
    assert waits("always").decide(1)
    assert not waits("never").decide(10_000 * PICTURE)


@pytest.mark.slow
def test_what_is_compiled_already_serves_the_shortest_job(parts) -> None:
    compilation = Compilation(parts.transformer_blocks, parts.vae, option="auto")
    assert not compilation.decide(PICTURE)
    compilation.turn(on=True)  # nothing is compiled before it is called
    assert compilation.decide(PICTURE)
    compilation.give_up("no compiler")
    assert not compilation.decide(COLD * PICTURE)


@pytest.mark.slow
def test_the_work_since_the_start_counts_and_a_job_sent_again_counts_once(stages, ask, results_of) -> None:
    asked = []
    watching = replace(stages, compiles=lambda work: asked.append(work) or False)
    studio = StudioRenderer(stages=watching, plan=lambda _: CPU_PLAN)
    job = [ask(file=f"{n}.png", width_px=64, height_px=64, steps=1, guidance=0.0) for n in range(3)]
    each = 64 * 64
    with closing(studio.render(job, on_progress=lambda _: None, is_interrupted=lambda: False)) as left_early:
        next(left_early)
    results_of(studio, job[1:])
    results_of(studio, job[:1])
    assert asked == [3 * each, 3 * each, 3 * each, 4 * each]


def test_a_card_that_streams_blocks_is_not_told_that_compiling_pays(stages, ask, results_of) -> None:
    watching = replace(stages, compiles=lambda _: pytest.fail("nothing of a streamed plan is compiled"))
    results_of(
        StudioRenderer(stages=watching, plan=lambda _: replace(CPU_PLAN, resident_blocks=2)),
        [ask(width_px=64, height_px=64, steps=1)],
    )


@pytest.mark.slow
def test_a_machine_without_a_compiler_is_told_of_in_the_workers_own_log(ask, plain, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv(COMPILER_CACHE, raising=False)
    monkeypatch.setenv("CXX", "/bin/false")
    load = Load(folder=weights_dir(), is_demo=True, device="cpu", compile="always", cache_dir=tmp_path / "compiled")
    request = ask(width_px=64, height_px=64, steps=1)
    with closing(ChildRenderer(load)) as renderer, capture_logs() as logs:
        renderer.start()
        results = [*renderer.render([request, replace(request, file="2.png")], on_progress=lambda _: None)]
    assert [story(result) for result in results] == [[("first", "ok")]] * 2
    assert {result.picture.rgb for result in results} == {plain(request)}
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("compiler.failed", "warning")]


@pytest.mark.slow
def test_compiled_code_outlives_the_process(ask, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv(COMPILER_CACHE, raising=False)
    load = Load(folder=weights_dir(), is_demo=True, device="cpu", compile="always", cache_dir=tmp_path / "compiled")
    with closing(ChildRenderer(load)) as renderer:
        renderer.start()
        (result,) = renderer.render([ask(width_px=64, height_px=64, steps=1)], on_progress=lambda _: None)
    assert story(result) == [("first", "ok")]
    assert list((tmp_path / "compiled").rglob("*.py"))
