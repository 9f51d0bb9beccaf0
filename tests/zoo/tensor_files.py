"""Safetensors files without torch: tensors as bytes, written whole, cut into shards, or as a header over a hole."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

BITS = {
    "F64": 64, "I64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16,
    "F8_E4M3": 8, "F8_E5M2": 8, "I8": 8, "U8": 8, "BOOL": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor as a file has it."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | None = None
    """None: a hole in the file, which reads as zeros."""

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return prod(self.shape) * BITS[self.dtype] // 8


Tensors = Mapping[str, Tensor]
PT = {"format": "pt"}


def hollow(tensors: Tensors) -> dict[str, Tensor]:
    """The same names and shapes over holes: for files that are judged by their headers."""
    return {name: Tensor(tensor.dtype, tensor.shape) for name, tensor in tensors.items()}


def read_tensors(file: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file, in the order of its header."""
    content = file.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    entries = json.loads(content[8 : 8 + length])
    entries.pop("__metadata__", None)
    found = {}
    for name, entry in entries.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        found[name] = Tensor(entry["dtype"], tuple(entry["shape"]), content[begin:end])
    return found


def header_of(tensors: Tensors, metadata: Mapping[str, str] | None = None) -> bytes:
    """Length and header, as they stand before the numbers."""
    entries: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    at = 0
    for name, tensor in tensors.items():
        entries[name] = {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": (at, at + tensor.size)}
        at += tensor.size
    return with_length(json.dumps(entries, separators=(",", ":")).encode())


def with_length(header: bytes) -> bytes:
    """A header as it stands in a file: its length first, blanks at its end up to the next eight bytes."""
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header


def write_tensors(file: Path, tensors: Tensors, metadata: Mapping[str, str] | None = None) -> Path:
    """Write a safetensors file; what is a hole takes no room on the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    head = header_of(tensors, metadata)
    at = len(head)
    with file.open("wb") as out:
        out.write(head)
        for tensor in tensors.values():
            if tensor.data is not None:
                out.seek(at)
                out.write(tensor.data)
            at += tensor.size
        out.truncate(at)
    return file


def shards(tensors: Tensors, sizes: Iterable[float]) -> Iterator[dict[str, Tensor]]:
    """Tensors in their order, cut where each share of the whole is full.

    Args:
        tensors: of one part.
        sizes: of each shard, in any unit.
    """
    wanted = list(sizes)
    whole, total = sum(wanted), sum(tensor.size for tensor in tensors.values())
    ends = [sum(wanted[: number + 1]) / whole * total for number in range(len(wanted))]
    cut: list[dict[str, Tensor]] = [{} for _ in wanted]
    at = 0
    for name, tensor in tensors.items():
        at += tensor.size
        cut[next((number for number, end in enumerate(ends) if at <= end + 0.5), len(ends) - 1)][name] = tensor
    yield from cut


def index_of(names: Iterable[tuple[str, Tensors]]) -> dict[str, object]:
    """The content of an `index.json`.

    Args:
        names: file name and tensors of each shard.
    """
    pairs = list(names)
    return {
        "metadata": {"total_size": sum(tensor.size for _, tensors in pairs for tensor in tensors.values())},
        "weight_map": {name: file for file, tensors in pairs for name in tensors},
    }
