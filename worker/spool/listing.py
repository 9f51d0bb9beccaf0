"""What lies in the three folders by name: one listing each, nothing is opened."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from worker.spool.control_files import READY
from worker.spool.layout import PARTIAL
from worker.spool.names import kind_of, remedy_for, stem_of
from worker.translation import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A name in the inbox that is neither junk nor there to steer."""

    name: str
    path: Path
    stem: str
    remedy: Text | None = None
    """Of what is no job's name: what to do about it."""
    is_folder: bool = False
    is_ready: bool = True
    """False where `NAME.ready` is waited for."""


def find(inbox: Path, *, needs_ready: bool = False) -> list[Found]:
    """All names that may be jobs; one listing, nothing is opened.

    Args:
        inbox: where to look.
        needs_ready: only those beside which `NAME.ready` lies.

    Raises:
        OSError: the share failed.
    """
    return [one for one in found_in(inbox, needs_ready=needs_ready) if one.remedy is None and one.is_ready]


def found_in(inbox: Path, *, needs_ready: bool) -> list[Found]:
    """The same with all that people may have meant as a job.

    Args:
        inbox: where to look.
        needs_ready: a job is ready only once `NAME.ready` lies beside it.

    Raises:
        OSError: the share failed.
    """
    found, ready = [], set()
    with os.scandir(inbox) as entries:
        for entry in entries:
            one = _found(inbox, entry.name, _is_folder(entry))
            if one is not None:
                found.append(one)
            elif entry.name.endswith(READY):
                ready.add(entry.name.removesuffix(READY))
    if not needs_ready:
        return found
    return [one if one.name in ready or one.remedy else replace(one, is_ready=False) for one in found]


def finished_in(root: Path) -> list[Path]:
    """Folders of jobs that have ended: what is still being written is none.

    Args:
        root: `outbox` or `failed`.

    Raises:
        OSError: the share failed.
    """
    return [path for path in root.iterdir() if not path.name.endswith(PARTIAL) and path.is_dir()]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # a look will tell
        return False


@lru_cache(maxsize=65_536)
def _found(inbox: Path, name: str, is_folder: bool) -> Found | None:
    """What a name stands for; remembered, as thousands may wait all night."""
    if kind_of(name, is_folder=is_folder) == "other":
        return None
    return Found(
        name=name,
        path=inbox / name,
        stem=stem_of(name, is_folder=is_folder),
        remedy=remedy_for(name, is_folder=is_folder),
        is_folder=is_folder,
    )
