"""What a folder is: a model, a download cache, a part of a model, ComfyUI's folder of models.

Knows how the programs that download and use models lay them out; goes a few folders deep, and never through links
upwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from worker.plain_names import is_litter
from worker.studio.model_files.checking.unfinished import unfinished, unfinished_folder
from worker.studio.model_files.parts import CONFIGS, PIPELINES, WEIGHTS, ModelSource, PartName, needed_files, read_json
from worker.studio.model_files.reach import is_kernels
from worker.studio.model_files.recognise.folder_faults import faults
from worker.studio.model_files.recognise.found import PartWeights, Recognised, nothing_usable
from worker.studio.model_files.recognise.loose_files import loose_files
from worker.studio.model_files.recognise.part_files import part_weights
from worker.studio.model_files.safetensors_file import FileFaultError, open_regular
from worker.translation import Text, gettext

INDEX = "model_index.json"
MOST_ENTRIES = 2_000
"""Of a folder, looked at."""
MOST_FOLDERS = 500
"""Looked into below the one that was given."""
DEPTH = 4
"""Below it: `huggingface/hub/models--X--Y/snapshots/HASH`."""
SHOWN = 4
HASH_BYTES = 100
"""Of a reference to a snapshot, at most; git's have 40."""
INNER = ("refs", "blobs")
"""Of a repository in a download cache, beside its snapshots."""
COMPONENTS = frozenset(CONFIGS)


def recognise_folder(folder: Path) -> Recognised:
    """What a folder is.

    Args:
        folder: which can be entered.

    Raises:
        OSError: something in it cannot be read now.
    """
    names = _names(folder)
    if INDEX in names:
        return _with_index(folder, names)
    if not names:
        return nothing_usable(
            "empty folder",
            gettext("{folder} is an empty folder.", folder=str(folder)),
            gettext("Mount its disk or share, or download the model into it."),
        )
    found = (
        _dead_links(folder, names)
        or _component(folder, names)
        or _modular(folder, names)
        or _without_index(folder, names)
        or _models_inside(folder)
        or _loose(folder)
    )
    is_whole = (found.parts or found.folder) and found.what != "no index"
    rest = None if is_whole else unfinished_folder(folder.absolute())
    return nothing_usable("unfinished", rest) if rest else found


def _names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in islice(entries, MOST_ENTRIES))


def _with_index(folder: Path, names: list[str]) -> Recognised:
    if not (folder / INDEX).exists():
        return _dead_links(folder, names) or _loose(folder)
    name = read_json(folder / INDEX).get("_class_name")
    source = ModelSource(folder=folder.absolute())
    # whose download has not ended lacks whatever comes later
    wrong = next(unfinished(needed_files(source)), None) or next(faults(source), "")
    if name not in PIPELINES:
        return nothing_usable("other pipeline" if name else "damaged", wrong)
    return Recognised(
        what="diffusers folder",
        text=gettext("{folder} is a Z-Image model in diffusers layout.", folder=str(folder)),
        remedy=wrong,
        folder=folder,
        parts=_parts(folder),
    )


def _parts(folder: Path) -> Mapping[PartName, PartWeights]:
    found = {part: part_weights(folder / part, part) for part in WEIGHTS}
    return {part: weights for part, weights in found.items() if weights is not None}


def _dead_links(folder: Path, names: list[str]) -> Recognised | None:
    """A snapshot of a download cache whose files lie elsewhere."""
    if INDEX not in names or not (folder / INDEX).is_symlink() or (folder / INDEX).exists():
        return None
    return nothing_usable(
        "dead links",
        gettext(
            "{folder} holds links to files that are not there ({name}): it was copied out of a download cache without "
            "them.",
            folder=str(folder),
            name=INDEX,
        ),
        gettext("Copy it with `cp -rL`, or copy the whole folder `models--…`."),
    )


def _component(folder: Path, names: list[str]) -> Recognised | None:
    """One part of a model, of which the folder above is asked for."""
    if folder.name not in COMPONENTS and not {"config.json", "scheduler_config.json"} & {*names}:
        return None
    above = folder.absolute().parent
    if not (above / INDEX).is_file():
        return None
    return Recognised(
        what="component folder",
        text=gettext("{folder} is one part of a model.", folder=str(folder)),
        remedy=gettext("Give the folder above it: `model: {above}`.", above=str(above)),
        folder=None,
        parts={},
    )


def _without_index(folder: Path, names: list[str]) -> Recognised | None:
    """All of a model but its index."""
    if COMPONENTS - {*names}:
        return None
    return Recognised(
        what="no index",
        text=gettext("{folder} has the parts of a model, but no model_index.json.", folder=str(folder)),
        remedy=gettext("Download that file of the same model into it."),
        folder=None,
        parts=_parts(folder),
    )


def _models_inside(folder: Path) -> Recognised | None:
    found = [*_with_indexes(folder)]
    if not found and folder.name in INNER and (folder.parent / "snapshots").is_dir():
        found = [*_with_indexes(folder.parent)]
    ours = [one for one in _newest(found) if read_json(one / INDEX).get("_class_name") in PIPELINES]
    if len(ours) == 1:
        return _one_inside(folder, recognise_folder(ours[0]))
    if ours:
        return nothing_usable(
            "several models",
            gettext("{folder} holds {count} models.", folder=str(folder), count=len(ours)),
            gettext("Give one of them as `model:`: {models}", models=_shown(ours)),
        )
    if found:
        return nothing_usable(
            "other pipeline",
            gettext(
                "{folder} holds models of other families only: {models}.", folder=str(folder), models=_shown(found)
            ),
            gettext("Use a Z-Image or Z-Image-Turbo model."),
        )
    return None


def _one_inside(folder: Path, inside: Recognised) -> Recognised:
    """A repository of a download cache stands for its snapshot; of any other folder people may put more into it."""
    is_repository = folder.name.startswith("models--") or "snapshots" in (folder.name, *_names(folder))
    named = gettext("Set `model:` to {inside}.", inside=str(inside.folder))
    return Recognised(
        what="hf cache" if is_repository else "folder of a model",
        text=gettext("{folder} is a part of a download cache, not the model.", folder=str(folder))
        if folder.name in INNER
        else gettext("{folder} holds a Z-Image model.", folder=str(folder)),
        remedy=inside.remedy if is_repository else named,
        folder=inside.folder,
        parts=inside.parts,
    )


def _shown(folders: list[Path]) -> str:
    return ", ".join(map(str, folders[:SHOWN])) + (", …" if len(folders) > SHOWN else "")


def _with_indexes(folder: Path) -> Iterator[Path]:
    """Folders below that hold a model_index.json, the nearest of each branch."""
    level, looked = [folder], 0
    for _ in range(DEPTH):
        below: list[Path] = []
        for place in level:
            for inner in _subfolders(place):
                looked += 1
                if looked > MOST_FOLDERS:
                    return
                if _has_index(inner):
                    yield inner
                else:
                    below.append(inner)
        level = below


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            inner = [entry.name for entry in islice(entries, MOST_ENTRIES) if _is_folder(entry)]
    except OSError:  # of another account: it is none of ours
        return []
    found = [folder / name for name in sorted(inner) if name != "blobs" and not is_litter(name)]
    return [one for one in found if not is_kernels(one.absolute())]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into another account's folder
        return False


def _has_index(folder: Path) -> bool:
    try:
        return (folder / INDEX).is_file()
    except PermissionError:  # of another account: it is none of ours
        return False


def _newest(found: list[Path]) -> list[Path]:
    """Of a repository's snapshots the one that its branch `main` names; ModelScope calls its own `master`."""
    mains = {one: _main(one.parent.parent) for one in found if one.parent.name == "snapshots"}
    current = {one.parent for one, main in mains.items() if one.name == main}
    return [one for one in found if one.parent not in current or one.name == mains.get(one)]


def _main(repository: Path) -> str:
    try:
        with open_regular(repository / "refs/main") as file:
            return file.read(HASH_BYTES).decode("utf-8", errors="replace").strip()
    except (OSError, FileFaultError):
        return "master"


def _modular(folder: Path, names: list[str]) -> Recognised | None:
    if "modular_model_index.json" in names:
        return nothing_usable(
            "modular",
            gettext("{folder} is a modular pipeline: a list of parts that lie elsewhere.", folder=str(folder)),
            gettext("Download the model itself: the one with model_index.json."),
        )
    return None


def _loose(folder: Path) -> Recognised:
    return loose_files(folder) or nothing_usable("no model", _no_model(folder), _GIVE)


def _no_model(folder: Path) -> Text:
    return gettext(
        "{folder} has no model_index.json: it is not a model folder in diffusers layout.", folder=str(folder)
    )


_GIVE = gettext("Give the folder that holds model_index.json.")
