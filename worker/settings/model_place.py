"""Where a model lies that the settings name without a folder: beside them, or among the added models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from worker.plain_names import is_litter, is_plain_file_name

MODELS_DIR = "models"


def with_models(values: Mapping[str, object], *, named: object, folder: Path) -> dict[str, object]:
    """The settings with the folder of the added models, and with the model's own where its name is one of theirs.

    A folder of that name beside the settings goes before. Where neither is there, it is one of a `models_dir` that
    somebody has set: its disk may be mounted later.

    Args:
        values: of the settings that are set; paths count from the working folder.
        named: the setting `model` as it was written.
        folder: of the settings file.
    """
    models_dir = values.get("models_dir", str(folder / MODELS_DIR))
    model, place = values.get("model"), None
    if isinstance(models_dir, str | Path) and isinstance(named, str) and _is_plain(named):
        added = Path(models_dir) / named
        is_beside = os.path.lexists(str(model))
        place = str(added) if not is_beside and (os.path.lexists(added) or "models_dir" in values) else None
    return {**values, "models_dir": models_dir, **({"model": place} if place else {})}


def _is_plain(named: str) -> bool:
    return named != "demo" and is_plain_file_name(named) and not is_litter(named)
