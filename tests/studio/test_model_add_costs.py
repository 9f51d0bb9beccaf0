"""What adding a model costs: each byte of the source read once, little memory; and that its pictures are the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from model_forms import (
    TEXT_ENCODER,
    VAE,
    add_folder,
    comfy_transformer,
    ldm_vae,
    part,
    prefixed,
    recognised,
    slim,
    weights,
    widened,
)  # fmt: skip
from safetensors.torch import save_file

from worker.demo import weights_dir
from worker.studio.model_files.parts import ModelSource
from worker.studio.model_store.add import add_model
from worker.studio.model_store.wanted import wanted
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.stages.loading import load_parts

CPU = torch.device("cpu")


def bytes_read() -> int:
    """By this process, from files and pipes, cached or not. Source: proc_pid_io(5)."""
    told = dict(line.split(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())
    return int(told["rchar"])


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_each_byte_of_the_source_is_read_once(folder: Path, tmp_path: Path) -> None:
    widened(folder)
    add_folder(folder, tmp_path / "first")  # whatever is imported on the way
    before = bytes_read()
    add_folder(folder, tmp_path / "second")
    read, whole = bytes_read() - before, size(folder)
    assert whole <= read <= 1.1 * whole, "headers and small files alone are looked at more than once"


CONVERTS = """
import re, sys
from pathlib import Path
from worker.studio.model_files.checking.one_pass import read_once
from worker.studio.model_files.recognise.found import PartWeights
from worker.studio.model_store.converter import Converter
from worker.studio.model_store.copy_plan import copy_plan
from worker.studio.model_store.numbers import to_bf16
to_bf16(bytes(4), "F32")
def peak_mib():  # of this program: getrusage tells that of the one which started it, too
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before = peak_mib()
part = PartWeights(files=(Path(sys.argv[1]),), prefix="", naming="diffusers")
(source,) = copy_plan({"transformer": part}).sources
with open(sys.argv[1] + ".out", "wb") as file:
    converter = Converter(source, [file.write])
    read_once(source.path, on_piece=converter.feed)
assert converter.is_done
print(peak_mib() - before)
"""


@pytest.mark.slow
def test_memory_stays_small_whatever_the_size(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_file({"layers.0.w": torch.randn(10_000, 10_000)}, tmp_path / "400_mb.safetensors")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", CONVERTS, str(tmp_path / "400_mb.safetensors")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert 0 < float(done.stdout) < 100


def in_shards_of_fp32(tmp_path: Path) -> Path:
    """The same numbers, twice as wide."""
    folder = widened(Path(shutil.copytree(weights_dir(), tmp_path / "fp32")), noise=0.0)
    return add_folder(folder, tmp_path / "models/fp32").folder


def in_one_file(tmp_path: Path) -> Path:
    """An AIO checkpoint with ComfyUI's names."""
    file = tmp_path / "aio.safetensors"
    held = prefixed(comfy_transformer(), "model.diffusion_model.") | prefixed(ldm_vae(), "vae.")
    save_file(held | prefixed(weights(TEXT_ENCODER), "text_encoders.qwen3_4b.transformer.model."), file)
    found = recognised(
        transformer=part(file, prefix="model.diffusion_model.", naming="original"),
        text_encoder=part(file, prefix="text_encoders.qwen3_4b.transformer.model."),
        vae=part(file, prefix="vae.", naming="original"),
    )
    home = slim(tmp_path / "slim")
    return add_model(wanted([(file, found)], other=(home, recognised())), tmp_path / "models/aio").folder


@pytest.mark.slow
@pytest.mark.parametrize("form", [in_shards_of_fp32, in_one_file])
def test_an_added_model_makes_the_same_pictures(
    tmp_path: Path, ask, plain, results_of, form: Callable[[Path], Path]
) -> None:
    folder = form(tmp_path)
    assert (folder / VAE).is_file()
    stages = build_stages(load_parts(ModelSource(folder=folder), device=CPU), device=CPU)
    (result,) = results_of(StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN), [ask()])
    assert result.picture.rgb == plain(ask())
