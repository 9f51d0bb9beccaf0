"""Unfinished downloads: what download tools keep beside a file until it is whole.

Knows their names. Some tools give the file its full size at once, so that only this tells that it is not whole; others
call the rest as they like (`Unconfirmed 4711.crdownload`): beside a file that is missing it is taken for that one's.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from worker.studio.model_files.checking.hub_records import DOWNLOADS, hub_metadata
from worker.studio.model_files.checking.records import plain_files, roots_above
from worker.translation import Text, gettext

ENDINGS = (
    ".aria2", ".aria2__temp", ".incomplete", ".part", ".partial", ".filepart", ".crdownload", ".opdownload",
    ".download", ".downloading", ".p.downloading", ".baiduyun.downloading", ".baiduyun.p.downloading", ".tmp", ".temp",
    ".st", ".!qb", ".!ut", ".bc!", ".td", ".td.cfg", ".xltd", ".xltd.cfg",
)  # fmt: skip
"""Behind a file's name, in small letters: aria2, huggingface_hub, Firefox and curl, WinSCP, Chrome, Opera, Safari,
axel, qBittorrent, Thunder, Baidu's disk."""
PIECE = re.compile(r"_\d+_\d+")
"""Behind the name of a file that is missing: first and last byte of a piece. Source: `_download.py` of modelscope_hub
0.5.1 (modelscope 1.40.2)."""
PARTS = ("transformer", "text_encoder", "vae", "tokenizer", "scheduler")
"""Folders of a model."""
MODELSCOPE = "._____temp"
"""ModelScope's folder for what is not whole yet; it holds the same tree as the model's folder."""


def unfinished(files: Iterable[Path]) -> Iterator[Text]:
    """A sentence for each file whose download has not ended, with what to do.

    Args:
        files: absolute; of a model, also those that are missing.
    """
    told: set[Path] = set()
    for file in files:
        rest = _rest_beside(file) or _rest_of_hub(file) or _rest_of_modelscope(file)
        if rest is None or rest in told:
            continue
        told.add(rest)
        yield gettext(
            "{file} is not whole: its download has not ended, as {rest} beside it shows. Run the same download again: "
            "it goes on where it stopped (aria2c with -c); or delete both and begin anew.",
            file=f"{file.parent.name}/{file.name}",
            rest=rest.name if rest.parent == file.parent else str(rest),
        )


def unfinished_file(file: Path, name: str, *, is_whole: bool) -> Text | None:
    """The same of one file that is there, which may itself be what a download has so far.

    Args:
        file: absolute.
        name: for the sentence.
        is_whole: whether it reads as a whole file.
    """
    if not is_whole and file.name.lower().endswith(ENDINGS):
        return gettext(
            "{name} is what an unfinished download has so far: run the same download again, which goes on where it "
            "stopped, and give the file that it makes.",
            name=name,
        )
    return next(unfinished((file,)), None)


def unfinished_folder(folder: Path) -> Text | None:
    """A sentence for a folder whose download has not come as far as the file that names its parts.

    Args:
        folder: absolute.
    """
    places = (folder / kept for kept in (MODELSCOPE, *DOWNLOADS))
    rests = (entry for place in places for entry in _rests_below(place, is_whole_tree=place.name == MODELSCOPE))
    rest = next(rests, None)
    if rest is None:
        return None
    return gettext(
        "{folder} is not whole: its download has not ended, as {rest} shows. Run the same download again: it goes on "
        "where it stopped.",
        folder=str(folder),
        rest=str(rest.relative_to(folder)),
    )


def _rests_below(place: Path, *, is_whole_tree: bool) -> Iterator[Path]:
    """Files of a download that are not whole, in a folder for them and the folders of parts in it."""
    for folder in (place, *(place / part for part in PARTS)):
        for entry in plain_files(folder):
            if is_whole_tree or entry.name.endswith(".incomplete"):
                yield Path(entry.path)


def _rest_beside(file: Path) -> Path | None:
    is_missing = not file.exists()
    names = {f"{file.name}{ending}".lower() for ending in ENDINGS}
    try:
        beside = os.listdir(file.parent)  # noqa: PTH208 - names are enough
    except OSError:
        return None
    rests = (
        name
        for name in sorted(beside)
        if name.lower() in names
        or (is_missing and (name.lower().endswith(ENDINGS) or PIECE.fullmatch(name.removeprefix(file.name))))
    )
    return next((file.parent / name for name in rests), None)


def _rest_of_hub(file: Path) -> Path | None:
    """Of a file that is missing, or older: `hf download` moves it into place once it is whole."""
    is_missing = not file.exists()
    for _, record in hub_metadata(file):
        start = base64.urlsafe_b64encode(hashlib.sha1(record.name.encode(), usedforsecurity=False).digest()).decode()
        for entry in plain_files(record.parent):
            is_its = is_missing or (entry.name.startswith(f"{start}.") and entry.stat().st_mtime > _mtime(record))
            if entry.name.endswith(".incomplete") and is_its:
                return Path(entry.path)
    for root, _ in roots_above(file):
        if root.parent.name == "snapshots" and is_missing:
            for entry in plain_files(root.parent.parent / "blobs"):
                if entry.name.endswith(".incomplete"):
                    return Path(entry.path)
    return None


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _rest_of_modelscope(file: Path) -> Path | None:
    for root, name in roots_above(file):
        rest = root / MODELSCOPE / name
        if rest.is_file():
            return rest
        if not file.exists():
            others = (Path(entry.path) for entry in plain_files(rest.parent))
            if other := next(others, None):
                return other
    return None
