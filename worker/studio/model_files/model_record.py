"""The record of an added model, `model.json`: what it is, and the hash of each of its files.

Knows the record's form, and when a recorded hash still holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeGuard, get_args

from worker.disk.content import read_record
from worker.identity import ModelKind
from worker.plain_names import is_plain_file_name
from worker.problem import legible
from worker.studio.model_files.checking.one_pass import ReadFile, Stamp

RECORD = "model.json"
SCHEMA = 1
LONGEST_TEXT = 300
"""Characters: a name has 255 at most, `verified` says a little more."""
MOST_STEPS, MOST_GUIDANCE, LEAST_SHIFT, MOST_SHIFT = 100, 20, 0.01, 100
"""Beyond these is a slip."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFile:
    """A file as it was when it was written."""

    sha256: str
    stamp: Stamp

    def holds(self, path: Path) -> bool:
        """Whether the file is still that one, by size, time of change and inode.

        Raises:
            OSError: it is not there, or cannot be looked at.
        """
        return Stamp.of(path.stat()) == self.stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """What `model add` found out about a model."""

    name: str
    kind: ModelKind
    steps: int
    """Recommended inference steps."""
    guidance: float
    """Recommended guidance scale."""
    shift: float | None
    """Of the scheduler."""
    source: tuple[str, ...]
    """Names as people know them: a repository's, a folder's, files'; never a path of some machine."""
    verified: str | None
    """By what the source's files were compared with their published hashes, in words; None when they were not."""
    licence: str | None
    """As the model card's head says."""
    files: Mapping[str, RecordedFile]
    """By name in the folder, with `/`; never a way out of it."""

    def as_json(self) -> dict[str, object]:
        """What stands in the file."""
        files = {name: {"sha256": one.sha256, **asdict(one.stamp)} for name, one in sorted(self.files.items())}
        return {
            "schema": SCHEMA,
            "name": self.name,
            "kind": self.kind,
            "recommended": {"steps": self.steps, "guidance": self.guidance},
            "shift": self.shift,
            "source": list(self.source),
            "verified": self.verified,
            "licence": self.licence,
            "files": files,
        }

    def read_files(self, folder: Path) -> dict[Path, ReadFile]:
        """What is in the folder's files, of those that are still as they were written.

        Args:
            folder: of the model.

        Raises:
            OSError: it cannot be looked at.
        """
        held = {folder / name: one for name, one in self.files.items()}
        return {
            path: ReadFile(stamp=one.stamp, sha256=one.sha256)
            for path, one in held.items()
            if path.is_file() and one.holds(path)
        }


def read_model_record(folder: Path) -> ModelRecord | None:
    """The record in a model's folder; None where there is none, or something else of that name.

    Args:
        folder: of the model.

    Raises:
        OSError: it cannot be read now.
    """
    content: Mapping[str, Any] = read_record(folder / RECORD)
    try:
        advice = content["recommended"]
        record = ModelRecord(
            name=content["name"],
            kind=content["kind"],
            steps=advice["steps"],
            guidance=advice["guidance"],
            shift=content["shift"],
            source=tuple(content["source"]),
            verified=content["verified"],
            licence=content["licence"],
            files=dict(_files(content["files"])),
        )
    except (KeyError, TypeError, AttributeError):
        return None
    return record if content.get("schema") == SCHEMA and _is_sound(record) else None


def _files(content: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, RecordedFile]]:
    for name, one in content.items():
        stamp = Stamp(size=one["size"], mtime_ns=one["mtime_ns"], inode=one["inode"])
        is_inside = all(is_plain_file_name(part) for part in name.split("/"))
        if is_inside and _SHA256.fullmatch(one["sha256"]):
            yield name, RecordedFile(sha256=one["sha256"], stamp=stamp)


def _is_sound(record: ModelRecord) -> bool:
    """Whether every value is of its kind: a folder may have come from anywhere."""
    texts = (record.name, *record.source, record.verified or "", record.licence or "")
    return (
        all(isinstance(text, str) and legible(text) == text and len(text) <= LONGEST_TEXT for text in texts)
        and bool(record.name)
        and record.kind in get_args(ModelKind)
        and _is_number(record.steps, least=1, most=MOST_STEPS)
        and isinstance(record.steps, int)
        and _is_number(record.guidance, least=0, most=MOST_GUIDANCE)
        and (record.shift is None or is_shift(record.shift))
    )


def is_shift(value: object) -> TypeGuard[float]:
    """Whether a scheduler's shift may be so: what `model add` finds and what it has written alike.

    Args:
        value: of a scheduler's file or a record.
    """
    return _is_number(value, least=LEAST_SHIFT, most=MOST_SHIFT)


def _is_number(value: object, *, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
