"""The embedded model, loaded once, and requests for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from diffusers import ZImagePipeline

from worker.demo import weights_dir
from worker.records import Request
from worker.studio.climbing import Stages
from worker.studio.device import Gauge
from worker.studio.loading import Parts, load_parts
from worker.studio.memory import CPU_PLAN, Plan
from worker.studio.opening import DEMO_THREADS
from worker.studio.parts import ModelSource
from worker.studio.precision import lock_precision
from worker.studio.renderer import StudioRenderer
from worker.studio.residence import Residence
from worker.studio.setup import ON_CARD
from worker.studio.stages import Decoder, Denoiser, Encoder

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
    torch.set_num_threads(DEMO_THREADS)  # as the child does: these tests share their machine
    return load_parts(ModelSource(folder=weights_dir()), device=CPU)


@dataclass(frozen=True, slots=True)
class Studio:
    """The embedded model's stages, and where its two large parts live."""

    stages: Stages
    transformer: Residence
    encoder: Residence

    def renderer(self, plan: Plan = CPU_PLAN, **changed) -> StudioRenderer:
        return StudioRenderer(stages=replace(self.stages, **changed), plan=lambda _: plan)


@pytest.fixture
def studio(parts: Parts) -> Studio:
    transformer = Residence(parts.transformer, parts.transformer_blocks, device=CPU)
    encoder = Residence(parts.text_encoder, parts.text_encoder_blocks, device=CPU)

    def refill() -> None:
        for part, name, values in parts.read_again():
            if part == "transformer":
                transformer.refill(name, values)

    stages = Stages(
        encode=Encoder(parts, encoder, device=CPU),
        denoise=Denoiser(parts, transformer, device=CPU),
        decode=Decoder(parts),
        gauge=Gauge(CPU, parts_mib=lambda: 0.0),
        refill=refill,
        device=CPU,
    )
    yield Studio(stages, transformer, encoder)
    transformer.be(ON_CARD)
    encoder.be(ON_CARD)


@pytest.fixture(scope="session")
def plain() -> Callable[[Request], bytes]:
    """RGB bytes of the undisturbed pipeline, as anybody would call it."""
    torch.set_num_threads(DEMO_THREADS)
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
