"""What lies in a finished folder, and whether a worker wrote all of it and nobody has changed it since.

Knows manifests and names. A folder with anything else in it is a person's, and stays.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from worker.disk.beneath import FOLDER_DEPTH, walk
from worker.disk.content import NotAJob, file_hash
from worker.disk.json_records import MANIFEST_BYTES, read_record
from worker.disk.record_fields import moment_in, objects_in, text_in
from worker.disk.returned_folder import JOB_FOLDER
from worker.translation import Text, gettext

OURS = frozenset({"manifest.json", "results.csv", "index.html", "job.yaml", "error.txt", "error.json"})
JUNK = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
"""What systems put beside pictures by themselves, in small letters."""
WRITTEN_S = 600.0
"""Between the manifest and the last file of a folder that is being finished."""
ENDED_S = 86_400.0
"""Between the end that a manifest tells and the share's time of the file: clocks differ, zones do not count."""
MOST_FILES = 100_000

Stamp = tuple[int, int]
"""Size and time of change of a file; some shares give it another number whenever it is asked."""


class Kept(Exception):
    """Raised where a folder is to stay as it is; tell the reason."""

    def __init__(self, why: Text, *, passes: bool = False) -> None:
        """Keep the reason.

        Args:
            why: for a person.
            passes: by itself; else the folder need not be read again.
        """
        super().__init__(why)
        self.why = why
        self.passes = passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A finished folder, all of which a worker wrote."""

    job_id: str
    files: Mapping[str, Stamp]
    """By name relative to the folder; system junk is left out."""
    hashes: Mapping[str, str]
    """SHA-256 of the pictures, hex, as the manifest has it."""


def content_of(folder: Path) -> Content:
    """Look into it; nothing is read but the manifest.

    Args:
        folder: as it lies in its root.

    Raises:
        Kept: something in it is not as a worker left it.
        OSError: the share failed.
    """
    manifest = read_record(folder / "manifest.json", below=folder.parent, most_bytes=MANIFEST_BYTES)
    job_id, ended = text_in(manifest, "job"), moment_in(manifest, "finished_at")
    if not job_id or ended is None:
        raise Kept(gettext("its manifest cannot be read"))
    shots = objects_in(manifest, "shots")
    hashes = {text_in(one, "file"): text_in(one, "sha256") for one in shots if one.get("status") == "ok"}
    known = OURS | hashes.keys() | set(_beside(shots))
    everything = dict(_walked(folder))
    found = _files_of(everything)
    for name in found:
        if name not in known and not name.startswith(f"{JOB_FOLDER}/"):
            raise Kept(gettext("{file} in it was not written by a worker", file=name))
    for name in hashes:
        if name not in found:
            raise Kept(gettext("{file} is missing in it", file=name))
    _require_unchanged({**found, **_folders_of_job(everything)}, ended_s=datetime.fromisoformat(ended).timestamp())
    return Content(job_id=job_id, files={name: stamp_of(one) for name, one in found.items()}, hashes=hashes)


def _beside(shots: list[Mapping[str, object]]) -> Iterator[str]:
    """Names of the sidecars, and of pictures that were refused and kept."""
    for shot in shots:
        yield text_in(shot, "sidecar")
        yield from (text_in(one, "evidence") for one in objects_in(shot, "attempts"))


def _walked(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for count, (name, _, status) in enumerate(walk(folder)):
        if count > MOST_FILES:
            raise Kept(gettext("it holds more than {most} files", most=f"{MOST_FILES:,}"))
        if stat.S_ISREG(status.st_mode):
            pass
        elif name.count("/") >= FOLDER_DEPTH:  # nobody looks into it
            raise Kept(gettext("{file} in it was not written by a worker", file=name))
        elif not stat.S_ISDIR(status.st_mode):
            raise Kept(gettext("{file} in it is neither a file nor a folder", file=name))
        yield name, status


def _files_of(everything: Mapping[str, os.stat_result]) -> dict[str, os.stat_result]:
    return {name: one for name, one in everything.items() if stat.S_ISREG(one.st_mode) and not _is_junk(name)}


def _folders_of_job(everything: Mapping[str, os.stat_result]) -> dict[str, os.stat_result]:
    """Whose time tells that a person has put something in, which keeps its own; with junk in it, it tells nothing."""
    stirred = {_above_junk(name) for name in everything if _is_junk(name)}
    return {
        name: one
        for name, one in everything.items()
        if stat.S_ISDIR(one.st_mode) and f"{name}/".startswith(f"{JOB_FOLDER}/")
        and not _is_junk(name) and name.lower() not in stirred
    }  # fmt: skip


def _above_junk(name: str) -> str:
    above, is_inside, _ = name.lower().partition("/@eadir")
    return above if is_inside else above.rpartition("/")[0]


def _is_junk(name: str) -> bool:
    parts = name.lower().split("/")
    return parts[-1] in JUNK or parts[-1].startswith("._") or "@eadir" in parts


def _require_unchanged(found: Mapping[str, os.stat_result], *, ended_s: float) -> None:
    if "manifest.json" not in found:
        raise Kept(gettext("its manifest cannot be read"))
    written_s = found["manifest.json"].st_mtime
    late = [name for name, one in found.items() if one.st_mtime > written_s + WRITTEN_S]
    if late or abs(written_s - ended_s) > ENDED_S:
        raise Kept(gettext("{file} was changed after the job had ended", file=min(late, default="manifest.json")))


def stamp_of(status: os.stat_result) -> Stamp:
    """By which a file is known to be unchanged."""
    return status.st_size, status.st_mtime_ns


def is_same(folder: Path, content: Content) -> bool:
    """Whether it holds the same files, unchanged.

    Args:
        folder: as it lies now.
        content: as it was looked into before.

    Raises:
        OSError: the share failed.
    """
    try:
        return {name: stamp_of(one) for name, one in _files_of(dict(_walked(folder))).items()} == dict(content.files)
    except Kept:
        return False


def read_back(folder: Path, content: Content) -> Iterator[None]:
    """Read each picture, one at a turn.

    Args:
        folder: as it lies in its root.
        content: of it.

    Raises:
        Kept: one is not what the manifest says.
        OSError: the share failed.
    """
    for name, expected in content.hashes.items():
        try:
            found = file_hash(folder / name, below=folder.parent)
        except NotAJob:
            found = ""
        if found != expected:
            raise Kept(gettext("{file} is not the picture that its worker made", file=name))
        yield
