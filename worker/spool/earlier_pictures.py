"""Pictures that earlier claims of a job have finished: none of them is lost when the job ends.

Knows which files in a staging folder are a verified picture: a sidecar beside it names it and its hash.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from worker.disk.beneath import plain_files_in
from worker.disk.content import NotAJob, file_hash, pieces
from worker.disk.json_records import read_record
from worker.disk.looks import paths_in
from worker.plain_names import is_plain_file_name
from worker.spool.final_rename import Staged

PLACE = "earlier"
"""Folder in a finished one for pictures that another picture's name keeps from their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A picture as its sidecar has it."""

    file: str
    sidecar: str
    sha256: str
    job_id: str


def take_along(folders: Sequence[Path], staging: Staged, *, went_on: Callable[[], None]) -> None:
    """Copy every verified picture that is not staged, with its sidecar.

    Args:
        folders: of the job's earlier claims; what cannot be read there stays there.
        staging: of the claim that ends.
        went_on: called after every file that was read.

    Raises:
        OSError: the staging failed; the call may be repeated.
    """
    staged = set(staging.hashes.values())
    for number, folder in enumerate(folders, 1):
        for one in _verified_but(folder, staged, went_on=went_on, passes=OSError):
            place = "" if _is_free(staging, one) else f"{PLACE}/{number}/"
            for name in (one.file, one.sidecar):  # the sidecar last: where it is, its picture is
                staging.copy(f"{place}{name}", partial(pieces, folder / name, below=folder.parent))
            staged.add(one.sha256)


def is_saved(folder: Path, finished: Path, *, went_on: Callable[[], None]) -> bool:
    """Whether a staging folder may go: each verified picture in it lies in the finished one, hash for hash.

    Args:
        folder: of an earlier claim.
        finished: the folder that has appeared; nothing is saved where it is gone.
        went_on: called after every file that was read.
    """
    try:
        saved = {one.sha256 for place in _places(finished) for one in _recorded(place, went_on)}
        return not any(True for _ in _verified_but(folder, saved, went_on=went_on))
    except OSError:
        return False


def jobs_of_pictures(folder: Path) -> set[str]:
    """The ids of the jobs that verified pictures in a staging folder were made for; a job made again keeps another's.

    Args:
        folder: of any claim.

    Raises:
        OSError: one cannot be read, or a link lies in the place of the folder; nothing is known.
    """
    found: set[str] = set()
    for path in [folder / name for name in plain_files_in(folder) if name.endswith(".json")]:
        one = _recorded_in(path, below=folder.parent)
        if one is not None and one.job_id not in found and _is_verified(path.parent, one, below=folder.parent):
            found.add(one.job_id)
    return found


def _places(folder: Path) -> Iterator[Path]:
    """Where pictures lie in a folder of ours."""
    yield folder
    yield from paths_in(folder / PLACE)


def _verified_but(
    folder: Path, known: set[str], *, went_on: Callable[[], None], passes: type[OSError] | tuple[()] = ()
) -> Iterator[Recorded]:
    """Verified pictures of a folder whose hash is not known yet; errors of reading one may be passed over."""
    for path in paths_in(folder, ending=".json"):
        went_on()
        try:
            one = _recorded_in(path, below=folder.parent)
            is_new = one is not None and one.sha256 not in known and _is_verified(folder, one, below=folder.parent)
        except passes:
            continue
        if one is not None and is_new:
            yield one


def _recorded(folder: Path, went_on: Callable[[], None]) -> Iterator[Recorded]:
    for path in paths_in(folder, ending=".json"):
        went_on()
        if (one := _recorded_in(path, below=folder.parent)) is not None:
            yield one


def _recorded_in(path: Path, *, below: Path) -> Recorded | None:
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    record = read_record(path, below=below)
    file, sha256 = record.get("file"), record.get("sha256")
    if not isinstance(file, str) or not isinstance(sha256, str) or not is_plain_file_name(file):
        return None
    return Recorded(file=file, sidecar=path.name, sha256=sha256, job_id=str(record.get("job")))


def _is_verified(folder: Path, one: Recorded, *, below: Path) -> bool:
    try:
        return file_hash(folder / one.file, below=below) == one.sha256
    except (FileNotFoundError, IsADirectoryError, NotAJob):
        return False


def _is_free(staging: Staged, one: Recorded) -> bool:
    """Whether the picture may have its own name: nothing is staged under it, or the same by an earlier call."""
    try:
        return staging.read_hash(one.file) == one.sha256
    except FileNotFoundError:
        return not (staging.path / one.sidecar).exists()
