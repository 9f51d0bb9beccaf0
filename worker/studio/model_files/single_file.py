"""Whether `transformer_file:` leads to a file, or to a place that is not there just now.

Knows the path and what was meant by it; what is in the file others tell.
"""

from __future__ import annotations

from pathlib import Path

from worker.errors import ModelAway, ModelInvalid
from worker.studio.model_files.reach import hidden_below
from worker.studio.model_files.recognise.as_written import as_written
from worker.translation import gettext

OF_FOLDERS = ("blank", "demo")
"""Meanings of a path that only `model:` has."""


def require_file(file: Path) -> None:
    """Let nobody take a file on an unmounted disk for one that is missing; of others the model's faults tell.

    Args:
        file: as `transformer_file:` has it.

    Raises:
        ModelAway: its folder is not there, or nothing is in it.
        ModelInvalid: it is no path, or one through a file.
        OSError: it cannot be reached.
    """
    try:
        file.stat()
    except FileNotFoundError:
        _require_place(file)
    except NotADirectoryError:
        raise ModelInvalid(
            gettext(
                "{file}: a file is no folder, and nothing is below it: set `transformer_file:` to the transformer's "
                "file itself.",
                file=str(file.absolute()),
            )
        ) from None


def _require_place(file: Path) -> None:
    has_folder = file.parent.is_dir()
    _require_written_as_path(file, has_folder=has_folder)
    if not has_folder:
        raise _no_folder(file.absolute())
    if next(file.parent.iterdir(), None) is None:
        raise ModelAway(
            gettext(
                "{file}: its folder is empty: mount its disk or share, or copy the file there.",
                file=str(file.absolute()),
            )
        )


def _require_written_as_path(file: Path, *, has_folder: bool) -> None:
    written = as_written(str(file))
    if written is None or written.what in OF_FOLDERS or (written.what == "repo id" and has_folder):
        return
    raise ModelInvalid(
        gettext(
            "{found} Set `transformer_file:` to a safetensors file of this machine, by its path.", found=written.text
        )
    )


def _no_folder(file: Path) -> ModelAway:
    hidden = hidden_below(file)
    if hidden is not None:
        return ModelAway(
            gettext(
                "{file}: there is no such file, nor anything else below {hidden}, of which a service sees nothing "
                "(`ProtectHome=` of its unit): move the file to a folder such as /srv/models.",
                file=str(file),
                hidden=str(hidden),
            )
        )
    return ModelAway(
        gettext(
            "{file}: there is no such file, nor its folder: set `transformer_file:` to the transformer's file, or "
            "mount its disk.",
            file=str(file),
        )
    )
