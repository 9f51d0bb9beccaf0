"""`check`: every problem at once, and what has no effect."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from program import call_here

from worker.demo import weights_dir
from worker.errors import ExitCode


def test_check_prints_problems_as_file_line_column_and_ends_with_20(tmp_path: Path) -> None:
    job = tmp_path / "mug.yaml"
    job.write_text("prompt: a mug\nstesp: 8\n")
    done = call_here("check", job)
    assert done.returncode == ExitCode.JOBS_FAILED
    assert done.stdout.startswith(f"{job}:2:1: stesp: ")
    assert "`steps`" in done.stdout


def test_check_of_a_folder_checks_every_job_in_it(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("prompt: a mug\n")
    (tmp_path / "bad.yaml").write_text("prompt: [\n")
    done = call_here("check", tmp_path)
    assert "good.yaml: ok, 1 picture" in done.stdout
    assert "1 of 2 jobs cannot be rendered." in done.stdout


def test_check_warns_of_what_has_no_effect_on_turbo(tmp_path: Path) -> None:
    (tmp_path / "mug.yaml").write_text("prompt: a mug\nnegative_prompt: text\n")
    done = call_here("check", tmp_path / "mug.yaml")
    assert done.returncode == 0
    assert "warning" in done.stdout


def test_a_folder_whose_job_file_has_another_name_is_told_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/catalog.yaml").write_text("products: mugs.csv\nprompt: '{subject}'\n")
    (tmp_path / "set/mugs.csv").write_text("subject\nmug\n")
    done = call_here("check", tmp_path / "set")
    assert done.returncode == ExitCode.JOBS_FAILED
    assert "There is no file `job.yaml` in the job's folder. Did you mean `catalog.yaml`?" in done.stdout


def test_an_empty_folder_is_told_how_a_job_file_is_called(tmp_path: Path) -> None:
    done = call_here("check", tmp_path)
    assert (done.returncode, "name the job file job.yaml" in done.stderr) == (ExitCode.USAGE, True)


@pytest.mark.parametrize("command", ["check", "plan", "submit"])
def test_signs_of_two_kinds_are_told_before_anything_is_rendered(tmp_path: Path, command: str) -> None:
    call_here("init", tmp_path)
    model = Path(shutil.copytree(weights_dir(), tmp_path / "my-base"))
    (model / "model_index.json").write_text((model / "model_index.json").read_text().replace("zimage-worker-demo", ""))
    (tmp_path / "mug.yaml").write_text("prompt: a mug\n")
    told = call_here(command, "mug.yaml", "--model", model, cwd=tmp_path)
    assert told.returncode == ExitCode.DONE
    assert told.stdout.startswith("warning: What tells the kind of this model contradicts itself: turbo by the sched")
    assert "but base by the folder's name 'my-base'" in told.stdout
    (tmp_path / "worker.yaml").write_text("model_kind: base\n")
    assert "warning" not in call_here("check", "mug.yaml", "--model", model, cwd=tmp_path).stdout
    (tmp_path / "worker.yaml").write_text("model_kind: de-turbo\n")
    (tmp_path / "mug.yaml").write_text("prompt: a mug\nnegative_prompt: text\nguidance: 2\n")
    assert "no effect" not in call_here("check", "mug.yaml", "--model", model, cwd=tmp_path).stdout


@pytest.mark.parametrize("command", ["check", "plan", "submit"])
def test_a_model_that_cannot_be_loaded_is_told_with_the_job(tmp_path: Path, command: str) -> None:
    call_here("init", tmp_path)
    model = Path(shutil.copytree(weights_dir(), tmp_path / "Z-Image-Turbo"))
    (model / "vae/diffusion_pytorch_model.safetensors").unlink()
    (tmp_path / "mug.yaml").write_text("prompt: a mug\n")
    told = call_here(command, "mug.yaml", "--model", model, cwd=tmp_path)
    assert "cannot be used" in told.stdout
    assert "vae/diffusion_pytorch_model.safetensors" in told.stdout


def test_parts_of_a_job_and_files_that_nobody_looks_at_are_told_with_what_to_give_instead(tmp_path: Path) -> None:
    folder = tmp_path / "spring"
    folder.mkdir()
    (folder / "job.yaml").write_text("products: p.csv\nprompt: a {colour} mug\n")
    (folder / "p.csv").write_text("sku,colour\nA,red\nB,blue\n")
    assert f"give the folder {folder}." in call_here("check", folder / "p.csv").stderr
    assert f"If the folder `{folder}` is the job" in call_here("check", folder / "job.yaml").stdout
    for name in ("mug.yaml.filepart", "mug.cancel", "mug.yaml~", "._mug.yaml"):
        (tmp_path / name).write_text("prompt: a mug\n")
        done = call_here("check", tmp_path / name)
        assert (done.returncode, "every worker passes over" in done.stderr) == (ExitCode.USAGE, True)


def test_a_table_that_its_template_does_not_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "_templates").mkdir()
    (tmp_path / "_templates/default.yaml").write_text("shot:\n  prompt: a {colour} mug\n")
    (tmp_path / "spring.csv").write_text("sku,size\nA,1\nB,2\n")
    first, second, *_ = call_here("check", tmp_path / "spring.csv").stdout.splitlines()
    assert first == f"{tmp_path}/spring.csv: This table cannot be rendered with the template `default.yaml`:"
    assert "Nothing is called `{colour}`" in second
