"""A safetensors file as bytes: its header, and whether the file is whole.

Knows the file format (8 bytes of length, a JSON header, the data). Source: the format section of the safetensors
README.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

from worker.translation import gettext

HEADER_LIMIT_BYTES = 16 * 1024**2
"""Of a header: the format allows 100 MB, Z-Image's files need 0.1 MB, and what is parsed takes ten times its room."""
CONTAINERS = 500_000
"""Objects and lists of a JSON text at most; a tensor has three. More are made to fill memory."""
NAME_SHOWN = 80
"""Characters of a tensor's name that a sentence shows."""
DIMENSIONS = 8
"""Of a tensor at most."""
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64,
    "U64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}  # fmt: skip
"""Of one number, by the format's name of its kind (source: `dtype.rs` of safetensors)."""


class FileFaultError(ValueError):
    """Raised when a file is not a whole safetensors file; download it again."""


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


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading, without ever waiting for the other end of a pipe.

    Args:
        path: of the file; a link is followed, as a download cache has its files behind them.

    Raises:
        FileFaultError: it is a pipe, a device or a socket.
        OSError: it cannot be opened.
    """
    if not stat.S_ISREG(_mode(path)):
        raise FileFaultError(gettext("is no file, but a pipe, a device or a socket: copy the file into its place"))
    # between the two looks it may have become a pipe, which would wait for a writer
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise FileFaultError(gettext("is no file, but a pipe, a device or a socket: copy the file into its place"))
    return file


def _mode(path: Path) -> int:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return mode


def read_header(path: Path) -> Header:
    """Read and check the header against the file's length.

    Args:
        path: of the file.

    Raises:
        FileFaultError: the file is cut short, has no readable header, or one that contradicts itself.
        OSError: the file cannot be read.
    """
    with open_regular(path) as file:
        return header_of(file)


def header_of(file: BinaryIO) -> Header:
    """The same of an open file, at its beginning.

    Args:
        file: left behind its header.

    Raises:
        FileFaultError, OSError: as `read_header`.
    """
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise FileFaultError(gettext("has no readable header ({size} bytes): download it again", size=f"{size:,}"))
    if length > HEADER_LIMIT_BYTES:
        raise FileFaultError(
            gettext(
                "has a header of {mb} MB, where no model that this program knows needs one of {limit}: "
                "do not trust it, download it from its source",
                mb=length // 1_000_000,
                limit=HEADER_LIMIT_BYTES // 1_000_000,
            )
        )
    header = _parsed(file.read(length), data_start=8 + length)
    expected = header.data_start + max((tensor.end for tensor in header.tensors.values()), default=0)
    if size != expected:
        raise FileFaultError(
            gettext(
                "has {size} bytes where its header promises {expected}: download it again",
                size=f"{size:,}",
                expected=f"{expected:,}",
            )
        )
    return header


def _parsed(text: bytes, *, data_start: int) -> Header:
    try:
        content = parse_json(text, object_pairs_hook=_without_repeats)
        metadata = content.pop("__metadata__", None) or {} if isinstance(content, dict) else None
        if not isinstance(content, dict) or not isinstance(metadata, dict):
            raise TypeError("no object")
        tensors = {name: _tensor(**entry) for name, entry in content.items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise FileFaultError(gettext("has a damaged header: download it again")) from error
    ordered = dict(sorted(tensors.items(), key=lambda item: (item[1].begin, item[1].end)))
    at = 0
    for name, tensor in ordered.items():
        if tensor.begin != at:
            raise FileFaultError(
                gettext(
                    "has a header by which tensors overlap or leave gaps, such as {tensor}: download it again",
                    tensor=name[:NAME_SHOWN],
                )
            )
        at = tensor.end
    kept = {key: value for key, value in metadata.items() if isinstance(value, str)}
    return Header(tensors=ordered, metadata=kept, data_start=data_start)


def parse_json(text: bytes, *, object_pairs_hook: Callable[[list[tuple[str, object]]], object] | None = None) -> object:
    """What a JSON text says, within the memory that an honest one needs.

    Args:
        text: UTF-8, with or without a byte order mark.
        object_pairs_hook: makes an object of its keys and values, as `json.loads` has it.

    Raises:
        ValueError: it is none, is too deeply nested, or holds far more than any model's file.
    """
    if text.count(b"{") + text.count(b"[") > CONTAINERS:
        raise ValueError("too many objects")
    try:
        made: object = json.loads(text.decode("utf-8-sig"), object_pairs_hook=object_pairs_hook)
    except RecursionError as error:
        raise ValueError("too deeply nested") from error
    return made


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object, whose keys may each stand once: what reads the file may take the other one."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("repeated key")
    return content


def _tensor(*, dtype: object, shape: Iterable[object], data_offsets: Iterable[object], **_: object) -> Tensor:
    """One entry of the header.

    Raises:
        ValueError, KeyError, TypeError: it is no such thing, or its place is not as long as its shape asks.
    """
    sizes = tuple(_size(number) for number in shape)
    begin, end = map(_size, data_offsets)
    if not isinstance(dtype, str) or len(sizes) > DIMENSIONS:
        raise TypeError("no tensor")
    bits = BITS.get(dtype)
    if end < begin or (bits and 8 * (end - begin) != prod(sizes) * bits):
        raise ValueError("the place is not as long as the shape")
    return Tensor(dtype=dtype, shape=sizes, begin=begin, end=end)


def _size(number: object) -> int:
    if type(number) is not int or number < 0:
        raise TypeError("no size")
    return number
