"""A bf16 copy of a model folder: half the size, half the loading.

Knows how numbers of a safetensors file become bf16, a piece at a time.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from worker.disk.durable import make_folder, write_file, write_pieces
from worker.disk.moves import move_to_free_name
from worker.errors import ModelInvalid, UsageError
from worker.studio.model_files.parts import (
    WEIGHTS,
    ModelSource,
    listed,
    loaded_files,
    read_json,
    reading,
    shard_index,
    weight_files,
)
from worker.studio.model_files.recognise.folder_faults import faults
from worker.studio.model_files.safetensors_file import Header, Tensor, read_header
from worker.translation import gettext

PIECE_BYTES = 16 * 1024**2
"""Converted at a time; a multiple of every number's size."""
NARROWED = {"F32": 4, "F16": 2}
"""Kinds of number that become bf16, with their bytes; all others (BF16, integers) stay byte for byte."""


def write_bf16_copy(source: Path, target: Path) -> None:
    """Copy what loading needs, with all weights in bf16; `target` appears only when it is whole.

    Args:
        source: a model folder in diffusers layout, in any precision, in one piece or in shards.
        target: must not exist; its parent must.

    Raises:
        ModelInvalid: the source has faults.
        ModelAway: it cannot be read.
        UsageError: the target exists, or cannot be written.
    """
    model = ModelSource(folder=source.absolute())
    with reading(model.folder):
        found = tuple(faults(model))
    if found:
        raise ModelInvalid(listed(gettext("{folder} cannot be copied:", folder=str(source)), found))
    if target.exists():
        raise _exists(target)
    draft = target.with_name(f".{target.name}.partial-{os.getpid()}")
    try:
        # top-level files too: the licence and the model card belong to the weights
        for path in {*loaded_files(model), *filter(Path.is_file, model.folder.iterdir())}:
            _copy(path, draft / path.relative_to(model.folder), draft=draft)
        _mend_indexes(draft)
        if not move_to_free_name(draft, target):
            raise _exists(target)
    except OSError as error:
        raise UsageError(
            gettext(
                "{target} cannot be written ({why}): check space and rights there.",
                target=str(target),
                why=str(error.strerror),
            )
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _exists(target: Path) -> UsageError:
    return UsageError(gettext("{target} exists: name a folder that does not exist yet.", target=str(target)))


def _copy(path: Path, target: Path, *, draft: Path) -> None:
    """Write one file, below the draft whatever its name."""
    make_folder(target.parent, below=draft.parent)
    if path.suffix == ".safetensors":
        write_pieces(target, _narrowed_file(path), below=draft)
    elif path.parent.name == "text_encoder" and path.name == "config.json":
        config = {
            key: "bfloat16" if key in ("dtype", "torch_dtype") else value for key, value in read_json(path).items()
        }
        _write_json(target, config, draft=draft)
    else:
        with path.open("rb") as file:  # through links: a download cache has its files behind them
            write_pieces(target, _pieces(file, path.stat().st_size), below=draft)


def _write_json(path: Path, content: Mapping[str, object], *, draft: Path) -> None:
    write_file(path, json.dumps(content, indent=2).encode(), below=draft)


def _narrowed_file(path: Path) -> Iterator[bytes]:
    header = read_header(path)
    yield _narrowed_header(header)
    with path.open("rb") as file:
        for tensor in header.tensors.values():
            file.seek(header.data_start + tensor.begin)
            for piece in _pieces(file, tensor.end - tensor.begin):
                yield to_bf16(piece, tensor.dtype) if tensor.dtype in NARROWED else piece


def _narrowed_header(header: Header) -> bytes:
    content: dict[str, object] = {"__metadata__": header.metadata} if header.metadata else {}
    at = 0
    for name, tensor in header.tensors.items():
        end = at + _narrowed_bytes(tensor)
        dtype = "BF16" if tensor.dtype in NARROWED else tensor.dtype
        content[name] = {"dtype": dtype, "shape": tensor.shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(content, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the format asks for data aligned to 8 bytes
    return len(text).to_bytes(8, "little") + text


def _narrowed_bytes(tensor: Tensor) -> int:
    held = tensor.end - tensor.begin
    return held * 2 // NARROWED[tensor.dtype] if tensor.dtype in NARROWED else held


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left and (piece := file.read(min(left, PIECE_BYTES))):
        left -= len(piece)
        yield piece


def to_bf16(data: bytes, dtype: str) -> bytes:
    """Round numbers to bf16, to nearest, ties to even, as torch does; NaN stays NaN.

    Args:
        data: little-endian numbers.
        dtype: a key of `NARROWED`.
    """
    import numpy as np

    wide = np.frombuffer(data, f"<f{NARROWED[dtype]}").astype("<f4")
    bits = wide.view("<u4")
    # the sign, exponent and 7 bits stay; half of the last place is added so that cutting off rounds
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    rounded[np.isnan(wide)] = 0x7FC0
    return bytes(rounded.tobytes())


def _mend_indexes(folder: Path) -> None:
    """Write the new total size into each shard index."""
    for part, stem in WEIGHTS.items():
        index = shard_index(folder / part, stem)
        if index is not None:
            headers = [read_header(file) for file in weight_files(folder / part, stem)]
            total = sum(tensor.end - tensor.begin for header in headers for tensor in header.tensors.values())
            content = read_json(index)
            metadata = content.get("metadata")
            content["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), "total_size": total}
            _write_json(index, content, draft=folder)
