"""Which jobs a person means by the paths on the command line."""

from __future__ import annotations

from pathlib import Path

from worker.errors import UsageError
from worker.records import JOB_FILE
from worker.translation import gettext


def jobs_in(paths: list[Path]) -> list[Path]:
    """The jobs meant: a file or a folder with `job.yaml` is one; any other folder stands for the jobs in it.

    A folder with one YAML file of another name beside other files counts as a job too: reading it tells the right name.

    Raises:
        UsageError: a path that is not there, or a folder without a job.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UsageError(gettext("{path}: there is no such file or folder.", path=path))
        if path.is_file() or (path / JOB_FILE).exists() or _is_meant_as_job(path):
            found.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if _is_job_file(p) or (p / JOB_FILE).exists())
        if not inside:
            raise UsageError(
                gettext(
                    "{path}: holds no job. If it is one itself, name the job file {name}.", path=path, name=JOB_FILE
                )
            )
        found += inside
    return found


def _is_job_file(path: Path) -> bool:
    return path.suffix.lower() in {".yaml", ".yml"}


def _is_meant_as_job(folder: Path) -> bool:
    """Whether the folder holds one YAML file and what it may refer to: a job folder whose job file has another name."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return len(files) > 1 and sum(map(_is_job_file, files)) == 1
