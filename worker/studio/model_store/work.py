"""How long work on a model is watched: its progress, whether somebody asks to stop, and what room there is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How reading and writing of gigabytes is watched."""

    on_progress: Callable[[int, int], object] = lambda _done, _total: None
    """Told how many bytes of the source are done, of how many, several times a second."""
    should_stop: Callable[[], bool] = lambda: False
    free_bytes: Callable[[Path], int] = _free_bytes
    """Of the disk on which a folder lies."""
