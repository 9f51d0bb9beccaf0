"""What the job room's tests share: a reader as the embedded model's worker has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from worker.delivery.formats import EXTENSIONS
from worker.job.reader import JobFiles
from worker.records import Job, Limits, Recommendation

settings.register_profile("patient", deadline=None)  # other work on the machine is no fault of the code
settings.load_profile("patient")

DEMO = Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0)


@pytest.fixture(scope="session")
def reader() -> JobFiles:
    return JobFiles(Limits(formats=EXTENSIONS), DEMO, guidance_matters=True)


@pytest.fixture(scope="session")
def turbo_reader() -> JobFiles:
    turbo = Recommendation(width_px=1024, height_px=1024, steps=8, guidance=0.0)
    return JobFiles(Limits(formats=EXTENSIONS), turbo, guidance_matters=False)


@pytest.fixture
def read(reader: JobFiles, tmp_path: Path) -> Callable[..., Job]:
    """Reads a job given as text; with `files`, as a folder."""

    def read_text(text: str | bytes, *, stem: str = "a-job", files: dict[str, bytes] | None = None) -> Job:
        folder = tmp_path / stem
        folder.mkdir(exist_ok=True)
        for name, data in (files or {}).items():
            (folder / name).write_bytes(data)
        job = folder / "job.yaml"
        job.write_bytes(text if isinstance(text, bytes) else text.encode())
        return reader.read(folder if files else job, stem=stem)

    return read_text
