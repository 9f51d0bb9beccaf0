"""`check`, `plan` and `submit` on a staff laptop: no model there, no `-c`, and no time to lose."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from program import ENVIRONMENT, call, call_here

from worker.errors import ExitCode
from worker.settings import nearby_file

MOST_500_S = 0.5
MOST_10_000_S = 5.0
BESIDE = 1.6 if "PYTEST_XDIST_WORKER" in os.environ else 1.0
"""A core that is shared with other tests takes so many times as long."""


def elsewhere(folder: Path, model: str = "/models/Z-Image-Turbo") -> None:
    """The settings of the worker's machine, whose model is not here."""
    settings = folder / "worker.yaml"
    settings.write_text(settings.read_text().replace("model: demo", f"model: {model}"))


@pytest.mark.parametrize("command", ["check", "plan", "submit"])
@pytest.mark.parametrize("place", ["jobs/monday", "inbox", "."])
def test_settings_beside_the_inbox_or_above_are_found_and_a_model_is_not_needed(folder, command, place) -> None:
    elsewhere(folder)
    job = folder / place / ("mug.yaml" if place != "inbox" or command != "submit" else "other/mug.yaml")
    job.parent.mkdir(parents=True, exist_ok=True)
    job.write_text("prompt: a mug\n")
    for cwd, path in ((Path("/"), job), (job.parent, Path(job.name))):
        done = call_here(command, path, cwd=cwd)
        assert done.returncode == ExitCode.DONE, done.stderr
        assert ("Settings of" in done.stderr) == (cwd != folder)
        (doubt,) = [line for line in done.stdout.splitlines() if line.startswith("warning")]
        assert "/models/Z-Image-Turbo: there is no such folder" in doubt
        assert "not checked here; by its name it is taken as turbo" in doubt
        if command == "submit":
            (folder / "inbox/mug.yaml").unlink()


def test_the_kind_of_a_model_that_is_not_here_is_told_by_its_name(folder: Path) -> None:
    elsewhere(folder, "/models/Z-Image")
    (folder / "mug.yaml").write_text("prompt: a mug\nnegative_prompt: text\n")
    done = call_here("check", "mug.yaml", cwd=folder)
    assert "taken as base" in done.stdout
    assert "no effect" not in done.stdout
    assert "steps 40" not in done.stdout


def test_the_nearest_settings_count_and_other_programs_files_do_not(tmp_path: Path) -> None:
    name, start = Path("worker.yaml"), tmp_path / "a/b/c"
    start.mkdir(parents=True)
    (tmp_path / "worker.yaml").write_text("# of ours\nmodel: demo\n")
    (tmp_path / "a/worker.yaml").write_text("apiVersion: v1\nkind: Deployment\nspec:\n  model: x\n")
    assert nearby_file([start], name=name, home=None) == tmp_path / "worker.yaml"
    assert nearby_file([start], name=name, home=tmp_path / "a") is None
    (tmp_path / "a/b/worker.yaml").write_text("inbox: in\n")
    assert nearby_file([start / "job.yaml"], name=name, home=None) == tmp_path / "a/b/worker.yaml"
    (tmp_path / "a/b/c/worker.yaml").mkdir()
    assert nearby_file([start], name=name, home=None) == tmp_path / "a/b/worker.yaml"


def test_a_run_takes_no_settings_that_it_was_not_given(folder: Path) -> None:
    (folder / "deep").mkdir()
    done = call_here("run", "--drain", cwd=folder / "deep")
    assert (done.returncode, "No worker.yaml was read here" in done.stderr) == (ExitCode.MODEL_INVALID, True)


def catalogue(folder: Path, rows: int) -> Path:
    job = folder / f"spring-{rows}"
    job.mkdir()
    lines = (f"MUG-{n:05},ceramic mug {n},red {n % 7},matt glaze\n" for n in range(rows))
    (job / "products.csv").write_text("sku,subject,colour,material\n" + "".join(lines))
    (job / "job.yaml").write_text(
        "products: products.csv\nsize: 1024x1024\nshot:\n"
        "  product: {subject: '{subject}', colour: '{colour}', material: '{material}'}\n"
        "  scene: light grey concrete wall\n  light: frontal softbox, soft shadow\n"
    )
    return job


def check_s(folder: Path, job: Path) -> float:
    """Process time of the whole command, the start of Python included."""
    script = (
        "import sys, time\nfrom worker.cli import main\ncode = main(sys.argv[1:])\n"
        "assert 'torch' not in sys.modules\nprint(time.process_time(), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "check", str(job)],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.DONE, done.stdout + done.stderr
    return float(done.stderr.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "most_s"), [(500, MOST_500_S), (10_000, MOST_10_000_S)])
def test_check_is_fast_and_loads_no_torch(folder: Path, rows: int, most_s: float) -> None:
    elsewhere(folder)
    job = catalogue(folder, rows)
    empty = folder / "mug.yaml"
    empty.write_text("prompt: a mug\n")
    assert call("check", empty, cwd=folder).returncode == ExitCode.DONE  # modules are compiled by now
    took_s = min(check_s(folder, job) for _ in range(3))
    print(f"check of {rows} rows: {took_s:.2f} s")
    assert took_s < most_s * BESIDE
