"""Where a model lies that the settings name without a folder: beside them, or among the added models."""

from __future__ import annotations

import os
from pathlib import Path

from worker.plain_names import is_litter, is_plain_file_name


def place_of_model(named: object, *, beside: object, models_dir: Path, is_usual: bool) -> str | None:
    """The folder that the setting `model` means where it is the plain name of an added model; None for any other.

    Args:
        named: as the setting was written.
        beside: the folder that it means as a path.
        models_dir: of the added models.
        is_usual: nobody has set `models_dir`. Where somebody has, its disk may be mounted later, and a model that is
            not to be seen is one of it.
    """
    if not isinstance(named, str) or named == "demo" or not is_plain_file_name(named) or is_litter(named):
        return None
    added = models_dir / named
    is_meant = not os.path.lexists(str(beside)) and (os.path.lexists(added) or not is_usual)
    return str(added) if is_meant else None
