"""The page on adding a picture format is followed word by word, in a copy, and what it promises comes true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from how_to import ROOT, followed, python, run_its_commands
from PIL import features

PAGE = ROOT / "worker/delivery/formats/README.md"
HEADING = "How to add a format"
NAME = "avif"
COPIED = ("worker", "jobs_example", "tests/delivery", "tests/job", "tests/twins.py", "pyproject.toml")
RENDER = """
import sys
from pathlib import Path

from PIL import Image
from twins import paint

from worker import compose
from worker.delivery.delivery import FileDelivery
from worker.delivery.formats import FORMATS
from worker.identity import ModelIdentity, WorkerIdentity
from worker.manifest_records import JobRecord
from worker.records import PictureResult, Try
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
    for file in FileDelivery().picture(result, record=record)[1]:
        Path(sys.argv[2], file.name).write_bytes(file.data)
    written = Path(sys.argv[2], request.file)
    with Image.open(written) as image:
        labels = FORMATS[request.format].read_labels(image)
        print(written.name, image.format, image.size, labels.parameters.splitlines()[0], "AISystemUsed" in labels.xmp)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the new format: what the page says is done, and the linter has nothing against it."""
    root = tmp_path_factory.mktemp("project")
    taken = followed(PAGE, HEADING, root, copied=COPIED)
    assert {step.file for step in taken} == {f"worker/delivery/formats/{name}.py" for name in (NAME, "__init__")}
    return root


needs_avif = pytest.mark.skipif(not features.check(NAME), reason="Pillow was built without AVIF")


@pytest.mark.slow
@needs_avif
def test_a_job_of_the_new_format_is_delivered_with_its_extension_and_labels(copy, tmp_path):
    job = tmp_path / "mug.yaml"
    job.write_text(f"prompt: a red mug\nsize: 64x64\nformat: {NAME}\n", "utf-8")
    told = python(copy, "-c", RENDER, str(job), str(tmp_path))
    assert told == f"shot-01_01.{NAME} AVIF (64, 64) a red mug True\n"
    assert (tmp_path / f"shot-01_01.{NAME}").is_file()
    assert json.loads((tmp_path / "shot-01_01.json").read_text("utf-8"))["format"] == NAME


@needs_avif
@pytest.mark.slow
def test_the_commands_on_the_page_do_what_it_says(copy):
    schema = copy / "jobs_example/job.schema.json"
    before = json.loads(schema.read_text("utf-8"))["properties"]["format"]["enum"]
    run_its_commands(PAGE, HEADING, copy)
    assert json.loads(schema.read_text("utf-8"))["properties"]["format"]["enum"] == [*before, NAME]
