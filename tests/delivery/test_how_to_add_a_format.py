"""The page on adding a picture format is followed word by word, in a copy, and what it promises comes true."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import features

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "worker/delivery/formats/README.md").read_text("utf-8")
NAME = "avif"
COPIED = ("worker", "jobs_example", "tests/delivery", "tests/job", "pyproject.toml")
RENDER = """
import sys
from pathlib import Path

from PIL import Image
from twins import paint

from worker import compose
from worker.delivery import FileDelivery
from worker.delivery.formats import FORMATS
from worker.identity import ModelIdentity, WorkerIdentity
from worker.records import JobRecord, PictureResult, Try
from worker.settings import Settings

job = compose.job_reader(Settings()).read(Path(sys.argv[1]), stem="mug")
record = JobRecord(
    job_id="1", name=job.name, submitted_at="2026-07-01T20:59:00Z", started_at="2026-07-01T21:00:00Z", finished_at=None,
    worker=WorkerIdentity(id="w1", host="h", version="0", torch="2", diffusers="0", gpu=None),
    model=ModelIdentity(id="twin", kind="base", sha256="0" * 64, demo=False), pictures=len(job.requests),
)
for request in job.requests:
    tries = (Try(rung="first", outcome="ok", seconds=0.1),)
    result = PictureResult(request=request, picture=paint(request), tries=tries)
    for file in FileDelivery().shot(result, record=record)[1]:
        Path(sys.argv[2], file.name).write_bytes(file.data)
    written = Path(sys.argv[2], request.file)
    with Image.open(written) as image:
        labels = FORMATS[request.format].read_labels(image)
        print(written.name, image.format, image.size, labels.parameters.splitlines()[0], "AISystemUsed" in labels.xmp)
"""


def steps() -> list[str]:
    """The numbered steps, without their indentation."""
    text = PAGE.split("## How to add a format\n", 1)[1]
    return [re.sub("^   ", "", step, flags=re.M) for step in re.split(r"^\d\. ", text, flags=re.M)[1:]]


def blocks(step: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", step, re.M | re.S)


def run(copy: Path, *command: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": f"{copy}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the new format: what the page says is done, and nothing else."""
    root = tmp_path_factory.mktemp("project")
    for name in COPIED:
        source, target = ROOT / name, root / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("weights", "__pycache__"))
        else:
            shutil.copy(source, target)
    create, register, *_ = steps()
    new, listed = (re.search(r"`(worker/\S+\.py)`", step)[1] for step in (create, register))
    (root / new).write_text(blocks(create, "python")[0], "utf-8")
    imported, row = blocks(register, "python")
    text = (root / listed).read_text("utf-8")
    text = text.replace("from worker.delivery.formats.", f"{imported}from worker.delivery.formats.", 1)
    before, rows, after = re.split(r"(?<=^FORMATS)(.*?)(?=^}$)", text, maxsplit=1, flags=re.M | re.S)
    (root / listed).write_text(f"{before}{rows}{row}{after}", "utf-8")
    return root


needs_avif = pytest.mark.skipif(not features.check(NAME), reason="Pillow was built without AVIF")


@needs_avif
def test_a_job_of_the_new_format_is_delivered_with_its_extension_and_labels(copy, tmp_path):
    job = tmp_path / "mug.yaml"
    job.write_text(f"prompt: a red mug\nsize: 64x64\nformat: {NAME}\n", "utf-8")
    told = run(copy, sys.executable, "-c", RENDER, str(job), str(tmp_path))
    assert told == f"shot-01_01.{NAME} AVIF (64, 64) a red mug True\n"
    assert (tmp_path / f"shot-01_01.{NAME}").is_file()
    assert json.loads((tmp_path / "shot-01_01.json").read_text("utf-8"))["format"] == NAME


@needs_avif
@pytest.mark.slow
def test_the_commands_on_the_page_do_what_it_says(copy):
    (commands,) = blocks(steps()[2], "sh")
    run(copy, "bash", "-ec", commands)
    words = json.loads((copy / "jobs_example/job.schema.json").read_text("utf-8"))["properties"]["format"]["enum"]
    assert words == ["png", "jpeg", "jpg", "webp", NAME]


def test_the_page_s_code_is_in_the_house_s_style(copy):
    run(copy, sys.executable, "-m", "ruff", "check", "worker/delivery/formats")
    run(copy, sys.executable, "-m", "ruff", "format", "--check", "worker/delivery/formats")


def test_only_the_format_s_file_and_the_list_were_touched(copy):
    changed = {
        path.relative_to(copy).as_posix()
        for path in (copy / "worker").rglob("*.py")
        if not (ROOT / path.relative_to(copy)).is_file()
        or path.read_bytes() != (ROOT / path.relative_to(copy)).read_bytes()
    }
    assert changed == {f"worker/delivery/formats/{name}.py" for name in (NAME, "__init__")}
