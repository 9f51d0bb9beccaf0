"""The record of an added model, `model.json`: what it is, and the hash of each of its files.

Knows the record's form, what else may lie under its name, and when a recorded hash still holds.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeGuard, get_args

from worker.disk.json_records import RECORD_BYTES
from worker.identity import ModelKind
from worker.plain_names import is_plain_file_name
from worker.problem import legible
from worker.studio.model_files.checking.one_pass import ReadFile, Stamp
from worker.studio.model_files.safetensors_file import FileFaultError, open_regular, parse_json
from worker.translation import Text, gettext

RECORD = "model.json"
SCHEMA = 1
LONGEST_TEXT = 300
"""Characters: a name has 255 at most, `verified` says a little more."""
MOST_FILES = 1000
"""That a record names; the largest model has a few dozen."""
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
    """The record in a model's folder; None where there is none that can be used, which `record_fault` tells.

    Args:
        folder: of the model.

    Raises:
        OSError: it cannot be read now.
    """
    found = _looked_at(folder / RECORD)
    return None if isinstance(found, str) else found


def record_fault(folder: Path) -> Text | None:
    """What lies under the record's name and is none, half a sentence with its remedy; None where all is well.

    Args:
        folder: of the model.

    Raises:
        OSError: it cannot be read now.
    """
    why = _looked_at(folder / RECORD)
    if not isinstance(why, Text):
        return None
    return gettext(
        "{record} {why}, and counts for nothing, neither for kind nor for checksums: add the model again, or remove "
        "that file",
        record=RECORD,
        why=why,
    )


def _looked_at(path: Path) -> ModelRecord | Text | None:
    """A record, or what lies in its place; a link is followed, as a download cache has its files behind them."""
    try:
        with open_regular(path) as file:
            text = file.read(RECORD_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return gettext("is a link to a file that is not there") if path.is_symlink() else None
    except (IsADirectoryError, FileFaultError):
        return gettext("is no file")
    except OSError as error:
        if error.errno == errno.ELOOP:
            return gettext("is a link that leads in a circle")
        raise
    if not text.strip(b"\0 \r\n\t"):
        return gettext("is empty")
    if len(text) > RECORD_BYTES:
        return gettext("is larger than any record")
    try:
        content = parse_json(text)
    except ValueError:
        return gettext("is cut short, or no JSON")
    return _of_content(content)


def _of_content(content: Any) -> ModelRecord | Text:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(content, dict) or "schema" not in content:
        return gettext("is not what `model add` writes")
    if content["schema"] != SCHEMA:
        return gettext("is of another version of this program")
    try:
        if len(content["files"]) > MOST_FILES:
            return gettext("names more files than any model has")
        return _record(content) or gettext("holds what `model add` does not write")
    except (KeyError, TypeError, AttributeError):
        return gettext("lacks what `model add` writes")


def _record(content: Mapping[str, Any]) -> ModelRecord | None:
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
    return record if _is_sound(record) else None


def _files(content: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, RecordedFile]]:
    """The files of the folder itself; a way out of it is not gone.

    Raises:
        TypeError: a hash is none.
    """
    for name, one in content.items():
        stamp = Stamp(size=one["size"], mtime_ns=one["mtime_ns"], inode=one["inode"])
        if not _SHA256.fullmatch(one["sha256"]):
            raise TypeError(name)
        if all(is_plain_file_name(part) for part in name.split("/")):
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
