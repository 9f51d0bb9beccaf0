"""The embedded model, loaded once, and requests for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from diffusers import ZImagePipeline
from scripted_child import Script, environment
from scripted_children import SHORT

from worker.demo import weights_dir
from worker.records import PictureResult, Request
from worker.studio.card.placement import PlacedModule
from worker.studio.card.precision import lock_precision
from worker.studio.model_files.parts import ModelSource
from worker.studio.plan.memory import CPU_PLAN, MemoryPlan
from worker.studio.plan.setup import ON_CARD
from worker.studio.process.parent import ChildRenderer
from worker.studio.render.load_request import Load
from worker.studio.render.opening import DEMO_THREADS, build_stages
from worker.studio.render.renderer import StudioRenderer
from worker.studio.render.stages import Stages
from worker.studio.retry.history import History, RestartRequest, is_hopeless
from worker.studio.stages.loading import Parts, load_parts

CPU = torch.device("cpu")
MUG = Request(
    shot_id="mug", index=1, file="mug_01.png", prompt="a red glossy mug, white background", seed=7,
    width_px=256, height_px=256, steps=2, guidance=0.0,
)  # fmt: skip

Ask = Callable[..., Request]


@pytest.fixture(scope="session")
def ask() -> Ask:
    return lambda **changes: replace(MUG, **changes)


@pytest.fixture(scope="session")
def parts() -> Parts:
    lock_precision()
    torch.set_num_threads(min(DEMO_THREADS, torch.get_num_threads()))  # as the child does
    return load_parts(ModelSource(folder=weights_dir()), device=CPU)


@dataclass(frozen=True, slots=True)
class Studio:
    """The embedded model's stages, and where its two large parts live."""

    stages: Stages
    transformer: PlacedModule
    encoder: PlacedModule

    def renderer(self, plan: MemoryPlan = CPU_PLAN, **changed) -> StudioRenderer:
        return StudioRenderer(stages=replace(self.stages, **changed), plan=lambda _: plan)


@pytest.fixture
def studio(parts: Parts) -> Studio:
    stages = build_stages(parts, device=CPU)
    made = Studio(stages, stages.denoise._placed, stages.encode._placed)
    yield made
    made.transformer.move_to(ON_CARD)
    made.encoder.move_to(ON_CARD)


@pytest.fixture(scope="session")
def plain() -> Callable[[Request], bytes]:
    """RGB bytes of the undisturbed pipeline, as anybody would call it."""
    torch.set_num_threads(min(DEMO_THREADS, torch.get_num_threads()))
    pipe = ZImagePipeline.from_pretrained(weights_dir(), dtype=torch.bfloat16, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)

    def render(request: Request) -> bytes:
        picture = pipe(
            request.prompt,
            negative_prompt=request.negative_prompt,
            width=request.width_px,
            height=request.height_px,
            num_inference_steps=request.steps,
            guidance_scale=request.guidance,
            generator=torch.Generator("cpu").manual_seed(request.seed),
        ).images[0]
        return picture.tobytes()

    return render


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the embedded model that a test may spoil."""
    return Path(shutil.copytree(weights_dir(), tmp_path / "model"))


@pytest.fixture(scope="session")
def results_of() -> Callable[..., list]:
    """All results of a StudioRenderer, nobody watching."""

    def render(studio: StudioRenderer, requests: Sequence[Request], **more) -> list:
        return list(studio.render(requests, on_progress=lambda _: None, is_interrupted=lambda: False, **more))

    return render


@pytest.fixture(scope="session")
def to_the_end(results_of) -> Callable[..., list[PictureResult]]:
    """All results, a new renderer taking over after each RestartRequest, as the daemon's side of the pipe does it."""

    def render(begin: Callable[[], StudioRenderer], requests: Sequence[Request]) -> list[PictureResult]:
        left = {request.file: request for request in requests}
        histories: dict[str, History] = {}
        ends: list[PictureResult] = []
        while left:
            restart = None
            for end in results_of(begin(), [*left.values()], histories=[*histories.values()]):
                if isinstance(end, RestartRequest):
                    restart = end
                    continue
                ends.append(end)
                del left[end.request.file]
                histories.pop(end.request.file, None)
            assert (restart is None) == (not left)
            if restart is not None:
                assert not is_hopeless(restart.history), "no picture has two new processes"
                histories |= {history.file: history for history in (restart.history, *restart.others)}
        return ends

    return render


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ChildRenderer]]:
    """Makes a renderer whose processes follow a script."""
    made: list[ChildRenderer] = []

    def make(script: Script, **more) -> ChildRenderer:
        monkeypatch.setenv("PYTHONPATH", environment(tmp_path, script))
        made.append(ChildRenderer(Load(folder=tmp_path), **{"limits": SHORT, **more}))
        return made[-1]

    yield make
    for renderer in made:
        renderer.close()
