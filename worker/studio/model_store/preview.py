"""A model to be as its headers show it: what would be wrong with it is known before a byte of its weights is read.

Knows a plan and the small files; the files it makes have headers, and holes in the place of data.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from worker.disk.durable import make_folder, write_file
from worker.errors import ModelAway, UsageError
from worker.identity import ModelKind
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_store.copy_plan import CopyPlan
from worker.translation import Text, gettext


def foreseen_faults(plan: CopyPlan, small: Mapping[str, bytes], *, kind: ModelKind, home: Path) -> tuple[str, ...]:
    """What `inspect_model` would find wrong with the model to be, a sentence each.

    Args:
        plan: of the copy.
        small: its other files, by name.
        kind: of the model.
        home: the folder from which the small files come.

    Raises:
        UsageError: this machine's folder for temporary files cannot be written.
    """
    try:
        return _faults(plan, small, kind, home)
    except (OSError, ModelAway) as error:
        raise UsageError(
            gettext(
                "This machine's folder for temporary files ({place}) cannot be written ({why}): make room there, or "
                "set TMPDIR to another folder.",
                place=os.environ.get("TMPDIR") or "/tmp",
                why=(isinstance(error, OSError) and error.strerror) or str(error),
            )
        ) from error


def _faults(plan: CopyPlan, small: Mapping[str, bytes], kind: ModelKind, home: Path) -> tuple[str, ...]:
    with TemporaryDirectory(prefix="zimage-worker-") as place:
        folder = Path(place)
        for name, content in small.items():
            make_folder((folder / name).parent, below=folder)
            write_file(folder / name, content, below=folder)
        for target in plan.targets:
            header = target.header()
            make_folder((folder / target.name).parent, below=folder)
            write_file(folder / target.name, header, below=folder)
            os.truncate(folder / target.name, len(header) + target.data_bytes)
        found = inspect_model(folder, model_kind=kind).faults
        return tuple(_of_home(fault, folder, home) for fault in found)


def _of_home(fault: str, folder: Path, home: Path) -> str:
    """A fault with the folder that a person knows in place of the one that is only looked at."""
    is_named = isinstance(fault, Text) and fault.values.get("folder") == str(folder)
    return fault.filled(folder=str(home)) if isinstance(fault, Text) and is_named else fault
