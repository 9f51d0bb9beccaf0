"""Where the weights of a part lie in its folder, under whatever names they were published.

Knows single files, shards, variants (`model.bf16.safetensors`) and files renamed into the folder.
"""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path

from worker.studio.model_files.parts import WEIGHTS, PartName, weight_files
from worker.studio.model_files.recognise.found import PartWeights
from worker.studio.model_files.recognise.missing_files import MOST_ENTRIES, VARIANTS, variant_files
from worker.studio.model_files.recognise.weights_file import recognise_tensors
from worker.studio.model_files.safetensors_file import FileFaultError, Tensor, read_header


def part_weights(folder: Path, part: PartName) -> PartWeights | None:
    """A part's weights as far as they can be taken; None when they cannot.

    Args:
        folder: of the part; may be missing.
        part: which it is.

    Raises:
        OSError: a file cannot be read now.
    """
    tensors: dict[str, Tensor] = {}
    files = _files(folder, part)
    try:
        for file in files:
            tensors |= read_header(file).tensors
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, FileFaultError):
        return None
    found = recognise_tensors(tensors, files=files, name=part).parts.get(part)
    return found if files else None


def _files(folder: Path, part: PartName) -> tuple[Path, ...]:
    named = weight_files(folder, WEIGHTS[part])
    if all(file.exists() for file in named):
        return named
    try:
        with os.scandir(folder) as entries:
            there = sorted(entry.name for entry in islice(entries, MOST_ENTRIES))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    stem = WEIGHTS[part].removesuffix(".safetensors")
    for variant in VARIANTS:
        found = variant_files(there, stem, variant)
        if found:
            return tuple(folder / name for name in found)
    single = [name for name in there if name.endswith(".safetensors")]
    pieces = [name for name in single if re.fullmatch(rf"{stem}-\d+-of-\d+\.safetensors", name)]
    return tuple(folder / name for name in pieces or (single if len(single) == 1 else ()))
