"""Which jobs a person means by the paths on the command line.

Knows what a job file and a job folder look like. Must not know what is in them.
"""

from __future__ import annotations

from pathlib import Path

from worker.errors import UsageError


def jobs_in(paths: list[Path]) -> list[Path]:
    """The jobs meant: a file or a folder with `job.yaml` is one; any other folder stands for the jobs in it.

    Raises:
        UsageError: a path that is not there, or a folder without a job.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder.")
        if path.is_file() or (path / "job.yaml").exists():
            found.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in {".yaml", ".yml"} or (p / "job.yaml").exists())
        if not inside:
            raise UsageError(f"{path}: holds no job: no job.yaml, and no other .yaml file.")
        found += inside
    return found


def stem(path: Path) -> str:
    """The job's default name: the file's stem, or the folder's name."""
    return path.resolve().name if path.is_dir() else path.stem
