"""The speed test on the embedded model: every way measured, and the table that a person reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from worker import compose
from worker.bench.kernels import Kernel, Usage, usage
from worker.bench.speed_table import speed_table
from worker.cli import main
from worker.errors import ExitCode
from worker.settings import load


@pytest.mark.slow
def test_the_speed_test_measures_every_way_on_the_embedded_model(tmp_path) -> None:
    command = [sys.executable, "-m", "worker.cli", "bench", "--model", "demo", "--device", "cpu", "--json"]
    done = subprocess.run(
        [*command, "--size", "64x64", "--steps", "2", "--pictures", "2", "--rounds", "1", "--ways", "plain,compiled"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert [way["name"] for way in result["ways"]] == ["plain", "compiled"]
    assert all(way["seconds"] > 0 and not way["note"] for way in result["ways"])
    assert result["graphs"] > 0
    assert result["matmul_tflops"] > 0, "however busy the processor is"
    assert "plain: round 1, " in done.stderr
    table = speed_table(result)
    assert "64x64, 2 steps, guidance 3, 1 round of 2 pictures" in table
    assert len(table.splitlines()) == 4


def test_a_way_that_failed_says_why() -> None:
    way = {"name": "plain", "seconds": None, "peak_mib": 0, "warm_up_s": 0.0, "note": "CUDA out of memory."}
    made = {**way, "name": "eager", "seconds": 2.0, "peak_mib": 14_336, "note": ""}
    options = {"memory_gib": 11.5, "synthetic": True, "model": None, "width_px": 1024, "height_px": 1024, "steps": 8,
              "guidance": 0.0, "rounds": 2, "pictures": 8}  # fmt: skip
    used = Usage(wall_ms=1326.0, matmul_ms=487.0, attention_ms=120.4, other_ms=680.0, gaps_ms=35.8, waits_ms=0.3)
    table = speed_table(
        {"device": "card", "torch": "2.13", "options": options, "ways": [way, made], "picture_tflop": 500.0,
         "matmul_tflops": 500.0, "usage": {"eager": used.as_dict()}}
    )  # fmt: skip
    assert "capped to 11.5 GiB" in table
    assert "CUDA out of memory." in table
    assert "14,400" in table  # pictures in 8 hours
    assert "50%" in table
    assert table.splitlines()[-1].split()[-6:] == ["487", "120", "680", "35.8", "0.3", "97.3%"]


def test_only_long_gaps_between_kernels_are_the_programs_fault() -> None:
    times = [(0.0, 100.0), (50.0, 90.0), (103.0, 200.0), (300.0, 400.0)]
    used = usage([Kernel(name="add", begin_us=begin, end_us=end) for begin, end in times], pictures=2)
    assert (used.gaps_ms, used.waits_ms) == pytest.approx((0.0515, 0.05))
    assert (used.other_ms, used.wall_ms) == pytest.approx((0.1685, 0.2))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("nvjet_sm90_tst_256x160_64x4_1x2_h_bz_coopA_TNT", "matmul"),
        ("sm90_xmma_fprop_implicit_gemm_bf16bf16_bf16f32_f32_nhwckrsc_nhwc", "matmul"),
        ("ampere_bf16_s16816gemm_bf16_128x256_ldg8_f2f_stages_64x3_tn", "matmul"),
        ("cudnn_generated_fort_native_sdpa_sm90_flash_fprop_wgmma_f16_knob_7", "attention"),
        ("fmha_cutlassF_bf16_aligned_32x128_gmem_sm80(PyTorchMemEffAttention::AttentionKernel)", "attention"),
        ("triton_per_fused__scaled_dot_product_cudnn_attention__to_copy__unsafe_view_add", "other"),
        ("void at::native::vectorized_elementwise_kernel<8, at::native::CUDAFunctor_add<c10::BFloat16>>", "other"),
    ],
)
def test_kernels_are_told_apart_by_their_names(name: str, kind: str) -> None:
    assert Kernel(name=name, begin_us=0.0, end_us=1.0).kind == kind


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (["--pictures", "0"], "--pictures 0: must be at least 1."),
        (["--rounds", "0"], "--rounds 0: must be at least 1."),
        (["--steps", "101"], "--steps 101: must be 1 to 100 (setting `max_steps`)."),
        (["--guidance", "nan"], "--guidance nan: must be 0 or more."),
        (["--memory-gib", "0"], "--memory-gib 0.0: must be above 0."),
        (["--ways", "plain,plain"], "--ways plain,plain: must be each way once."),
        (["--ways", "fast"], "--ways fast: must be some of plain, eager, compiled."),
        (["--size", "65x64"], "Nearest is 64x64."),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_is_loaded(wrong, rule, capsys) -> None:
    assert main(["bench", "--model", "demo", *wrong]) == ExitCode.USAGE
    assert rule in capsys.readouterr().err


def test_the_stability_test_that_was_an_option_is_told_as_a_command(capsys) -> None:
    for told in (["--acceptance"], ["--acceptance", "folder"], ["--synthetic", "folder", "--acceptance"]):
        with pytest.raises(SystemExit) as ended:
            main(["bench", *told])
        assert ended.value.code == ExitCode.USAGE
        assert "`zimage-worker acceptance [DIR]`" in capsys.readouterr().err


def test_the_models_own_picture_is_measured_unless_another_is_asked_for() -> None:
    settings = load(file=None, environment={}, flags={"model": "demo"}).settings
    (width_px, height_px), recommended = compose.picture_for_bench(settings, None, synthetic=False)
    assert (width_px, height_px, recommended.steps, recommended.guidance) == (256, 256, 8, 3.0)
    size, recommended = compose.picture_for_bench(settings, "tall", synthetic=True)
    assert (size, recommended.steps, recommended.guidance) == ((720, 1280), 8, 0.0)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="there may be a card")
def test_without_a_card_the_speed_test_ends_as_the_worker_would() -> None:
    command = [sys.executable, "-m", "worker.cli", "bench", "--synthetic", "--device", "cuda"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.DEVICE_UNAVAILABLE
    assert done.stderr.splitlines()[-1].startswith("zimage-worker: There is no NVIDIA card")
