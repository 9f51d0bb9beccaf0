"""The zoo on the real model: every layout that is a model gives the picture of the model that it holds, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
import torch
from zoo import LAYOUTS, Layout
from zoo.embedded import STEMS, TURBO, edit_json, pooled, single, tensors_of
from zoo.layout import Picture
from zoo.numbers_as import each, through_fp16

from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.parts import ModelSource
from worker.studio.plan.memory import CPU_PLAN
from worker.studio.render.opening import build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.stages.loading import load_parts

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
TAKEN_AS_THEY_ARE = [layout for layout in LAYOUTS.values() if layout.works == "run"]
Render = Callable[[ModelSource], bytes]


@pytest.fixture(scope="session")
def render(ask, results_of) -> Render:
    """RGB bytes of one small picture."""
    request = ask(width_px=64, height_px=64, steps=2)

    def rendered(source: ModelSource) -> bytes:
        stages = build_stages(load_parts(source, device=CPU), device=CPU)
        [shot] = results_of(StudioRenderer(stages=stages, plan=lambda _: CPU_PLAN), [request])
        assert shot.picture is not None, shot.error
        return bytes(shot.picture.rgb)

    return rendered


def rounded(folder: Path, *parts: str) -> Path:
    """The embedded model in bf16, some parts as fp16 leaves them."""
    model = single(folder)
    for part in parts:
        file = model / part / f"{STEMS[part]}.safetensors"
        file.unlink()
        pooled(f"{part}-through-fp16", file, lambda part=part: each(tensors_of(part), through_fp16))
    return model


def with_dynamic_shift(folder: Path) -> Path:
    edit_json(single(folder) / "scheduler/scheduler_config.json", use_dynamic_shifting=True)
    return folder


REFERENCES: Mapping[Picture, Callable[[Path], Path]] = {
    "embedded": single,
    "shift 4": lambda folder: single(folder, shift=4.0),
    "shift 6": lambda folder: single(folder, shift=6.0),
    "shift 7": lambda folder: single(folder, shift=7.0),
    "dynamic shift": with_dynamic_shift,
    "fp16": lambda folder: rounded(folder, *STEMS),
    "fp16 transformer": lambda folder: rounded(folder, "transformer"),
}


@pytest.fixture(scope="session")
def reference(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Picture], bytes]:
    """The picture that a layout must give, by its name in the table."""

    @cache
    def made(name: Picture) -> bytes:
        return render(ModelSource(folder=REFERENCES[name](tmp_path_factory.mktemp("reference") / TURBO)))

    return made


@pytest.mark.parametrize("layout", TAKEN_AS_THEY_ARE, ids=[layout.name for layout in TAKEN_AS_THEY_ARE])
def test_a_layout_that_run_takes_gives_the_picture_of_its_model(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, render: Render, reference
) -> None:
    written = layout.make(tmp_path / layout.name)
    for name, value in written.environment.items():
        monkeypatch.setenv(name, value)
    file = Path(written.transformer_file) if written.transformer_file else None
    # the kind decides nothing about a picture whose steps and guidance are given
    model = inspect_model(Path(written.model).expanduser(), model_kind="turbo", transformer_file=file)
    model.require_whole()
    assert render(model.source) == reference(layout.picture)


def test_a_scheduler_shows_in_the_picture(reference) -> None:
    # what fp16 rounds, does not show in 64x64 pixels
    schedulers = [name for name in REFERENCES if "fp16" not in name]
    assert len({reference(name) for name in schedulers}) == len(schedulers)
