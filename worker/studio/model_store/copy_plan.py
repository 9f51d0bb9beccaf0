"""The plan of a copy: which tensor of which source file goes where, before any data is read.

Knows headers, and the names and sizes of the files to be.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath

from worker.errors import ModelInvalid
from worker.studio.model_files.parts import WEIGHTS, PartName
from worker.studio.model_files.recognise.found import PartWeights
from worker.studio.model_files.recognise.tensor_names import levels_of
from worker.studio.model_files.recognise.weights_file import READABLE
from worker.studio.model_files.safetensors_file import FileFaultError, Header, Tensor, read_header
from worker.studio.model_store.naming import Renamed, renamed
from worker.studio.model_store.numbers import NARROWED
from worker.translation import gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Bytes of a source file that become one tensor of the copy."""

    name: str
    shape: tuple[int, ...]
    source_dtype: str
    begin: int
    """Byte offset from the start of the source file."""
    end: int

    @property
    def dtype(self) -> str:
        """In the copy."""
        return "BF16" if self.source_dtype in NARROWED else self.source_dtype

    @property
    def target_bytes(self) -> int:
        """In the copy."""
        held = self.end - self.begin
        return held * 2 // NARROWED[self.source_dtype] if self.source_dtype in NARROWED else held


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFile:
    """A file of the copy, made from one file of the source."""

    part: PartName
    name: str
    """Relative to the copy's folder, with `/`."""
    spans: tuple[Span, ...]
    """In the order of their bytes."""
    metadata: Mapping[str, str]
    is_same: bool
    """The source's bytes, one for one."""
    source_bytes: int

    def header(self) -> bytes:
        """The file's beginning, up to its data."""
        content: dict[str, object] = {"__metadata__": dict(self.metadata)} if self.metadata else {}
        at = 0
        for span in self.spans:
            end = at + span.target_bytes
            content[span.name] = {"dtype": span.dtype, "shape": span.shape, "data_offsets": [at, end]}
            at = end
        text = json.dumps(content, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)  # the format asks for data aligned to 8 bytes
        return len(text).to_bytes(8, "little") + text

    @property
    def data_bytes(self) -> int:
        """Of its tensors."""
        return sum(span.target_bytes for span in self.spans)

    @property
    def whole_bytes(self) -> int:
        """Of the file."""
        return self.source_bytes if self.is_same else len(self.header()) + self.data_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read, once, and what is made of it."""

    path: Path
    size_bytes: int
    targets: tuple[TargetFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPlan:
    """All of it."""

    sources: tuple[SourceFile, ...]
    left_out: tuple[str, ...]
    """Tensors for which no part has a use, by their names in the source."""
    targets: tuple[TargetFile, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Gather the targets."""
        object.__setattr__(self, "targets", tuple(chain.from_iterable(source.targets for source in self.sources)))

    def indexes(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Name and content of each sharded part's index."""
        for part, stem in WEIGHTS.items():
            files = [target for target in self.targets if target.part == part]
            if len(files) > 1:
                total = sum(file.data_bytes for file in files)
                names = {span.name: PurePosixPath(file.name).name for file in files for span in file.spans}
                content = {"metadata": {"total_size": total}, "weight_map": dict(sorted(names.items()))}
                yield f"{part}/{stem}.index.json", content


def copy_plan(parts: Mapping[PartName, PartWeights]) -> CopyPlan:
    """What to read and to write.

    Args:
        parts: where the weights of each lie; several may lie in one file.

    Raises:
        ModelInvalid: a file is not what its header says, or is of a kind that cannot be converted.
        OSError: one cannot be read now.
    """
    headers = {path: _header(path) for part in parts.values() for path in part.files}
    levels = levels_of(_names(parts["vae"], headers)) if "vae" in parts else 0
    spans: dict[tuple[Path, PartName], list[Span]] = defaultdict(list)
    left_out: list[str] = []
    for path, header in headers.items():
        for name, tensor in header.tensors.items():
            part = _owner(parts, path, name)
            made = _renamed(part, parts[part], name, tensor, levels) if part else ()
            if part and made:
                spans[path, part] += _spans(path, header, tensor, made)
            else:
                left_out.append(name)
    _require_once(spans)
    sources = tuple(
        SourceFile(
            path=path,
            size_bytes=header.data_start + max((one.end for one in header.tensors.values()), default=0),
            targets=tuple(_target(part, path, header, spans) for held, part in spans if held == path),
        )
        for path, header in headers.items()
    )
    return CopyPlan(sources=tuple(source for source in sources if source.targets), left_out=tuple(left_out))


def _header(path: Path) -> Header:
    try:
        return read_header(path)
    except FileFaultError as fault:
        raise ModelInvalid(gettext("{name} {fault}.", name=path.name, fault=fault.args[0])) from fault


def _names(part: PartWeights, headers: Mapping[Path, Header]) -> Iterator[str]:
    return (name.removeprefix(part.prefix) for path in part.files for name in headers[path].tensors)


def _owner(parts: Mapping[PartName, PartWeights], path: Path, name: str) -> PartName | None:
    """The part with the longest prefix that fits: the other parts of a file may have none."""
    fitting = [part for part, held in parts.items() if path in held.files and name.startswith(held.prefix)]
    return max(fitting, key=lambda part: len(parts[part].prefix), default=None)


def _renamed(part: PartName, held: PartWeights, name: str, tensor: Tensor, levels: int) -> tuple[Renamed, ...]:
    # transformers loads its own names with `model.` and without
    bare = name if part == "text_encoder" and held.prefix == "model." else name.removeprefix(held.prefix)
    return renamed(part, held.naming, bare, shape=tensor.shape, levels=levels)


def _spans(path: Path, header: Header, tensor: Tensor, made: tuple[Renamed, ...]) -> Iterator[Span]:
    if tensor.dtype not in READABLE:
        raise ModelInvalid(
            gettext(
                "{name} holds {kinds} numbers: use a file in bf16 or fp32, not a quantised one.",
                name=path.name,
                kinds=tensor.dtype,
            )
        )
    held = tensor.end - tensor.begin
    start = header.data_start + tensor.begin
    for one in made:
        begin = start + held * one.share // one.shares
        yield Span(
            name=one.name,
            shape=one.shape,
            source_dtype=tensor.dtype,
            begin=begin,
            end=begin + held // one.shares,
        )


def _require_once(spans: Mapping[tuple[Path, PartName], list[Span]]) -> None:
    """No tensor may come from two files: nobody could say which of them counts."""
    seen: dict[tuple[PartName, str], Path] = {}
    for (path, part), held in spans.items():
        for span in held:
            other = seen.setdefault((part, span.name), path)
            if other != path:
                raise ModelInvalid(
                    gettext(
                        "{name} and {other} both hold {tensor}: give one of them.",
                        name=path.name,
                        other=other.name,
                        tensor=span.name,
                    )
                )


def _target(
    part: PartName, path: Path, header: Header, spans: Mapping[tuple[Path, PartName], list[Span]]
) -> TargetFile:
    files = [held for held, other in spans if other == part]
    stem = WEIGHTS[part]
    number = f"-{files.index(path) + 1:05}-of-{len(files):05}" if len(files) > 1 else ""
    held = tuple(sorted(spans[path, part], key=lambda span: (span.begin, span.end)))
    stays = [(span.name, span.dtype, span.shape) for span in held]
    return TargetFile(
        part=part,
        name=f"{part}/{stem.removesuffix('.safetensors')}{number}.safetensors",
        spans=held,
        metadata=header.metadata or {"format": "pt"},
        is_same=stays == [(name, one.dtype, one.shape) for name, one in header.tensors.items()],
        source_bytes=header.data_start + max((one.end for one in header.tensors.values()), default=0),
    )
