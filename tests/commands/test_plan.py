"""`plan`: what would be rendered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from program import ROOT, call, call_here

from worker.demo import weights_dir


@pytest.mark.slow
def test_plan_shows_every_picture_and_admits_an_unknown_time(folder: Path) -> None:
    done = call("plan", ROOT / "jobs_example/catalogue-12", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.count(".png  256x256  8 steps") == 24
    assert "time: unknown" in done.stdout


def test_a_model_with_faults_is_planned_without_its_memory(folder: Path) -> None:
    model = Path(shutil.copytree(weights_dir(), folder / "model"))
    (folder / "mug.yaml").write_text("prompt: a mug\n")
    record = folder / "inbox/.zimage-worker/workers/w1.speed.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"room_mib": 23000.0}')
    planned = ("plan", "mug.yaml", "--model", "model", "--worker-id", "w1")
    assert "memory: 256x256" in call_here(*planned, cwd=folder).stdout
    weights = model / "vae/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    done = call_here(*planned, cwd=folder)
    assert (done.returncode, "memory" in done.stdout) == (0, False)
