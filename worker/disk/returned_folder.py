"""A finished or failed folder that was dropped again: which of its files are the job's, and what they are called in it.

Knows what lies beside `job.yaml` in a folder of ours: the job's other files below `job/`, and what was made of them.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from worker.plain_names import is_litter
from worker.records import JOB_FILE

JOB_FOLDER = "job"
"""Holds the other files of a job folder, in a folder of ours."""
MARKS = frozenset({"manifest.json", "error.json"})
"""One of them lies in every folder in which a job has ended."""
MADE = frozenset({"error.txt", "results.csv", "index.html", *MARKS})
ENDED = frozenset({JOB_FILE, JOB_FOLDER, "rejected", *MADE})
"""The job, and what only tells how it ended."""
MADE_ENDINGS = (".json", ".png", ".jpg", ".jpeg", ".webp")
"""Of pictures and their sidecars."""


def is_returned(names: Collection[str]) -> bool:
    """Whether a folder is one of ours.

    Args:
        names: of what lies in it, without folders.
    """
    return JOB_FILE in names and not MARKS.isdisjoint(names)


def holds_more(path: Path) -> bool:
    """Whether that is a folder of ours with pictures in it, or else something that is no part of the job.

    Args:
        path: of a file or folder; may be gone.

    Raises:
        OSError: the share failed.
    """
    try:
        names = os.listdir(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    others = (name for name in names if name not in ENDED and not is_litter(name))
    return is_returned(names) and any(name_in_job(name) is None or (path / name).is_dir() for name in others)


def name_in_job(name: str) -> str | None:
    """What a file of a folder of ours is called in the job; None for what was made of the job, and is not part of it.

    A file that a person put beside `job.yaml` counts like one below `job/`.

    Args:
        name: relative to the folder, with `/`.
    """
    folder, _, rest = name.partition("/")
    if rest:
        return rest if folder == JOB_FOLDER and rest != JOB_FILE else None
    return None if name in MADE or name.lower().endswith(MADE_ENDINGS) else name
