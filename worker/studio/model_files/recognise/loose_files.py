"""Files of weights that lie loose in a folder: ComfyUI's folder of models, or a folder of downloads.

Knows which parts of a model lie where by what is in the files.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from worker.plain_names import is_litter
from worker.studio.model_files.checking.unfinished import ENDINGS as UNFINISHED
from worker.studio.model_files.parts import PartName
from worker.studio.model_files.reach import is_kernels
from worker.studio.model_files.recognise.found import PartWeights, Recognised, nothing_usable
from worker.studio.model_files.recognise.weights_file import recognise_file
from worker.translation import gettext

MOST_FILES = 200
"""Looked at."""
MOST_FOLDERS = 500
"""Looked into: of a whole disk the rest is left alone."""
DEPTH = 3
"""`ComfyUI/models/diffusion_models/z-image/`."""
ENDINGS = (".safetensors", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".sft")
BEGUN = re.compile(r"\.(safetensors|gguf|ckpt|sft)\.|^(unconfirmed|未确认)", re.IGNORECASE)
"""What a download of weights is called before it has ended."""
PARTS: tuple[PartName, ...] = ("transformer", "text_encoder", "vae")
COMFYUI = frozenset({"diffusion_models", "unet", "text_encoders", "clip", "checkpoints", "loras"})
"""Folders of ComfyUI's folder of models."""
SHOWN = 4


def loose_files(folder: Path) -> Recognised | None:
    """What the files of weights in a folder are together; None when there are none.

    Args:
        folder: that is no model.

    Raises:
        OSError: one cannot be read now.
    """
    files = [*islice(_weights(folder), MOST_FILES)]
    if not files:
        return _begun(folder)
    found = {file: recognise_file(file, file.relative_to(folder).as_posix()) for file in files}
    by_part: dict[PartName, list[PartWeights]] = defaultdict(list)
    for one in found.values():
        for part, weights in one.parts.items():
            by_part[part].append(weights)
    if not by_part.get("transformer"):
        others = [one for one in found.values() if not one.parts]
        unfinished = [one for one in others if one.what == "unfinished"]
        first = next(iter((*unfinished, *others, *found.values())))
        return nothing_usable(first.what, first.text, first.remedy)
    several = {part: weights for part, weights in by_part.items() if len(weights) > 1}
    if several:
        return nothing_usable(
            "several files",
            gettext(
                "{folder} holds more than one file for a part: {files}.",
                folder=str(folder),
                files=_names(folder, [one.files[0] for weights in several.values() for one in weights]),
            ),
            gettext("Give the transformer's file that you mean to `zimage-worker model add`."),
        )
    parts = {part: by_part[part][0] for part in PARTS if by_part.get(part)}
    is_comfyui = any(path.parent.name in COMFYUI for path in files)
    return Recognised(
        what="comfyui folder" if is_comfyui else "loose files",
        text=gettext(
            "{folder} holds a Z-Image model in single files ({files}).",
            folder=str(folder),
            files=_names(folder, [weights.files[0] for weights in parts.values()]),
        ),
        remedy=gettext(
            "Give it to `zimage-worker model add`, which makes a folder in diffusers layout of them; name with "
            "`--with` a folder that has what is missing, such as configurations and tokenizer."
        ),
        folder=None,
        parts=parts,
    )


def _begun(folder: Path) -> Recognised | None:
    rest = next((path for path in _weights(folder, UNFINISHED) if BEGUN.search(path.name)), None)
    return recognise_file(rest, rest.relative_to(folder).as_posix()) if rest else None


def _weights(folder: Path, endings: tuple[str, ...] = ENDINGS) -> Iterator[Path]:
    """Files of weights, the nearest first."""
    level, looked = [folder], 0
    for _ in range(DEPTH):
        below: list[Path] = []
        for place in level:
            looked += 1
            if looked > MOST_FOLDERS:
                return
            for entry in _inside(place, may_be_closed=place != folder):
                if entry.is_dir(follow_symlinks=False):
                    below += [] if is_litter(entry.name) or is_kernels(Path(entry.path)) else [Path(entry.path)]
                elif entry.name.lower().endswith(endings) and _is_file(entry):
                    yield Path(entry.path)
        level = below


def _inside(folder: Path, *, may_be_closed: bool) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(islice(entries, 2 * MOST_FILES), key=lambda entry: entry.name)
    except PermissionError:
        if may_be_closed:  # of another account: it is none of ours
            return []
        raise


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except PermissionError:  # a link into another account's folder
        return False


def _names(folder: Path, files: list[Path]) -> str:
    names = [*dict.fromkeys(file.relative_to(folder).as_posix() for file in files)]
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
