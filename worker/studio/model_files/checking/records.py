"""Records beside a download, read so that nobody's trap hurts: small plain files, and lists of names, or nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from worker.studio.model_files.safetensors_file import open_regular

HEX = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")
"""A SHA-256 or git's SHA-1."""
LEVELS = 5
"""Folders above a file in which the root of its download is looked for."""
MOST_NAMES = 20_000
"""In a folder that is looked through; a larger one is no model's."""


def small_file(path: Path, most_bytes: int) -> bytes | None:
    """A plain file's content; None when it is missing, larger, no plain file, or cannot be read.

    Args:
        path: links are followed; a pipe is never waited for.
        most_bytes: it may have.
    """
    try:
        with open_regular(path) as file:
            return file.read(most_bytes) if os.fstat(file.fileno()).st_size <= most_bytes else None
    except (OSError, ValueError):
        return None


def plain_files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The plain files in a folder, `MOST_NAMES` names at most; none where it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(MOST_NAMES), entries, strict=False):
                if entry.is_file():
                    yield entry
    except OSError:
        return


def roots_above(file: Path) -> Iterator[tuple[Path, Path]]:
    """Each folder above a file, nearest first, with the file's path in it; as it is named, and as it really lies."""
    for path in dict.fromkeys((file, Path(os.path.realpath(file)))):
        for root in path.parents[:LEVELS]:
            yield root, path.relative_to(root)
