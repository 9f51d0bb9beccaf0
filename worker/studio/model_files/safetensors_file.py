"""A safetensors file as bytes: its header, and whether the file is whole.

Knows the file format (8 bytes of length, a JSON header, the data). Source: the format section of the safetensors
README.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from worker.translation import gettext

HEADER_LIMIT_BYTES = 100 * 1024**2
"""The format's own limit on the header."""
LFS_POINTER = b"version https://git-lfs"


class FileFaultError(ValueError):
    """Raised when a file is not a whole safetensors file; copy or download it once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One tensor's place."""

    dtype: str
    """As the format names it: `F32`, `BF16`, `I64`, ..."""
    shape: tuple[int, ...]
    begin: int
    """Byte offset from the start of the data."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a safetensors file holds."""

    tensors: dict[str, Tensor]
    """In the order of their data."""
    metadata: dict[str, str]
    data_start: int
    """Byte offset of the data from the start of the file."""


def read_header(path: Path) -> Header:
    """Read and check the header against the file's length.

    Args:
        path: of the file.

    Raises:
        FileFaultError: the file is a Git LFS pointer, is cut short, or has no readable header.
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(LFS_POINTER))
        if start == LFS_POINTER:
            raise FileFaultError(
                gettext("is a Git LFS pointer, not the weights: run `git lfs pull`, or download the file itself")
            )
        length = int.from_bytes(start[:8], "little")
        if size < 8 or length > min(size - 8, HEADER_LIMIT_BYTES):
            raise FileFaultError(gettext("has no readable header ({size} bytes): copy it once more", size=f"{size:,}"))
        file.seek(8)
        header = _parsed(file.read(length), data_start=8 + length)
    expected = header.data_start + max((tensor.end for tensor in header.tensors.values()), default=0)
    if size != expected:
        raise FileFaultError(
            gettext(
                "has {size} bytes where its header promises {expected}: copy it once more",
                size=f"{size:,}",
                expected=f"{expected:,}",
            )
        )
    return header


def _parsed(text: bytes, *, data_start: int) -> Header:
    try:
        content = json.loads(text)
        metadata = content.pop("__metadata__", None) or {}
        tensors = {
            name: Tensor(
                dtype=entry["dtype"],
                shape=tuple(entry["shape"]),
                begin=entry["data_offsets"][0],
                end=entry["data_offsets"][1],
            )
            for name, entry in content.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise FileFaultError(gettext("has a damaged header: copy it once more")) from error
    ordered = dict(sorted(tensors.items(), key=lambda item: item[1].begin))
    return Header(tensors=ordered, metadata=metadata, data_start=data_start)
