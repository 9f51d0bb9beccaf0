"""`plan`: what would be rendered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from commands.test_plan_totals import demo_id
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


PROOFED = "proof: true\nshots:\n  - {id: a, prompt: a mug, count: 2}\n  - {id: b, prompt: a vase, count: 4}\n"


@pytest.mark.slow
def test_plan_and_check_say_how_many_pictures_the_proof_has_and_how_long_each_part_takes(folder: Path) -> None:
    (folder / "mugs.yaml").write_text(PROOFED + "size: 256x256\nsteps: 8\nguidance: 3\n")
    done = call_here("check", "mugs.yaml", cwd=folder)
    assert "  proof: 2 pictures first; the other 4 once somebody approves them" in done.stdout
    done = call_here("plan", "mugs.yaml", "--model", "demo", "--worker-id", "w1", cwd=folder)
    assert [line.split()[0] for line in done.stdout.splitlines() if line.endswith("  proof")] == [
        "a_01.png",
        "b_01.png",
    ]
    assert "once it is approved" not in done.stdout, "no speed is known"
    record = folder / "inbox/.zimage-worker/workers/w1.speed.json"
    record.parent.mkdir(parents=True)
    kind = {"pixels": 65_536, "steps": 8, "guided": True, "seconds": 60.0, "pictures": 9}
    record.write_text(json.dumps({"seconds_per_picture": {demo_id(): [kind]}, "model": demo_id()}))
    done = call_here("plan", "mugs.yaml", "--model", "demo", "--worker-id", "w1", cwd=folder)
    assert "  the proof about 2 min, the rest about 4 min, once it is approved" in done.stdout
