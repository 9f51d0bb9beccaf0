"""The settings file near a job: beside the inbox, or in a folder above, for people who only check and drop jobs.

Knows which files are settings of this program: other programs have a `worker.yaml` too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

OWN_KEYS = re.compile(rb"^(inbox|outbox|failed|model|models_dir|model_kind|worker_id|state_dir)[ \t]*:", re.MULTILINE)
"""At the beginning of a line, without a comment's mark: no other program's file is likely to have them there."""
MOST_BYTES = 65_536


def nearby_file(starts: Iterable[Path], *, name: Path, home: Path | None) -> Path | None:
    """The first settings file in a folder or above it, up to the home folder or the root of the file system.

    Args:
        starts: folders from which to look, or files in them; one after the other.
        name: of the file.
        home: above it nothing is looked for; None where there is none.

    Returns:
        None where there is none.
    """
    for start in starts:
        for folder in _upwards(start.absolute(), home=home):
            if _is_settings(folder / name):
                return folder / name
    return None


def _upwards(start: Path, *, home: Path | None) -> Iterable[Path]:
    for folder in (start, *start.parents):
        yield folder
        if folder == home:
            return


def _is_settings(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return OWN_KEYS.search(file.read(MOST_BYTES)) is not None
    return False
