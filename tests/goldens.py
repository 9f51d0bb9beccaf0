"""Writes anew all that is said of jobs word for word, in English and Chinese; read `git diff` before you commit it.

`PYTHONPATH=.:tests python tests/goldens.py`: jobs under `tests/job/`, samples of pages, the cases of `tests/slips/`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import golden_zh
from slips import golden

from worker.errors import JobInvalid
from worker.records import Job

JOBS = Path(__file__).parent / "job"


def write_broken(path: Path, error: JobInvalid) -> None:
    """What is said of a job that is refused."""
    (path.parent / f"{path.stem}.expected").write_text(f"{error}\n", "utf-8")


def write_good(path: Path, job: Job) -> None:
    """What becomes of one that is not; a file that says the same in another layout is left alone."""
    made = {
        "name": job.name,
        "priority": job.priority,
        "warnings": [str(warning) for warning in job.warnings],
        "requests": [{**asdict(request), "allow": sorted(request.allow)} for request in job.requests],
    }
    expected = path.parent / f"{path.stem}.expected.json"
    if not expected.exists() or json.loads(expected.read_text("utf-8")) != json.loads(json.dumps(made)):
        expected.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", "utf-8")


def write_table(path: Path, job: Job) -> None:
    """What is told of a table that is read, and the pictures that it gives."""
    told = [str(warning) for warning in job.warnings]
    made = [f"{request.file} | {request.prompt}" for request in job.requests]
    path.with_suffix(".expected").write_text("".join(f"{line}\n" for line in told + made), "utf-8")


def main() -> None:
    """Write all of it."""
    reader = golden_zh.job_reader()
    for path in sorted([*JOBS.glob("[bgm]*/*.yaml"), *(one for one in JOBS.glob("broken_folders/*") if one.is_dir())]):
        try:
            write_good(path, reader.read(path, stem=path.stem))
        except JobInvalid as error:
            write_broken(path, error)
    for path in sorted(one for one in JOBS.glob("table/folders/*") if one.is_dir()):
        write_table(path, reader.read(path, stem=path.name))
    golden_zh.main()
    golden.main()


if __name__ == "__main__":
    main()
