"""Pictures of the zoo's models by the real studio: torch; nothing of `zoo` itself imports it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import torch

from worker.records import PictureResult, Request
from worker.studio.card.precision import lock_precision
from worker.studio.model_files.parts import ModelSource
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.stages.loading import load_parts
from zoo.embedded import STEMS, TURBO, edit_json, pooled, single, tensors_of
from zoo.layout import Picture
from zoo.numbers_as import each, through_fp16
from zoo.single_files import deeper

CPU = torch.device("cpu")
SMALL = Request(
    shot_id="mug", index=1, file="mug_01.png", prompt="a red glossy mug, white background", seed=7,
    width_px=64, height_px=64, steps=2, guidance=0.0,
)  # fmt: skip


def picture_of(source: ModelSource) -> bytes:
    """RGB bytes of one small picture, made by the model as the studio loads it.

    Args:
        source: without faults.

    Raises:
        ModelInvalid: it does not load.
    """
    lock_precision()
    stages = build_stages(load_parts(source, device=CPU), device=CPU)
    renderer = StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN)
    [shot] = renderer.render([SMALL], on_progress=lambda _: None, is_interrupted=lambda: False)
    assert isinstance(shot, PictureResult)
    assert shot.picture is not None, shot.error
    return bytes(shot.picture.rgb)


def _rounded(folder: Path, *parts: str) -> Path:
    """The embedded model in bf16, some parts as fp16 leaves them."""
    model = single(folder)
    for part in parts:
        file = model / part / f"{STEMS[part]}.safetensors"
        file.unlink()
        pooled(f"{part}-through-fp16", file, lambda part=part: each(tensors_of(part), through_fp16))
    return model


def _with_dynamic_shift(folder: Path) -> Path:
    edit_json(single(folder) / "scheduler/scheduler_config.json", use_dynamic_shifting=True)
    return folder


def _deeper(folder: Path) -> Path:
    """The embedded model with three layers more, in one file."""
    file = single(folder) / "transformer/diffusion_pytorch_model.safetensors"
    file.unlink()
    pooled("deeper", file, lambda: deeper(tensors_of("transformer")))
    edit_json(folder / "transformer/config.json", n_layers=10)
    return folder


REFERENCES: Mapping[Picture, Callable[[Path], Path]] = {
    "embedded": single,
    "shift 4": lambda folder: single(folder, shift=4.0),
    "shift 6": lambda folder: single(folder, shift=6.0),
    "shift 7": lambda folder: single(folder, shift=7.0),
    "dynamic shift": _with_dynamic_shift,
    "fp16": lambda folder: _rounded(folder, *STEMS),
    "deeper": _deeper,
    "fp16 transformer": lambda folder: _rounded(folder, "transformer"),
}
"""By name: the plainest folder whose picture it is."""


@cache
def reference(name: Picture) -> bytes:
    """The picture that a layout must give.

    Args:
        name: as the table of layouts has it.
    """
    with tempfile.TemporaryDirectory(prefix="zoo-") as folder:
        return picture_of(ModelSource(folder=REFERENCES[name](Path(folder) / TURBO)))
