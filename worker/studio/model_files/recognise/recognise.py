"""Recognising whatever somebody gave as a model.

Knows whether it is a file, a folder, or no path at all.
"""

from __future__ import annotations

import stat
from pathlib import Path

from worker.studio.model_files.recognise.as_written import as_written
from worker.studio.model_files.recognise.found import Recognised
from worker.studio.model_files.recognise.model_folder import recognise_folder
from worker.studio.model_files.recognise.weights_file import recognise_file


def recognise(path: Path) -> Recognised:
    """What a path leads to, or what was meant by one that leads nowhere.

    It waits for nothing, reads headers and no data, and stays within 300 MB whatever a file holds.

    Args:
        path: as given.

    Raises:
        FileNotFoundError: there is nothing, and it is written like any path.
        OSError: it cannot be read now.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        written = as_written(str(path))
        if written is None:
            raise
        return written
    return recognise_folder(path) if stat.S_ISDIR(mode) else recognise_file(path)
