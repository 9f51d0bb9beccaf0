"""Writes what is said of each job file under `tests/job/` in Chinese; read it before it is committed.

Run it after a case is added or a translation changed: `python tests/golden_zh.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from worker.delivery.formats import EXTENSIONS  # noqa: E402
from worker.errors import JobInvalid  # noqa: E402
from worker.job.reader import JobFiles  # noqa: E402
from worker.records import Limits, Recommendation  # noqa: E402
from worker.translation import joined, translated  # noqa: E402

JOBS = ROOT / "tests" / "job"


def job_reader() -> JobFiles:
    """As the tests of the job language have it."""
    recommendation = Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0)
    return JobFiles(Limits(formats=EXTENSIONS), recommendation, guidance_matters=True)


def cases() -> Iterator[Path]:
    """Every job of which something is said in English."""
    for expected in sorted([*JOBS.glob("*/*.expected"), *JOBS.glob("good/*.expected.json")]):
        stem = expected.name.partition(".expected")[0]
        folder = expected.parent / stem
        yield folder if folder.is_dir() else expected.parent / f"{stem}.yaml"


def said_in_chinese(path: Path) -> str:
    """All problems or warnings of a job, a line each; empty for none."""
    try:
        told = joined(warning.text for warning in job_reader().read(path, stem=path.stem).warnings)
    except JobInvalid as invalid:
        told = invalid.text
    return f"{translated(told, 'zh')}\n" if told else ""


def twin(path: Path) -> Path:
    """Where the Chinese of a job lies."""
    return path.parent / f"{path.stem}.expected.zh"


if __name__ == "__main__":
    for case in cases():
        if told := said_in_chinese(case):
            twin(case).write_text(told, "utf-8")
        else:
            twin(case).unlink(missing_ok=True)
